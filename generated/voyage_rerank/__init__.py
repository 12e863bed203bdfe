"""voyage-rerank."""
