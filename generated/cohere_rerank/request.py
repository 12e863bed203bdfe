# Generated from specs/dialects/cohere_rerank/mapping.yaml. Edit the spec, then `make generate`.
# RerankRequest <-> RerankRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_rerank import wire as w
from runtime.core.context import Context
from runtime.core.primitives import any_of, texts

DIALECT = "cohere-rerank"
decode_request = Decoder(w.RerankRequest).decode


def lift_rerank_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    return c.RerankRequest(
        model=wire.model,
        query=wire.query,
        documents=texts.lift(wire.documents),
        top=wire.top_n,
        max_document_tokens=wire.max_tokens_per_doc,
        carried=ctx.keep(wire, KEPT_RERANK_REQUEST) if HELD_RERANK_REQUEST(wire) else None,
    )


def lower_rerank_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    wire = w.RerankRequest(
        model=value.model,
        query=value.query,
        documents=texts.lower(value.documents),
        top_n=value.top,
        max_tokens_per_doc=value.max_document_tokens,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


KEPT_RERANK_REQUEST = ["priority", "return_documents", "relevant_spans", "rank_fields"]
HELD_RERANK_REQUEST = any_of("priority", "return_documents", "relevant_spans", "rank_fields")


def lift_request(wire: w.RerankRequest, ctx: Context) -> c.RerankRequest:
    return lift_rerank_request(wire, ctx)


def lower_request(value: c.RerankRequest, ctx: Context) -> w.RerankRequest:
    return lower_rerank_request(value, ctx)
