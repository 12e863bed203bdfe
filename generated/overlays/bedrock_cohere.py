# Generated from specs/providers/bedrock_cohere.yaml. Edit the spec, then `make generate`.
# What bedrock_cohere takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

Report = Callable[..., None]


def edit_cohere_embed(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    for field in ["max_tokens", "priority"]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
    body.pop("model", None)
    body.setdefault("embedding_types", Raw(b'["float"]'))


def edit_cohere_rerank(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if body.pop("priority", None) is not None:
        lost("priority", "not known here")
    body.pop("model", None)
    body.setdefault("api_version", Raw(b"2"))
