# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules, and the canonical type of what it asks.

DIALECTS = {
    "anthropic-messages": {"package": "anthropic_messages", "asks": "Request"},
    "ollama-chat": {"package": "ollama_chat", "asks": "Request"},
    "openai-chat": {"package": "openai_chat", "asks": "Request"},
    "openai-responses": {"package": "openai_responses", "asks": "Request"},
}
