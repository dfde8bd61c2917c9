"""The board: a query's answer as cards in columns, moved by mouse and keys."""
