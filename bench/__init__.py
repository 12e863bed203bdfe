"""What the gateway costs, beside programs that do less: `make bench`."""
