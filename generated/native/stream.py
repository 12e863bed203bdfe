# Generated from specs/canonical/protocol.yaml. Edit the spec, then `make generate`.
# The identity: canonical events are the frames.
from __future__ import annotations

from msgspec.json import Encoder

from generated import canonical as c
from runtime.core.context import Context

DIALECT = "canonical"

encode = Encoder().encode
NAMES = {
    c.MessageStart: b"message_start",
    c.BlockStart: b"block_start",
    c.BlockDelta: b"block_delta",
    c.BlockStop: b"block_stop",
    c.CandidateStop: b"candidate_stop",
    c.UsageSeen: b"usage",
    c.MessageEnd: b"message_end",
    c.StreamError: b"error",
    c.Ping: b"ping",
}


class StreamLowerer:
    """Canonical events in, frames out."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def feed(self, event: c.Event) -> list[tuple[bytes, bytes]]:
        return [(NAMES[type(event)], encode(event))]
