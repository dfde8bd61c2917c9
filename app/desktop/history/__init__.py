"""The history of a text: who wrote what when, what changed, and what of it can be had back."""
