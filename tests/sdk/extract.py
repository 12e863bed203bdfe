"""Prints what one official SDK can say in one dialect, as JSON: run it with the Python of an environment that has the SDK.

    python extract.py DIALECT

{"version": "1.2.3",
 "operations": ["POST /v1/messages", ...],
 "roots": {ROOT: {POINTER: {"types": [...], "words": [...], "required": [...]}}}}

A root is a definition of our own wire schema. A pointer is a field path: `a/b` a field, `*` an item of an array, `{}` a
value of a map, `[type=text]` the object with that tag. Types are those of JSON Schema, or `any`; `required`
stands where fields are known, and names those that every type met there requires. A type that is already open is not
opened again. Only pointers, types and words leave the SDK, never its texts.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

Schema = dict[str, Any]
Entry = dict[str, Any]
Said = tuple[dict[str, dict[str, Entry]], list[str]]  # pointers by root, operations
TAGS = ("event", "type", "role")
REQUEST = re.compile(r"self\._(get_api_list|get|post|put|patch|delete)\(\s*(?:path_template\()?f?\"([^\"]+)\"")


class Walk:
    """The pointers of one type, found in its JSON schema."""

    def __init__(self, schema: Schema, prefix: str) -> None:
        self.defs: dict[str, Schema] = schema.get("$defs", {})
        self.found: dict[str, Entry] = {}
        self.visit(prefix, schema, frozenset())

    def entry(self, pointer: str) -> Entry:
        return self.found.setdefault(pointer, {"types": set(), "words": set(), "required": []})

    def visit(self, pointer: str, schema: Schema, opened: frozenset[str]) -> None:
        branches = list(self.branches(schema))
        union = sum("properties" in node for _, node in branches) > 1
        for name, node in branches:
            entry = self.entry(pointer)
            entry["types"] |= kinds(node)
            entry["words"] |= words(node)
            if name in opened:
                continue
            inside = opened | {name} if name else opened
            if "items" in node:
                self.visit(f"{pointer}/*", node["items"], inside)
            if isinstance(node.get("additionalProperties"), dict) and node["additionalProperties"]:
                self.visit(f"{pointer}/{{}}", node["additionalProperties"], inside)
            if "properties" in node:
                for at in self.variants(pointer, node, union):
                    self.entry(at)["types"].add("object")
                    self.entry(at)["required"].append(set(node.get("required", ())))
                    for key, sub in node["properties"].items():
                        self.visit(f"{at}/{key}".removeprefix("/"), sub, inside)
                        if at.endswith("]") and at.rsplit("[", 1)[-1].startswith(f"{key}="):  # each word is a variant
                            self.entry(f"{at}/{key}")["words"] = {at[:-1].rsplit("=", 1)[-1]}

    def variants(self, pointer: str, node: Schema, union: bool) -> list[str]:
        """Where this object stands: one pointer per word of its tag, or the bare one when it has no tag.

        Outside of a union a field of several words is no tag.
        """
        for tag in TAGS:
            if tag in node["properties"]:
                found = sorted(word for _, branch in self.branches(node["properties"][tag]) for word in words(branch))
                if len(found) == 1 or (union and found):
                    return [f"{pointer}[{tag}={word}]" for word in found]
        return [pointer]

    def branches(self, schema: Schema, name: str = "") -> Iterator[tuple[str, Schema]]:
        """The alternatives of a schema, each with the name of its definition, or "" when it has none."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            yield from self.branches(self.defs[name], name)
        elif options := [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
            for option in options:
                yield from self.branches(option)
        else:
            yield name, schema


def words(node: Schema) -> set[str]:
    found = [node["const"]] if "const" in node else node.get("enum", ())
    return {word for word in found if isinstance(word, str)}


def kinds(node: Schema) -> set[str]:
    if "type" in node:
        return {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {names[type(word)] for word in ([node["const"]] if "const" in node else node.get("enum", ()))} or {"any"}


def pointers(types: list[Any], prefix: str = "") -> dict[str, Entry]:
    """What any of these types can say."""
    from pydantic import TypeAdapter  # botocore stands without it

    return said([TypeAdapter(kind).json_schema() for kind in types], prefix)


def said(schemas: list[Schema], prefix: str = "") -> dict[str, Entry]:
    """What any of these JSON schemas can say; what one of them leaves out is not required."""
    walks = [Walk(schema, prefix).found for schema in schemas]
    merged: dict[str, Entry] = {}
    for pointer in sorted(set().union(*walks)):
        entries = [found[pointer] for found in walks if pointer in found]
        merged[pointer] = {key: sorted(set().union(*(entry[key] for entry in entries))) for key in ("types", "words")}
        if pointer.rsplit("/", 1)[-1] == "model":
            merged[pointer]["words"] = []  # names of models are free strings
        if shapes := [shape for entry in entries for shape in entry["required"]]:
            merged[pointer]["required"] = sorted(set.intersection(*shapes))
    return merged


def operations(resources: list[type]) -> list[str]:
    """The HTTP calls that these resource classes can make."""
    found = set()
    for resource in resources:
        for verb, path in REQUEST.findall(inspect.getsource(resource)):
            found.add(f"{'GET' if verb == 'get_api_list' else verb.upper()} {path.removesuffix('?beta=true')}")
    return sorted(found)


def openai_chat() -> Said:
    from openai.pagination import SyncPage
    from openai.resources.chat import completions as chat
    from openai.resources.models import Models
    from openai.types import ErrorObject, Model
    from openai.types.chat import ChatCompletion, ChatCompletionChunk
    from openai.types.chat import completion_create_params as create

    roots = {
        "ChatRequest": pointers([create.CompletionCreateParamsNonStreaming, create.CompletionCreateParamsStreaming]),
        "ChatCompletion": pointers([ChatCompletion]),
        "ChatChunk": pointers([ChatCompletionChunk]),
        "ErrorEnvelope": pointers([ErrorObject], "error"),  # the SDK takes it out of its envelope by hand
        "ModelList": pointers([SyncPage[Model]]),
    }
    return roots, operations([chat.Completions, chat.Messages, Models])


def openai_responses() -> Said:
    from openai import types
    from openai.pagination import SyncPage
    from openai.resources import models
    from openai.resources import responses as resources
    from openai.types import responses
    from openai.types.responses import response_create_params as create

    roots = {
        "ResponsesRequest": pointers([create.ResponseCreateParamsNonStreaming, create.ResponseCreateParamsStreaming]),
        "Response": pointers([responses.Response]),
        "StreamEvent": pointers([responses.ResponseStreamEvent]),
        "ItemList": pointers([responses.ResponseItemList]),
        "ErrorEnvelope": pointers([types.ErrorObject], "error"),
        "ModelList": pointers([SyncPage[types.Model]]),
    }
    later = {  # not in 1.x
        "InputTokensRequest": "InputTokenCountParams",
        "InputTokensCount": "InputTokenCountResponse",
        "CompactRequest": "ResponseCompactParams",
        "CompactedResponse": "CompactedResponse",
    }
    roots |= {root: pointers([getattr(responses, name)]) for root, name in later.items() if hasattr(responses, name)}
    found = [getattr(resources, name, None) for name in ("Responses", "InputItems", "InputTokens")]
    return roots, operations([*filter(None, found), models.Models])


def anthropic_messages() -> Said:
    from anthropic.pagination import SyncPage
    from anthropic.resources import messages, models
    from anthropic.resources.beta import messages as beta_messages
    from anthropic.resources.beta import models as beta_models
    from anthropic.types import ErrorResponse, Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent, beta
    from anthropic.types import message_count_tokens_params as count
    from anthropic.types import message_create_params as create
    from anthropic.types.beta import message_count_tokens_params as beta_count
    from anthropic.types.beta import message_create_params as beta_create
    from anthropic.types.beta_error_response import BetaErrorResponse

    requests = [
        form
        for params in (create, beta_create)
        for form in (params.MessageCreateParamsNonStreaming, params.MessageCreateParamsStreaming)
    ]
    roots = {
        "MessagesRequest": pointers(requests),
        "CountTokensRequest": pointers([one.MessageCountTokensParams for one in (count, beta_count)]),
        "TokensCount": pointers([MessageTokensCount, beta.BetaMessageTokensCount]),
        "Message": pointers([Message, beta.BetaMessage]),
        "StreamEvent": pointers([RawMessageStreamEvent, beta.BetaRawMessageStreamEvent]),
        "ErrorEnvelope": pointers([ErrorResponse, BetaErrorResponse]),
        "ModelList": pointers([SyncPage[ModelInfo], SyncPage[beta.BetaModelInfo]]),
    }
    for pointer in ("betas", "betas/*"):  # a header; what it can say is asked of requests
        roots["CountTokensRequest"].pop(pointer, None)
    resources = [messages.Messages, messages.Batches, models.Models]
    return roots, operations([*resources, beta_messages.Messages, beta_messages.Batches, beta_models.Models])


def openai_completions() -> Said:
    from openai.resources import completions, models
    from openai.types import Completion, ErrorObject
    from openai.types import completion_create_params as create

    roots = {
        "CompletionRequest": pointers(
            [create.CompletionCreateParamsNonStreaming, create.CompletionCreateParamsStreaming]
        ),
        "Completion": pointers([Completion]),
        "CompletionChunk": pointers([Completion]),
        "ErrorEnvelope": pointers([ErrorObject], "error"),
    }
    return roots, operations([completions.Completions, models.Models])


def openai_embeddings() -> Said:
    from openai.resources import embeddings
    from openai.types import CreateEmbeddingResponse, EmbeddingCreateParams, ErrorObject

    roots = {
        "EmbeddingsRequest": pointers([EmbeddingCreateParams]),
        "Embeddings": pointers([CreateEmbeddingResponse]),
        "ErrorEnvelope": pointers([ErrorObject], "error"),
    }
    return roots, operations([embeddings.Embeddings])


def apart(module: str, roots: str, *resource: str) -> Said:
    """What an SDK says whose types need a reading of their own: by a function of one of the modules beside this."""
    sdk = importlib.import_module(module)
    return {root: said(schemas) for root, schemas in getattr(sdk, roots)().items()}, sdk.operations(*resource)


DIALECTS = {
    "openai_chat": ("openai", openai_chat),
    "openai_responses": ("openai", openai_responses),
    "anthropic_messages": ("anthropic", anthropic_messages),
    "openai_completions": ("openai", openai_completions),
    "openai_embeddings": ("openai", openai_embeddings),
    "mistral_chat": ("mistralai", partial(apart, "sdk_mistral", "chat", "chat")),
    "mistral_fim": ("mistralai", partial(apart, "sdk_mistral", "fim", "fim")),
    "cohere_chat": ("cohere", partial(apart, "sdk_cohere", "chat", "chat")),
    "cohere_embed": ("cohere", partial(apart, "sdk_cohere", "embed", "embed")),
    "cohere_rerank": ("cohere", partial(apart, "sdk_cohere", "rerank", "rerank")),
    "gemini_generate": ("google-genai", partial(apart, "sdk_google", "roots")),
    "gemini_embed": ("google-genai", partial(apart, "sdk_google", "embed_content", ":embedContent")),
    "gemini_embed_batch": ("google-genai", partial(apart, "sdk_google", "embed_contents", ":batchEmbedContents")),
    "bedrock_converse": ("botocore", partial(apart, "sdk_aws", "roots")),
    "ollama_chat": ("ollama", partial(apart, "sdk_ollama", "chat")),
    "ollama_generate": ("ollama", partial(apart, "sdk_ollama", "generate")),
    "ollama_embed": ("ollama", partial(apart, "sdk_ollama", "embed")),
}

if __name__ == "__main__":
    package, extract = DIALECTS[sys.argv[1]]
    roots, calls = extract()
    json.dump({"version": version(package), "operations": calls, "roots": roots}, sys.stdout)
