"""What cohere says on the wire, in version 2 of its API."""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any, NotRequired, Required

from cohere import types
from cohere.models.raw_client import RawModelsClient
from cohere.v2 import types as v2
from cohere.v2.raw_client import RawV2Client
from pydantic import TypeAdapter
from typing_extensions import TypedDict

Schema = dict[str, Any]
CALL = re.compile(r"\"(v\d/[^\"{]+)(?:\{\w+\((\w+)\)\})?\",\s+method=\"(\w+)\"")


def chat() -> dict[str, list[Schema]]:
    """Schemas by root."""
    return {
        "ChatRequest": [asked(RawV2Client.chat, stream=bool), asked(RawV2Client.chat_stream, stream=bool)],
        "ChatResponse": [written(v2.V2ChatResponse)],
        "StreamEvent": [written(v2.V2ChatStreamResponse)],
        "ModelList": [written(types.ListModelsResponse)],
    }


def embed() -> dict[str, list[Schema]]:
    """Schemas by root."""
    return {"EmbedRequest": [asked(RawV2Client.embed)], "EmbedResponse": [written(types.EmbedByTypeResponse)]}


def rerank() -> dict[str, list[Schema]]:
    """Schemas by root."""
    return {"RerankRequest": [asked(RawV2Client.rerank)], "RerankResponse": [written(v2.V2RerankResponse)]}


def operations(resource: str) -> list[str]:
    """The calls of `chat`, with all that no other resource has, of `embed` or of `rerank`."""
    alone = {"embed": [RawV2Client.embed], "rerank": [RawV2Client.rerank]}
    found = set()
    for source in map(inspect.getsource, alone.get(resource, [RawV2Client, RawModelsClient])):
        for path, parameter, verb in CALL.findall(source):
            found.add(f"{verb} /{path}{{{parameter}}}" if parameter else f"{verb} /{path}")
    return sorted(found)


def asked(call: Any, **more: type) -> Schema:
    """The JSON body that a call makes of its parameters; `more` are fields that it fills in itself."""
    kinds = typing.get_type_hints(call, include_extras=True)
    fields: dict[str, Any] = {name: NotRequired[kind] for name, kind in more.items()}
    for name, parameter in inspect.signature(call).parameters.items():
        if name not in ("self", "request_options"):
            needed = parameter.default is inspect.Parameter.empty
            fields[name] = Required[kinds[name]] if needed else NotRequired[kinds[name]]
    return written(TypedDict("Body", fields))


def written(kind: Any) -> Schema:
    """A type's JSON schema as its values are written.

    A constant that is its field's default is always there, and words beside anything at all are an open enum.
    """
    return plain(TypeAdapter(kind).json_schema())


def plain(node: Any) -> Any:
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: plain(sub) for key, sub in node.items()}
    options = node.get("anyOf", ())
    if any("enum" in option or "const" in option for option in options):
        node["anyOf"] = [option for option in options if option]
    for key, sub in node.get("properties", {}).items():
        if "const" in sub and sub["const"] == sub.get("default"):
            node["required"] = [*node.get("required", ()), key]
    return node
