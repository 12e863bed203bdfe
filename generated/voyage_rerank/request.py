# Generated from specs/dialects/voyage_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankRequest <-> RerankRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.voyage_rerank import wire as w
from runtime.core.context import Context

DIALECT = "voyage-rerank"
decode_request = Decoder(w.RerankRequest).decode


def lift_rerank_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    if wire.return_documents is not None:
        ctx.left(wire, "return_documents", "RerankRequest.return_documents")
    return c.RerankRequest(
        model=wire.model,
        query=wire.query,
        documents=wire.documents,
        top=wire.top_k,
        carried=ctx.keep(wire, ["truncation"]) if wire.truncation is not None else None,
    )


def lower_rerank_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    if value.max_document_tokens is not None:
        ctx.lose(value, "max_document_tokens", "RerankRequest.max_document_tokens")
    wire = w.RerankRequest(
        model=value.model,
        query=value.query,
        documents=value.documents,
        top_k=value.top,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    return lift_rerank_request(wire, ctx)


def lower_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    return lower_rerank_request(value, ctx)
