"""A project as a folder of Markdown files, both ways."""
