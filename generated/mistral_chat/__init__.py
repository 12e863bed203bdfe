"""mistral-chat."""
