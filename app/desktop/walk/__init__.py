"""The walk through a building: one line to type in, everything else set once."""
