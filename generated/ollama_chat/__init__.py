"""ollama-chat."""
