"""Looking through what others did: accept, send back with a reason, the next one opens by itself."""
