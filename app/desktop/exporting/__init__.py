"""Writing what a page shows into a file for spreadsheets."""
