"""The Markdown folder of a project in the window."""
