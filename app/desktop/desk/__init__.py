"""The desk: a query's answer on the screen, as a table or a list, followed live and edited in place."""
