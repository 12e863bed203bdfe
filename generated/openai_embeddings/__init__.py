"""openai-embeddings."""
