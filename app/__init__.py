"""The desktop program: domain, project file, queries, keys, command line and window."""
