"""The item: one record with its fields, its text, its files, comments and history."""
