"""Editing merging text in a window."""
