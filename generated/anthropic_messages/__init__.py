"""anthropic-messages."""
