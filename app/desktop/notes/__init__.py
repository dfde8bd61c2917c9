"""Notes in the window: the tree as a page and in the side bar, days, templates, and what becomes of notes."""
