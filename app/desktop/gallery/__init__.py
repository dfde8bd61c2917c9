"""All photos and files of a project, or of one issue, by day."""
