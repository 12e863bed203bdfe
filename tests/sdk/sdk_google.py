"""What google-genai says on the wire.

Its converters tell which field of its Python types stands where in the JSON, its pydantic types tell what stands there.
A type that no converter opens is written as it is, with the names of Python; the service reads both, and so a request
is listed with both. Both of the SDK's modes count, the Gemini API and Vertex.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

from google.genai import models, types
from pydantic import TypeAdapter

Schema = dict[str, Any]
CONVERTER = re.compile(r"_(\w+)_(to|from)_(mldev|vertex)$")
# What these make of their argument, where the argument may be much more than JSON.
MADE = {
    "t_json_schema": Any,
    "t_schema": types.Schema,
    "t_speech_config": types.SpeechConfig,
    "t_contents_for_embed": types.Content,
}
SPELLINGS = [(mode, spelling) for mode in ("mldev", "vertex") for spelling in ("json", "python")]
FUNCTIONS = {node.name: node for node in ast.parse(inspect.getsource(models)).body if isinstance(node, ast.FunctionDef)}


def roots() -> dict[str, list[Schema]]:
    """Schemas by root; a root of both modes has one for each."""
    found = {
        "GenerateContentRequest": [called("GenerateContentParameters", *each) for each in SPELLINGS],
        "GenerateContentResponse": [converted(f"_GenerateContentResponse_from_{mode}") for mode in ("mldev", "vertex")],
        "CountTokensRequest": [called("CountTokensParameters", *each) for each in SPELLINGS],
        "CountTokensResponse": [converted(f"_CountTokensResponse_from_{mode}") for mode in ("mldev", "vertex")],
    }
    models_of_a_page = {"type": "array", "items": converted("_Model_from_mldev")}
    found["ModelList"] = [record({"models": models_of_a_page, "nextPageToken": schema(str)})]
    return with_error(found)


def embed_content() -> dict[str, list[Schema]]:
    """What embeds one content, which only Vertex is asked for."""
    asked = [request for request in embedding() if "content" in request["properties"]]
    for request in asked:
        request["properties"].pop("requests", None)
    said = converted("_EmbedContentResponse_from_vertex")["properties"]
    answer = {key: said[key] for key in said if key in ("truncated", "usageMetadata")}
    answer["embedding"] = schema(types.ContentEmbedding)
    return with_error({"EmbedContentRequest": asked, "EmbedContentResponse": [record(answer)]})


def embed_contents() -> dict[str, list[Schema]]:
    """What embeds several, each in a request of its own."""
    listed = [request["properties"]["requests"] for request in embedding() if "requests" in request["properties"]]
    for each in listed:
        each["items"]["required"] = ["content"]
        each["items"]["properties"] |= {"content": {}} if "content" in each["items"]["properties"] else {}
    asked = [record({"requests": each}, ["requests"]) for each in listed]
    answer = converted("_EmbedContentResponse_from_mldev")
    return with_error({"BatchEmbedContentsRequest": asked, "BatchEmbedContentsResponse": [answer]})


def embedding() -> list[Schema]:
    """The requests of both modes; what a content holds is told of requests for answers."""
    found = [called("EmbedContentParametersPrivate", *each) for each in SPELLINGS]
    for request in found:
        request["required"] = ["content"]  # a parameter of these calls, though the type of all of them can do without
        request["properties"] |= {"content": {}} if "content" in request["properties"] else {}
    return found


def with_error(found: dict[str, list[Schema]]) -> dict[str, list[Schema]]:
    """The schemas with that of an error, which the SDK takes out of the answer by hand."""
    told = record({"code": schema(int), "message": schema(str), "status": schema(str), "details": {}})
    found["ErrorEnvelope"] = [record({"error": told}, ["error"])]
    return {root: [hoisted(each) for each in schemas] for root, schemas in found.items()}


def operations(ending: str = "") -> list[str]:
    """The calls of Models, with their paths as templates: those with an ending, or all that do not embed."""
    found = set()
    for method in re.split(r"\n  def ", inspect.getsource(models.Models)):
        verbs = re.findall(r"'(get|post|patch|delete)', path", method)
        paths = re.findall(r"(?:path|endpoint_url) = '([^'?]+)", method)
        found |= {f"{verb.upper()} {path}" for verb in verbs for path in paths}
    embeds = (":embedContent", ":batchEmbedContents")
    return sorted(one for one in found if (one.endswith(ending) if ending else not one.endswith(embeds)))


def called(parameters: str, mode: str, spelling: str) -> Schema:
    """The body of a request: parameters without those of the URL; `contents` must be there."""
    body = converted(f"_{parameters}_to_{mode}", spelling)
    body["required"] = ["contents"]
    return body


def converted(function: str, spelling: str = "json", parent: Schema | None = None) -> Schema:
    """What this converter writes or reads; what it writes into its parent goes there."""
    name, direction, _ = CONVERTER.match(function).groups()
    model = getattr(types, name, None) or getattr(types, f"_{name}")
    made = record({})
    for target, wire, field, value in settings(FUNCTIONS[function], direction):
        if wire[0] in ("_url", "_query", "_self", "instances[]", "parameters", "predictions[]", "sdkHttpResponse"):
            continue
        into = parent if target == "parent_object" else made
        inner = [call.func.id for call in ast.walk(value) if is_converter(call)]
        transforms = [call.func.attr for call in ast.walk(value) if is_transform(call)]
        if inner:
            said = converted(inner[0], spelling, into)
            spread = any(step.endswith("[]") for step in wire)  # the items go to one object each
            said = {"type": "array", "items": said} if isinstance(value, ast.ListComp) and not spread else said
        elif made_of := [MADE[transform] for transform in transforms if transform in MADE]:
            said = schema(made_of[0], spelling)
        else:
            said = schema(model.model_fields[field].annotation, spelling)
        put(into, wire, said)
    for statement in ast.walk(FUNCTIONS[function]):
        # a converter that is only called for what it puts into this object
        if isinstance(statement, ast.Expr) and is_converter(statement.value):
            converted(statement.value.func.id, spelling, made)
    return made


def settings(function: ast.FunctionDef, direction: str) -> Iterator[tuple[str, list[str], str, ast.expr]]:
    """Target, path on the wire, Python field and value of every `setv(target, path, value)`."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "setv":
            target, path, value = call.args
            read = [
                keys(get.args[1]) for get in ast.walk(value) if getattr(getattr(get, "func", None), "id", "") == "getv"
            ]
            written = keys(path)
            if read and direction == "to":
                yield target.id, written, read[0][-1], value
            elif read:
                yield target.id, read[0], written[-1], value


