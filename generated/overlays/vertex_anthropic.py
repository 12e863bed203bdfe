# Generated from specs/providers/vertex_anthropic.yaml. Edit the spec, then `make generate`.
# What vertex_anthropic takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

Report = Callable[..., None]


def edit_anthropic_messages(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    body.pop("model", None)
    body.setdefault("anthropic_version", Raw(b'"vertex-2023-10-16"'))
