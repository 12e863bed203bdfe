"""cohere-rerank."""
