"""Finding records by their titles and texts."""
