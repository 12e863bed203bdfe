# Generated from specs/dialects/gemini_generate/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated.gemini_generate import wire as w
from generated.gemini_generate.response import (
    STATUS_LOWER,
    decode_error,
    lift_error,
    lift_response,
    lower_error,
    lower_response,
)
from runtime.core.context import Context
from runtime.core.partial import PartialLifter, PartialLowerer

DIALECT = "gemini-generate"


LOUD = (
    b'"error"',
    b'"promptFeedback"',
    b'"usageMetadata"',
    b'"finishReason"',
)  # what tells a frame that is more than content
decode_frame = Decoder(w.GenerateContentResponse).decode


class StreamLifter(PartialLifter):
    """Frames in, canonical events out. Every frame is a small answer; together they say what the whole would."""

    def __init__(self, ctx: Context):
        super().__init__(ctx, decode_frame, lift_response, decode_error, lift_error)


class StreamLowerer(PartialLowerer):
    """Canonical events in, frames out: (event name, payload) pairs. Every frame is a small answer."""

    pings = False
    cites = True

    def __init__(self, ctx: Context):
        super().__init__(ctx, lower_response, lower_error, "{id}", STATUS_LOWER)
