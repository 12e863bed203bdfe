# Generated from specs/dialects/openai_embeddings/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from runtime.core.wire import Strict


class EmbeddingsRequest(Strict):
    model: str
    input: Raw
    dimensions: int | None = None
    encoding_format: str | None = None
    user: str | None = None
    input_type: str | None = None
    metadata: Raw = None
    output_dimension: int | None = None
    output_dtype: str | None = None
    truncate: str | None = None
    truncation: bool | None = None


class Embedding(Strict):
    embedding: Raw
    object: str | None = None
    index: int | None = None
    encoding_format: str | None = None


class Usage(Strict):
    prompt_tokens: int | None = None
    total_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_audio_seconds: int | None = None
    prompt_tokens_details: Raw = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    param: str | None | UnsetType = UNSET
    code: str | int | None | UnsetType = UNSET
    misalignment: Raw = None
    n_ctx: int | None = None
    n_prompt_tokens: int | None = None


class Embeddings(Strict):
    data: list[Embedding]
    object: str | None = None
    model: str | None = None
    usage: Usage | None = None
    id: str | None = None
    created: int | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail
