"""The filter of a list: the line to type in, what completes it, and its conditions as chips."""
