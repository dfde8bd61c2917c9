"""The command palette, the quick switcher, and the page of all shortcuts."""
