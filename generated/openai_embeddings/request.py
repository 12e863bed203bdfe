# Generated from specs/dialects/openai_embeddings/mapping.yaml. Edit the spec, then `make generate`.
# EmbeddingsRequest <-> EmbedRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_embeddings import wire as w
from runtime.core.context import Context
from runtime.core.primitives import any_of, texts

DIALECT = "openai-embeddings"
ENCODING_LIFT = {None: None, "float": "float", "base64": "base64"}
ENCODING_LOWER = {
    "float": "float",
    "base64": "base64",
    "int8": "float",
    "uint8": "float",
    "binary": "float",
    "ubinary": "float",
}
PURPOSE_LIFT = {None: None, "query": "query", "document": "document", "passage": "document"}
PURPOSE_LOWER = {
    "query": "query",
    "document": "document",
    "similarity": "document",
    "classification": "document",
    "clustering": "document",
    "image": "document",
    "question": "query",
    "fact": "query",
    "code": "query",
}
decode_request = Decoder(w.EmbeddingsRequest).decode


def lift_embeddings_request(wire: w.EmbeddingsRequest, ctx: Context) -> c.EmbedRequest:
    return c.EmbedRequest(
        model=wire.model,
        texts=texts.lift(wire.input),
        dimensions=wire.dimensions if wire.dimensions is not None else wire.output_dimension,
        encoding=ENCODING_LIFT.get(wire.encoding_format, "float"),
        end_user=wire.user,
        purpose=PURPOSE_LIFT.get(wire.input_type, "document"),
        carried=ctx.keep(wire, KEPT_EMBEDDINGS_REQUEST) if HELD_EMBEDDINGS_REQUEST(wire) else None,
    )


def lower_embeddings_request(value: c.EmbedRequest, ctx: Context) -> w.EmbeddingsRequest:
    if value.truncate is not None:
        ctx.lose(value, "truncate", "EmbeddingsRequest.truncate")
    wire = w.EmbeddingsRequest(
        model=value.model,
        input=texts.lower(value.texts),
        dimensions=value.dimensions,
        encoding_format=ctx.say(ENCODING_LOWER, ENCODING_LIFT, value.encoding, None, value, "encoding"),
        user=value.end_user,
        input_type=None
        if (ctx.say(PURPOSE_LOWER, PURPOSE_LIFT, value.purpose, None, value, "purpose")) is None
        else ctx.needs(
            "embedding_purpose",
            value,
            "purpose",
            ctx.say(PURPOSE_LOWER, PURPOSE_LIFT, value.purpose, None, value, "purpose"),
            "EmbeddingsRequest.purpose",
        ),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


KEPT_EMBEDDINGS_REQUEST = ["metadata", "output_dtype", "truncate", "truncation"]
HELD_EMBEDDINGS_REQUEST = any_of("metadata", "output_dtype", "truncate", "truncation")


def lift_request(wire: w.EmbeddingsRequest, ctx: Context) -> c.EmbedRequest:
    return lift_embeddings_request(wire, ctx)


def lower_request(value: c.EmbedRequest, ctx: Context) -> w.EmbeddingsRequest:
    return lower_embeddings_request(value, ctx)
