# Generated from specs/dialects/ollama_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedRequest <-> EmbedRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_embed import wire as w
from runtime.core.context import Context

DIALECT = "ollama-embed"
decode_request = Decoder(w.EmbedRequest).decode


def lift_embed_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    if wire.truncate is not None:
        ctx.left(wire, "truncate", "EmbedRequest.truncate")
    return c.EmbedRequest(
        model=wire.model,
        texts=[wire.input] if type(wire.input) is str else wire.input,
        dimensions=wire.dimensions,
        carried=ctx.keep(wire, ["keep_alive", "options"])
        if wire.keep_alive is not None or wire.options is not None
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
        model=value.model,
        input=value.texts[0] if value.texts and len(value.texts) == 1 else value.texts,
        dimensions=value.dimensions,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    return lift_embed_request(wire, ctx)


def lower_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedRequest:
    return lower_embed_request(value, ctx)
