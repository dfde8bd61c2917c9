"""Text that merges: positions in it, and its forms. No Qt, no storage."""
