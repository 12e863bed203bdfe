# Generated from specs/dialects/bedrock_titan_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedRequest <-> EmbedRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.bedrock_titan_embed import wire as w
from runtime.core.context import Context
from runtime.core.primitives import only

DIALECT = "bedrock-titan-embed"
decode_request = Decoder(w.EmbedRequest).decode


def lift_embed_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    return c.EmbedRequest(
        model=ctx.model,
        texts=only.lower(wire.input_text),
        dimensions=wire.dimensions,
        carried=ctx.keep(wire, ["normalize", "embeddingTypes"])
        if wire.normalize is not None or wire.embedding_types is not None
        else None,
    )


def lower_embed_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedRequest:
    if value.purpose is not None:
        ctx.lose(value, "purpose", "EmbedRequest.purpose")
    if value.truncate is not None:
        ctx.lose(value, "truncate", "EmbedRequest.truncate")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "EmbedRequest.end_user")
    wire = w.EmbedRequest(
        input_text=only.lift(value.texts),
        dimensions=value.dimensions,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    return lift_embed_request(wire, ctx)


def lower_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedRequest:
    return lower_embed_request(value, ctx)
