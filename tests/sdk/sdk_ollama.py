"""What the ollama package says on the wire: its pydantic types, written without what is None."""

from __future__ import annotations

import inspect
import re
from typing import Any

from ollama import Client, _types
from pydantic import TypeAdapter

Schema = dict[str, Any]


def chat() -> dict[str, list[Schema]]:
    """Schemas by root; what a stream gives is of the same type as the whole answer, and so is a frame."""
    return {
        "ChatRequest": [schema(_types.ChatRequest)],
        "ChatResponse": [schema(_types.ChatResponse, "serialization")],
        "ChatChunk": [schema(_types.ChatResponse, "serialization")],
        "ErrorEnvelope": [error()],
        "ModelList": [schema(_types.ListResponse, "serialization")],
        "ShowRequest": [schema(_types.ShowRequest)],
        "ShownModel": [schema(_types.ShowResponse, "serialization")],
        "RunningModels": [schema(_types.ProcessResponse, "serialization")],
    }


def embed() -> dict[str, list[Schema]]:
    return {
        "EmbedRequest": [schema(_types.EmbedRequest)],
        "EmbedResponse": [schema(_types.EmbedResponse, "serialization")],
        "ErrorEnvelope": [error()],
    }


def generate() -> dict[str, list[Schema]]:
    return {
        "GenerateRequest": [schema(_types.GenerateRequest)],
        "GenerateResponse": [schema(_types.GenerateResponse, "serialization")],
        "GenerateChunk": [schema(_types.GenerateResponse, "serialization")],
        "ErrorEnvelope": [error()],
    }


def operations() -> list[str]:
    found = re.findall(r"'(GET|POST|DELETE)',\s*f?'([^']+)'", inspect.getsource(Client))
    return sorted({f"{verb} {path}" for verb, path in found})


def error() -> Schema:
    """The SDK takes the text out of its envelope by hand."""
    return {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def schema(kind: Any, mode: str = "validation") -> Schema:
    """The JSON schema of a type; an image is written as base64."""
    said = without_null(TypeAdapter(kind).json_schema(mode=mode))
    if "Image" in said.get("$defs", {}):
        said["$defs"]["Image"] = {"type": "string"}
    return said


def without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [without_null(item) for item in node if item != {"type": "null"}]
    return {key: without_null(sub) for key, sub in node.items()} if isinstance(node, dict) else node
