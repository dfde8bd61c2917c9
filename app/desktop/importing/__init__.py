"""Taking a table in: what becomes of each column and what will not fit is shown before anything is written."""
