"""The gateway: pure decisions in `core`, effects in `shell`."""
