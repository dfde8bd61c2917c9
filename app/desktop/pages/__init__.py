"""Pages that are not lists: the ways in, the recovery key, invites, settings."""
