"""openai-completions."""
