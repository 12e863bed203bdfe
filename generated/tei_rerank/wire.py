# Generated from specs/dialects/tei_rerank/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from runtime.core.wire import Strict


class RerankRequest(Strict):
    model: str
    query: str
    texts: list[str]
    truncate: bool | None = None
    truncation_direction: str | None = None
    raw_scores: bool | None = None
    return_text: bool | None = None


class Rank(Strict):
    index: int
    score: float
    text: str | None = None


class ErrorEnvelope(Strict):
    error: str
    error_type: str | None = None


class RerankResponse(Strict):
    results: list[Rank]
