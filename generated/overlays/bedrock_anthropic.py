# Generated from specs/providers/bedrock_anthropic.yaml. Edit the spec, then `make generate`.
# What bedrock_anthropic takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

Report = Callable[..., None]


def edit_anthropic_messages(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    body.pop("model", None)
    body.pop("stream", None)
    body.setdefault("anthropic_version", Raw(b'"bedrock-2023-05-31"'))
