# Generated from specs/dialects/cohere_rerank/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import Raw

from runtime.core.wire import Strict


class RerankRequest(Strict):
    model: str
    query: str
    documents: Raw
    top_n: int | None = None
    max_tokens_per_doc: int | None = None
    priority: int | None = None
    relevant_spans: Raw = None
    return_documents: bool | None = None
    rank_fields: Raw = None


class Result(Strict):
    index: int
    relevance_score: float
    relevant_spans: Raw = None
    document: Raw = None


class Usage(Strict):
    prompt_tokens: int | None = None
    total_tokens: int | None = None


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


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | int | None = None


class Meta(Strict):
    api_version: ApiVersion | None = None
    billed_units: BilledUnits | None = None
    tokens: TokenCounts | None = None
    cached_tokens: float | None = None
    warnings: Raw = None


class ErrorEnvelope(Strict):
    id: str | None = None
    message: str | None = None
    error: str | ErrorDetail | None = None


class RerankResponse(Strict):
    results: list[Result]
    id: str | None = None
    meta: Meta | None = None
    model: str | None = None
    object: str | None = None
    usage: Usage | None = None
