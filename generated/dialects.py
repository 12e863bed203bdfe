# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules.

DIALECTS = {
    "anthropic-messages": {"package": "anthropic_messages"},
    "gemini-generate": {"package": "gemini_generate"},
    "ollama-chat": {"package": "ollama_chat"},
    "openai-chat": {"package": "openai_chat"},
}
