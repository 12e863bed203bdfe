"""Effects: the only place with sockets, a clock, the environment and a log."""
