"""Pure: no sockets, clock, randomness, files or environment."""
