"""ollama-generate."""
