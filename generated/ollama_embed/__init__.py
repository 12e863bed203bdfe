"""ollama-embed."""
