# Generated from specs/dialects/voyage_rerank/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from runtime.core.wire import Strict


class RerankRequest(Strict):
    model: str
    query: str
    documents: list[str]
    top_k: int | None = None
    truncation: bool | None = None
    return_documents: bool | None = None


class Result(Strict):
    index: int
    relevance_score: float
    document: str | None = None


class Usage(Strict):
    total_tokens: int | None = None


class ErrorEnvelope(Strict):
    detail: str


class RerankResponse(Strict):
    data: list[Result]
    object: str | None = None
    model: str | None = None
    usage: Usage | None = None
