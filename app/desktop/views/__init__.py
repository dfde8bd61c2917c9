"""Saved views in the window: their entries in the side bar, and the tools that change what is shown."""
