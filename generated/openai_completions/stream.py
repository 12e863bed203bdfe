# Generated from specs/dialects/openai_completions/mapping.yaml. Edit the spec, then `make generate`.
# section `stream`: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated.openai_completions import wire as w
from generated.openai_completions.response import (
    STATUS_LOWER,
    decode_error,
    lift_error,
    lift_response,
    lower_error,
    lower_response,
)
from runtime.core.context import Context
from runtime.core.partial import PartialLifter, PartialLowerer

DIALECT = "openai-completions"


LOUD = (
    b'"error"',
    b'"usage"',
    b'"finish_reason"',
    b"[DONE]",
)  # what tells a frame that is more than content
decode_frame = Decoder(w.CompletionChunk).decode


class StreamLifter(PartialLifter):
    """Frames in, canonical events out. Every frame is a small answer; together they say what the whole would."""

    done = b"[DONE]"

    def __init__(self, ctx: Context):
        super().__init__(ctx, decode_frame, lift_response, decode_error, lift_error)


class StreamLowerer(PartialLowerer):
    """Canonical events in, frames out: (event name, payload) pairs. Every frame is a small answer."""

    done = b"[DONE]"
    pings = False

    def __init__(self, ctx: Context):
        super().__init__(ctx, lower_response, lower_error, "cmpl-{id}", STATUS_LOWER)

    def counted(self) -> bool:
        return self.ctx.stream_usage
