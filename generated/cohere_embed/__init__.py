"""cohere-embed."""
