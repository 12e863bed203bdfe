# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules.

DIALECTS = {"anthropic-messages": {"package": "anthropic_messages"}, "openai-chat": {"package": "openai_chat"}}
