"""The page of sync: how it stands, what waits, each device, what happened, and the check of everything."""
