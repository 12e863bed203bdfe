# Generated from specs/dialects/cohere_embed/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import Raw

from runtime.core.wire import Strict


class TextPart(Strict, tag_field="type", tag="text"):
    text: str | None = None


class ImageUrl(Strict):
    url: str


class ApiVersion(Strict):
    version: str | None = None
    is_deprecated: bool | None = None
    is_experimental: bool | None = None


class BilledUnits(Strict):
    images: float | None = None
    input_tokens: float | None = None
    image_tokens: float | None = None
    output_tokens: float | None = None
    search_units: float | None = None
    classifications: float | None = None
    text_tokens: float | None = None
    pages: float | None = None


class TokenCounts(Strict):
    input_tokens: float | None = None
    output_tokens: float | None = None


class ErrorEnvelope(Strict):
    id: str | None = None
    message: str | None = None


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: ImageUrl | None = None


class Meta(Strict):
    api_version: ApiVersion | None = None
    billed_units: BilledUnits | None = None
    tokens: TokenCounts | None = None
    cached_tokens: float | None = None
    warnings: Raw = None


class EmbedResponse(Strict):
    embeddings: Raw
    id: str | None = None
    response_type: str | None = None
    texts: list[str] | None = None
    images: Raw = None
    meta: Meta | None = None


class Input(Strict):
    content: list[InputPart]


class EmbedRequest(Strict):
    model: str
    input_type: str
    texts: list[str] | None = None
    inputs: list[Input] | None = None
    images: list[str] | None = None
    embedding_types: list[str] | None = None
    output_dimension: int | None = None
    max_tokens: int | None = None
    truncate: str | None = None
    priority: int | None = None


InputPart: TypeAlias = TextPart | ImagePart
