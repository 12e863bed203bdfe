"""openai-responses."""
