"""Roads between devices: the interface in ``base``, and one module for each road."""
