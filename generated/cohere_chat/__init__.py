"""cohere-chat."""
