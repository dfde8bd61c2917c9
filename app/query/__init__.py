"""The filter language: parsing, evaluation and sorting."""
