# Generated from specs/dialects/tei_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankRequest <-> RerankRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.tei_rerank import wire as w
from runtime.core.context import Context

DIALECT = "tei-rerank"
decode_request = Decoder(w.RerankRequest).decode


def lift_rerank_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    if wire.return_text is not None:
        ctx.left(wire, "return_text", "RerankRequest.return_text")
    return c.RerankRequest(
        model=wire.model,
        query=wire.query,
        documents=wire.texts,
        carried=ctx.keep(wire, ["truncate", "truncation_direction", "raw_scores"])
        if wire.truncate is not None or wire.truncation_direction is not None or wire.raw_scores is not None
        else None,
    )


def lower_rerank_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    if value.max_document_tokens is not None:
        ctx.lose(value, "max_document_tokens", "RerankRequest.max_document_tokens")
    wire = w.RerankRequest(
        model=value.model,
        query=value.query,
        texts=value.documents,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    return lift_rerank_request(wire, ctx)


def lower_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    return lower_rerank_request(value, ctx)
