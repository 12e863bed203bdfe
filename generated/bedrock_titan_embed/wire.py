# Generated from specs/dialects/bedrock_titan_embed/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import Raw, field

from runtime.core.wire import Strict


class EmbedRequest(Strict):
    input_text: str = field(name="inputText")
    dimensions: int | None = None
    normalize: bool | None = None
    embedding_types: Raw = field(name="embeddingTypes", default=None)


class EmbedResponse(Strict):
    embedding: Raw
    input_text_token_count: int | None = field(name="inputTextTokenCount", default=None)
    embeddings_by_type: Raw = field(name="embeddingsByType", default=None)


class ErrorEnvelope(Strict):
    message: str | None = None
    field__type: str | None = field(name="__type", default=None)
