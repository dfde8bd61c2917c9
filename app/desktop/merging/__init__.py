"""Making one record of several that mean the same."""
