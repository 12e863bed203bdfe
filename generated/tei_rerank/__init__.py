"""tei-rerank."""