def is_converter(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(CONVERTER.match(getattr(node.func, "id", "")))


def is_transform(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(getattr(node.func, "value", None), "id", "") == "t"


def keys(path: ast.expr) -> list[str]:
    return [key.value for key in path.elts]


def put(into: Schema, path: list[str], said: Schema) -> None:
    """Adds a property at a path, in which `name[]` is every item of a list."""
    for step in path[:-1]:
        name = step.removesuffix("[]")
        there = into["properties"].setdefault(
            name, {"type": "array", "items": record({})} if step != name else record({})
        )
        into = there["items"] if step != name else there
    into["properties"][path[-1]] = said


def record(properties: Schema, required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": properties, "required": required or []}


def schema(kind: Any, spelling: str = "json") -> Schema:
    """The JSON schema of a type, without null: what is absent in Python is absent on the wire."""
    return not_null(TypeAdapter(kind).json_schema(mode="serialization", by_alias=spelling == "json"))


def not_null(node: Any) -> Any:
    if isinstance(node, list):
        return [not_null(item) for item in node if item != {"type": "null"}]
    return {key: not_null(sub) for key, sub in node.items()} if isinstance(node, dict) else node


def hoisted(root: Schema) -> Schema:
    """The schema with the definitions of all its parts at its top."""
    found: Schema = {}

    def strip(node: Any) -> Any:
        if isinstance(node, list):
            return [strip(item) for item in node]
        if isinstance(node, dict):
            found.update({name: strip(each) for name, each in node.get("$defs", {}).items()})
            return {key: strip(sub) for key, sub in node.items() if key != "$defs"}
        return node

    return {**strip(root), "$defs": found}
