"""The command line: one module a command group, over the same operations as the window."""
