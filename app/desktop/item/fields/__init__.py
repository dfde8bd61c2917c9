"""An editor for each type of field: it shows a value flat, and edits it in place."""
