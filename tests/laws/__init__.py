"""Values of every type that the specs declare, and the ways they are sent: what the laws are tested with."""
