"""Lists of records: their rows, what is painted for each, and the page around them."""
