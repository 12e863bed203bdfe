# Generated from specs/dialects/gemini_embed/mapping.yaml. Edit the spec, then `make generate`.
# EmbedContentRequest <-> EmbedRequest: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.gemini_embed import wire as w
from runtime.core.context import Context
from runtime.core.primitives import content_text, first

DIALECT = "gemini-embed"
TASK_TYPE_LIFT = {
    None: None,
    "RETRIEVAL_QUERY": "query",
    "RETRIEVAL_DOCUMENT": "document",
    "SEMANTIC_SIMILARITY": "similarity",
    "CLASSIFICATION": "classification",
    "CLUSTERING": "clustering",
    "QUESTION_ANSWERING": "question",
    "FACT_VERIFICATION": "fact",
    "CODE_RETRIEVAL_QUERY": "code",
}
TASK_TYPE_LOWER = {
    "query": "RETRIEVAL_QUERY",
    "document": "RETRIEVAL_DOCUMENT",
    "similarity": "SEMANTIC_SIMILARITY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "question": "QUESTION_ANSWERING",
    "fact": "FACT_VERIFICATION",
    "code": "CODE_RETRIEVAL_QUERY",
    "image": "RETRIEVAL_DOCUMENT",
}
CUT_LIFT = {True: "end", False: "none"}
CUT_LOWER = {None: None, "end": True, "none": False, "start": True}
decode_request = Decoder(w.EmbedContentRequest).decode


def lift_embed_content_request(wire: w.EmbedContentRequest, ctx: Context) -> c.EmbedRequest:
    embed_content_config = wire.embed_content_config
    if wire.title is not None:
        ctx.left(wire, "title", "EmbedContentRequest.title")
    if (wire.embed_content_config and wire.embed_content_config.title) is not None:
        ctx.left(wire, "embedContentConfig.title", "EmbedContentRequest.embedContentConfig.title")
    if (wire.embed_content_config and wire.embed_content_config.document_ocr) is not None:
        ctx.left(wire, "embedContentConfig.documentOcr", "EmbedContentRequest.embedContentConfig.documentOcr")
    if (wire.embed_content_config and wire.embed_content_config.audio_track_extraction) is not None:
        ctx.left(
            wire,
            "embedContentConfig.audioTrackExtraction",
            "EmbedContentRequest.embedContentConfig.audioTrackExtraction",
        )
    return c.EmbedRequest(
        model=ctx.model,
        texts=content_text.lift(wire.content),
        purpose=first(
            TASK_TYPE_LIFT.get(embed_content_config and embed_content_config.task_type, "document"),
            TASK_TYPE_LIFT.get(wire.task_type, "document"),
        ),
        dimensions=(embed_content_config and embed_content_config.output_dimensionality)
        if (embed_content_config and embed_content_config.output_dimensionality) is not None
        else wire.output_dimensionality,
        truncate=CUT_LIFT.get(
            embed_content_config and embed_content_config.auto_truncate,
            embed_content_config and embed_content_config.auto_truncate,
        ),
    )


def lower_embed_content_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedContentRequest:
    if value.end_user is not None:
        ctx.lose(value, "end_user", "EmbedContentRequest.end_user")
    embed_content_config_task_type = ctx.say(TASK_TYPE_LOWER, TASK_TYPE_LIFT, value.purpose, None, value, "purpose")
    embed_content_config_output_dimensionality = value.dimensions
    embed_content_config_auto_truncate = (
        None
        if (ctx.say(CUT_LOWER, CUT_LIFT, value.truncate, True, value, "truncate")) is None
        else ctx.needs(
            "auto_truncate",
            value,
            "truncate",
            ctx.say(CUT_LOWER, CUT_LIFT, value.truncate, True, value, "truncate"),
            "EmbedContentRequest.truncate",
        )
    )
    embed_content_config = (
        w.EmbedContentConfig(
            task_type=embed_content_config_task_type,
            output_dimensionality=embed_content_config_output_dimensionality,
            auto_truncate=embed_content_config_auto_truncate,
        )
        if embed_content_config_task_type is not None
        or embed_content_config_output_dimensionality is not None
        or embed_content_config_auto_truncate is not None
        else None
    )
    return w.EmbedContentRequest(
        content=content_text.lower(value.texts),
        embed_content_config=embed_content_config,
    )


def lift_request(wire: w.EmbedContentRequest, ctx: Context) -> c.EmbedRequest:
    return lift_embed_content_request(wire, ctx)


def lower_request(value: c.EmbedRequest, ctx: Context) -> w.EmbedContentRequest:
    return lower_embed_content_request(value, ctx)
