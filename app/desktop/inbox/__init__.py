"""The inbox and one's own work, across all projects."""
