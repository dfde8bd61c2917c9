"""What is live in the window: wake-ups by the server, and who is there."""
