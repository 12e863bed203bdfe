# Generated from specs/canonical/protocol.yaml. Edit the spec, then `make generate`.
# The identity: the wire's request is the canonical one.
from __future__ import annotations

from msgspec.json import Decoder, Encoder

from generated import canonical as c
from generated.native import wire as w
from runtime.core.context import Context
from runtime.core.primitives import in_turns

DIALECT = "canonical"

decode_request = Decoder(w.Request).decode  # strictly, so that what is unknown is found
encode = Encoder().encode
convert = Decoder(c.Request).decode


def lift_request(wire: w.Request, ctx: Context) -> c.Request:
    value = convert(encode(wire))
    in_turns(value.blocks or [])
    return value
