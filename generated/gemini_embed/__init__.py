"""gemini-embed."""
