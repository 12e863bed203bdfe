"""gemini-embed-batch."""
