"""What mistralai says on the wire."""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import TypeAdapter

try:
    from mistralai.client import models
    from mistralai.client.chat import Chat
    from mistralai.client.errors.httpvalidationerror import HTTPValidationErrorData
    from mistralai.client.fim import Fim
    from mistralai.client.models_ import Models
except ImportError:  # 1.x
    from mistralai import models
    from mistralai.chat import Chat
    from mistralai.fim import Fim
    from mistralai.models import HTTPValidationErrorData
    from mistralai.models_ import Models

Schema = dict[str, Any]
CALL = re.compile(r"method=\"(\w+)\",\s+path=\"([^\"#]+)")


def chat() -> dict[str, list[Schema]]:
    """Schemas by root."""
    return {
        "ChatRequest": [sent(models.ChatCompletionRequest), sent(models.ChatCompletionStreamRequest)],
        "ChatCompletion": [sent(models.ChatCompletionResponse)],
        "ChatChunk": [sent(models.CompletionChunk)],
        **shared(),
    }


def fim() -> dict[str, list[Schema]]:
    """Schemas by root."""
    return {
        "FimRequest": [sent(models.FIMCompletionRequest), sent(models.FIMCompletionStreamRequest)],
        "FimCompletion": [sent(models.FIMCompletionResponse)],
        "FimChunk": [sent(models.CompletionChunk)],
        "ErrorEnvelope": shared()["ErrorEnvelope"],
    }


def shared() -> dict[str, list[Schema]]:
    return {"ErrorEnvelope": [sent(HTTPValidationErrorData)], "ModelList": [sent(models.ModelList)]}


def operations(resource: str) -> list[str]:
    """The calls of `chat` or `fim`, and of the models."""
    sources = [inspect.getsource(each) for each in ({"chat": Chat, "fim": Fim}[resource], Models)]
    return sorted({f"{verb} {path}" for source in sources for verb, path in CALL.findall(source)})


def sent(kind: type) -> Schema:
    """A type's JSON schema as its values are written.

    A constant that is its field's default is always there and never null. What the SDK puts where a value is absent,
    or where an answer says something it does not know, is its own.
    """
    schema = TypeAdapter(kind).json_schema()
    own = {f"#/$defs/{name}" for name in schema.get("$defs", {}) if name == "Unset" or name.startswith("Unknown")}
    return written(schema, own)


def written(node: Any, own: set[str]) -> Any:
    if isinstance(node, list):
        return [written(item, own) for item in node if not (isinstance(item, dict) and item.get("$ref") in own)]
    if not isinstance(node, dict):
        return node
    node = {key: written(sub, own) for key, sub in node.items()}
    fields = node.get("properties", {})
    for key, sub in fields.items():
        for option in [sub, *sub.get("anyOf", ())]:
            if "const" in option and option["const"] == sub.get("default"):
                fields[key] = option
                node["required"] = [*node.get("required", ()), key]
    return node
