# Generated from specs/dialects/cohere_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedRequest <-> EmbedRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_embed import wire as w
from runtime.core.context import Context
from runtime.core.primitives import any_of, only

DIALECT = "cohere-embed"
PURPOSE_LIFT = {
    None: None,
    "search_document": "document",
    "search_query": "query",
    "classification": "classification",
    "clustering": "clustering",
    "image": "image",
}
PURPOSE_LOWER = {
    "document": "search_document",
    "query": "search_query",
    "classification": "classification",
    "clustering": "clustering",
    "image": "image",
    "similarity": "clustering",
    "question": "search_query",
    "fact": "search_query",
    "code": "search_query",
}
TRUNCATE_LIFT = {None: None, "NONE": "none", "START": "start", "END": "end"}
TRUNCATE_LOWER = {"none": "NONE", "start": "START", "end": "END"}
decode_request = Decoder(w.EmbedRequest).decode


def lift_embed_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    return c.EmbedRequest(
        model=wire.model,
        texts=ctx.needed(wire.texts, wire, "texts"),
        purpose=PURPOSE_LIFT.get(wire.input_type, "document"),
        encoding=None if wire.embedding_types is None else only.lift(wire.embedding_types),
        dimensions=wire.output_dimension,
        truncate=TRUNCATE_LIFT.get(wire.truncate, "end"),
        carried=ctx.keep(wire, KEPT_EMBED_REQUEST) if HELD_EMBED_REQUEST(wire) else None,
    )


def lower_embed_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedRequest:
    if value.end_user is not None:
        ctx.lose(value, "end_user", "EmbedRequest.end_user")
    wire = w.EmbedRequest(
        model=value.model,
        texts=value.texts,
        input_type="search_document"
        if (ctx.say(PURPOSE_LOWER, PURPOSE_LIFT, value.purpose, None, value, "purpose")) is None
        else ctx.say(PURPOSE_LOWER, PURPOSE_LIFT, value.purpose, None, value, "purpose"),
        embedding_types=None if value.encoding is None else only.lower(value.encoding),
        output_dimension=value.dimensions,
        truncate=ctx.say(TRUNCATE_LOWER, TRUNCATE_LIFT, value.truncate, None, value, "truncate"),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


KEPT_EMBED_REQUEST = ["max_tokens", "priority", "images", "inputs"]
HELD_EMBED_REQUEST = any_of("max_tokens", "priority", "images", "inputs")


def lift_request(wire: w.EmbedRequest, ctx: Context) -> c.EmbedRequest:
    return lift_embed_request(wire, ctx)


def lower_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedRequest:
    return lower_embed_request(value, ctx)
