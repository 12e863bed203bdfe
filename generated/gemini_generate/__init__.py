"""gemini-generate."""
