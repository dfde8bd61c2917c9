"""One profile at work: its vault, its projects, founding, inviting, joining, and who is who in them."""
