# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules, and the canonical type of what it asks.

DIALECTS = {
    "anthropic-messages": {"package": "anthropic_messages", "asks": "Request"},
    "cohere-chat": {"package": "cohere_chat", "asks": "Request"},
    "cohere-embed": {"package": "cohere_embed", "asks": "EmbedRequest"},
    "cohere-rerank": {"package": "cohere_rerank", "asks": "RerankRequest"},
    "gemini-generate": {"package": "gemini_generate", "asks": "Request"},
    "llamacpp-infill": {"package": "llamacpp_infill", "asks": "Request"},
    "mistral-fim": {"package": "mistral_fim", "asks": "Request"},
    "ollama-chat": {"package": "ollama_chat", "asks": "Request"},
    "ollama-embed": {"package": "ollama_embed", "asks": "EmbedRequest"},
    "ollama-generate": {"package": "ollama_generate", "asks": "Request"},
    "openai-chat": {"package": "openai_chat", "asks": "Request"},
    "openai-completions": {"package": "openai_completions", "asks": "Request"},
    "openai-embeddings": {"package": "openai_embeddings", "asks": "EmbedRequest"},
    "openai-responses": {"package": "openai_responses", "asks": "Request"},
}

# And the canonical model itself.
NATIVE = {"canonical": {"package": "native", "asks": "Request"}}
