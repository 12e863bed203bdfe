"""openai-chat."""
