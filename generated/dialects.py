# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules.

DIALECTS = {
    "anthropic-messages": {"package": "anthropic_messages"},
    "ollama-chat": {"package": "ollama_chat"},
    "openai-chat": {"package": "openai_chat"},
    "openai-responses": {"package": "openai_responses"},
}
