"""What a project is described with: categories, fields, statuses, labels and locations, changed in place."""
