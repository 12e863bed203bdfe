"""The wire types of a dialect as its schema declares them, and every place in them where a value can stand.

Nothing here looks at a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codegen.types import Field, Space, Type, space
from generated.dialects import DIALECTS as GENERATED
from runtime.core.located import Node, load

SPECS = Path(__file__).parents[2] / "specs"
ABSENT = object()
Put = Callable[[Any], Any]  # a value to the least message that holds it

DIALECTS = tuple(GENERATED)
CHATS = tuple(name for name in DIALECTS if GENERATED[name]["asks"] == "Request")
PAIRS = [
    (client, upstream)
    for client in DIALECTS
    for upstream in DIALECTS
    if client != upstream and GENERATED[client]["asks"] == GENERATED[upstream]["asks"]
]
CHAT_PAIRS = [pair for pair in PAIRS if pair[0] in CHATS]

# Strings with a form of their own, by dialect.
PICTURE, OTHER = "aGVsbG8=", "d29ybGQ="
CHANCES = [
    [{"token": token, "logprob": -0.5, "bytes": list(token.encode()), "top_logprobs": []}] for token in ("Hi", "é")
]
VERDICTS: list[dict[str, Any]] = [
    {"input": verdict, "output": verdict}
    for verdict in ({"type": "error", "code": code, "message": "it failed"} for code in ("alpha", "beta"))
]
SAID_CHANCES = [{"content": one} for one in CHANCES]
NUMBERED_CHANCES = [{"content": [token | {"token_id": 7} for token in one]} for one in CHANCES]
FORMS: dict[str, dict[str, list[Any]]] = {
    "openai-chat": {
        "FunctionCall.id": ["call_1", "call_2"],
        "CustomCall.id": ["call_1", "call_2"],
        "FunctionPayload.name": ["look", "search"],
        "CustomPayload.name": ["look", "search"],
        "FunctionPayload.arguments": ['{"city":"Oslo"}', '{"n":9007199254740993}'],
        "ImageUrl.url": ["https://a.example/one.png", f"data:image/png;base64,{PICTURE}"],
        "FileRef.file_data": [f"data:application/pdf;base64,{PICTURE}", f"data:application/pdf;base64,{OTHER}"],
        "InputAudio.data": [PICTURE, OTHER],
        "AudioAnswer.data": [PICTURE, OTHER],
        "ChatRequest.metadata": [{"a": "alpha"}, {"a": "beta"}],
        "ChatRequest.moderation": [{"model": "alpha"}, {"model": "beta"}],
        "ChatCompletion.metadata": [{"a": "alpha"}, {"a": "beta"}],
        "ChatCompletion.moderation": VERDICTS,
        "GoogleExtra.thought_signature": ["c2ln", "c2VhbA=="],
        "Choice.logprobs": SAID_CHANCES,
        "ChunkChoice.logprobs": SAID_CHANCES,
    },
    "anthropic-messages": {
        "ToolUseBlock.id": ["toolu_1", "toolu_2"],
        "ToolUseBlock.name": ["look", "search"],
        "Base64Source.data": [PICTURE, OTHER],
        "UrlSource.url": ["https://a.example/one.png", "https://a.example/two.png"],
        "ModelInfo.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
    },
    "ollama-chat": {
        "ChatRequest.format": ["json", {"type": "object"}],
        "FunctionCall.name": ["look", "search"],
        "UserMessage.images": [PICTURE, OTHER],
        "AssistantMessage.images": [PICTURE, OTHER],
        "ResponseMessage.images": [PICTURE, OTHER],
        "ChatResponse.logprobs": CHANCES,
        "ChatChunk.logprobs": CHANCES,
        "ChatResponse.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
        "ChatChunk.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
        "Model.modified_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
    },
    "gemini-embed": {
        "EmbedContentRequest.content": [{"parts": [{"text": "hello"}]}, {"parts": [{"text": "bye"}]}],
        "Embedding.values": [[0.5, 1.0], [0.25, -2.0]],
    },
    "gemini-embed-batch": {
        "EmbedContentRequest.content": [{"parts": [{"text": "hello"}]}, {"parts": [{"text": "bye"}]}],
        "EmbedContentRequest.model": ["models/m"],
        "Embedding.values": [[0.5, 1.0], [0.25, -2.0]],
    },
    "gemini-generate": {
        "Blob.data": [PICTURE, OTHER],
        "Blob.mimeType": ["image/png", "audio/wav", "video/mp4", "application/pdf"],
        "FileData.fileUri": ["https://a.example/one.png", "https://a.example/two.png"],
        "FileData.mimeType": ["image/png", "application/pdf"],
        "FunctionCall.name": ["look", "search"],
        "FunctionDeclaration.name": ["look", "search"],
        "FunctionDeclaration.parameters": [
            {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
            {"type": "OBJECT", "properties": {"city": {"type": "INTEGER"}}},
        ],
        "FunctionDeclaration.parametersJsonSchema": [
            {"type": "object", "additionalProperties": False},
            {"type": "object", "additionalProperties": True},
        ],
        "GenerationConfig.responseSchema": [{"type": "STRING"}, {"type": "INTEGER"}],
        "GenerationConfig.responseJsonSchema": [{"type": ["string", "number"]}, {"type": ["string", "boolean"]}],
        "GenerationConfig.topK": [20, 40],
        "FunctionResponse.response": [{"output": "18C"}, {"error": "no such city"}, {"degrees": 18}],
        "FunctionCallingConfig.allowedFunctionNames": ["look", "search"],
        "GenerateContentResponse.createTime": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
        "Model.name": ["models/alpha", "models/beta"],
        "Candidate.logprobsResult": [
            {"chosenCandidates": [{"token": token, "logProbability": -0.5}], "topCandidates": [{"candidates": []}]}
            for token in ("Hi", "é")
        ],
    },
    "bedrock-converse": {
        "JsonSchemaSpec.schema": ['{"type":"object"}', '{"type":"string"}'],
        "ToolUseBlock.name": ["look", "search"],
        "ToolUseBlock.toolUseId": ["tooluse_1", "tooluse_2"],
        "ImageSource.bytes": [PICTURE, OTHER],
        "VideoSource.bytes": [PICTURE, OTHER],
        "AudioSource.bytes": [PICTURE, OTHER],
        "DocumentSource.bytes": [PICTURE, OTHER],
        "S3Location.uri": ["s3://alpha/one", "s3://alpha/two"],
    },
    "openai-responses": {
        "FunctionCall.call_id": ["call_1", "call_2"],
        "FunctionCall.name": ["look", "search"],
        "FunctionCall.arguments": ['{"city":"Oslo"}', '{"n":9007199254740993}'],
        "CustomToolCall.call_id": ["call_1", "call_2"],
        "CustomToolCall.name": ["look", "search"],
        "InputImage.image_url": ["https://a.example/one.png", f"data:image/png;base64,{PICTURE}"],
        "InputFile.file_data": [f"data:application/pdf;base64,{PICTURE}", f"data:application/pdf;base64,{OTHER}"],
        "InputFile.file_url": ["https://a.example/one.pdf", "https://a.example/two.pdf"],
        "AudioData.data": [PICTURE, OTHER],
        "Response.created_at": [1790000000, 1790000001],
        "ResponsesRequest.metadata": [{"a": "alpha"}, {"a": "beta"}],
        "ResponsesRequest.moderation": [{"model": "alpha"}, {"model": "beta"}],
        "Response.metadata": [{"a": "alpha"}, {"a": "beta"}],
        "Response.moderation": VERDICTS,
        "OutputText.logprobs": CHANCES,
        "OutputTextDelta.logprobs": CHANCES,
        "OutputTextDone.logprobs": CHANCES,
    },
    "mistral-chat": {
        "ToolCall.id": ["callAAAAA", "callBBBBB"],
        "ToolMessage.tool_call_id": ["callAAAAA", "callBBBBB"],
        "FunctionCall.name": ["look", "search"],
        "FunctionCall.arguments": ['{"city":"Oslo"}', '{"n":9007199254740993}'],
        "ImagePart.image_url": ["https://a.example/one.png", f"data:image/png;base64,{PICTURE}"],
        "ImageUrl.url": ["https://a.example/one.png", f"data:image/png;base64,{PICTURE}"],
        "DocumentPart.document_url": ["https://a.example/one.pdf", f"data:application/pdf;base64,{OTHER}"],
        "AudioPart.input_audio": [PICTURE, OTHER],
        "Choice.logprobs": NUMBERED_CHANCES,
        "ChunkChoice.logprobs": NUMBERED_CHANCES,
    },
    "mistral-fim": {"Choice.logprobs": NUMBERED_CHANCES, "ChunkChoice.logprobs": NUMBERED_CHANCES},
    "openai-completions": {
        "Choice.logprobs": [
            {"tokens": [token], "token_logprobs": [-0.5], "top_logprobs": [{}], "text_offset": [0]} for token in "ab"
        ],
    },
    "openai-embeddings": {
        "EmbeddingsRequest.input": ["hello", ["hello", "bye"]],
        "Embedding.embedding": [[0.5, 1.0], [0.25, -2.0], "AACAPw=="],
    },
    "ollama-embed": {
        "EmbedResponse.embeddings": [[0.5, 1.0], [0.25, -2.0]],
        "EmbedResponse.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
    },
    "cohere-chat": {
        "ChatRequest.documents": ["alpha", "beta"],
        "Citation.sources": [
            [{"type": "document", "document": {"title": "alpha", "url": "https://a.example/two"}}],
            [{"type": "document", "document": {"url": "https://a.example/one"}}],
        ],
        "Document.data": [{"text": "alpha"}, "beta", {"title": "gamma", "n": 1}],
        "FunctionCall.arguments": ['{"city":"Oslo"}', '{"n":9007199254740993}'],
        "FunctionCall.name": ["look", "search"],
        "FunctionDefinition.name": ["look", "search"],
        "ImageUrl.url": ["https://a.example/one.png", f"data:image/png;base64,{PICTURE}"],
        "ToolCall.id": ["call_1", "call_2"],
        "BilledUnits.input_tokens": [20, 30],
        "BilledUnits.output_tokens": [8, 9],
        "TokenCounts.input_tokens": [20, 30],
        "TokenCounts.output_tokens": [8, 9],
        "Usage.cached_tokens": [2, 3],
    },
    "bedrock-titan-embed": {"EmbedResponse.embedding": [[0.5, 1.0], [0.25, -2.0]]},
    "cohere-embed": {
        "EmbedResponse.embeddings": [{"float": [[0.5, 1.0]]}, {"float": [[0.25, -2.0]]}, {"base64": ["AACAPw=="]}],
    },
    "canonical": {  # ids that every wire takes as they are, and links that look like ones
        "UrlSource.url": ["https://a.example/one.png", "https://a.example/two.png"],
        "ToolCall.id": ["callAAAAA", "callBBBBB"],
        "CustomCall.id": ["callAAAAA", "callBBBBB"],
        "ToolResult.call_id": ["callAAAAA", "callBBBBB"],
    },
    "cohere-rerank": {"RerankRequest.documents": [["hello"], ["hello", "bye"]]},
    "ollama-generate": {
        "GenerateRequest.format": ["json", {"type": "object"}],
        "GenerateRequest.images": [PICTURE, OTHER],
        "GenerateResponse.logprobs": CHANCES,
        "GenerateChunk.logprobs": CHANCES,
        "GenerateResponse.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
        "GenerateChunk.created_at": ["2026-10-21T00:00:00Z", "2025-01-01T00:00:00Z"],
    },
}
# What is said only where something failed.
FAILED = ("GenerateContentResponse.error",)
# What a value needs beside what its schema requires, so that it means something; each of several is tried.
BASES: dict[str, dict[str, list[dict[str, Any]]]] = {
    "openai-chat": {
        "ChatCompletion": [{"id": "chatcmpl-1", "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}],
        "FileRef": [{"file_data": f"data:application/pdf;base64,{PICTURE}"}],
        "AudioAnswer": [{"id": "audio_1", "data": PICTURE}],
    },
    "anthropic-messages": {
        "Message": [{"id": "msg_1"}],
        "Tool": [
            {"name": "look", "input_schema": {"type": "object"}},
            {"type": "web_search_20250305", "name": "web_search"},
        ],
    },
    "ollama-chat": {
        "ChatResponse": [{"message": {"role": "assistant", "content": "yes"}, "done": True, "done_reason": "stop"}],
        "ErrorEnvelope": [{"error": "no such model"}],
        "Model": [{"model": "qwen3:8b"}],
        "FunctionDefinition": [{"name": "look"}],
        "Tool": [{"type": "function", "function": {"name": "look"}}],
    },
    "cohere-chat": {
        "ChatResponse": [
            {
                "id": "1",
                "message": {"role": "assistant", "content": [{"type": "text", "text": "yes"}]},
                "finish_reason": "COMPLETE",
            }
        ],
        "FunctionCall": [{"name": "look", "arguments": "{}"}],
        "Model": [{"name": "command-a-03-2025"}],
        "Tool": [{"type": "function", "function": {"name": "look"}}],
        "ToolCall": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
    },
    "gemini-embed": {
        "EmbedContentRequest": [{"content": {"parts": [{"text": "hello"}]}}],
        "ErrorDetail": [{"code": 400, "message": "no such model", "status": "INVALID_ARGUMENT"}],
    },
    "gemini-embed-batch": {
        "EmbedContentRequest": [{"content": {"parts": [{"text": "hello"}]}}],
        "ErrorDetail": [{"code": 400, "message": "no such model", "status": "INVALID_ARGUMENT"}],
    },
    "gemini-generate": {
        "Part": [
            {"text": "hello"},
            {"functionCall": {"name": "look"}},
            {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
        ],
        "Content": [{"parts": [{"text": "hello"}]}],
        "Blob": [{"mimeType": "image/png", "data": PICTURE}],
        "FileData": [{"fileUri": "https://a.example/one.png", "mimeType": "image/png"}],
        "FunctionCall": [{"name": "look"}],
        "FunctionResponse": [{"name": "look", "response": {"output": "18C"}}],
        "FunctionResponsePart": [{"inlineData": {"mimeType": "image/png", "data": PICTURE}}],
        "Tool": [{"functionDeclarations": [{"name": "look"}]}],
        "FunctionDeclaration": [{"name": "look"}],
        "GenerateContentResponse": [
            {"candidates": [{"content": {"role": "model", "parts": [{"text": "yes"}]}, "finishReason": "STOP"}]}
        ],
        "ErrorEnvelope": [{"error": {"code": 400, "message": "no such model", "status": "INVALID_ARGUMENT"}}],
        "ErrorDetail": [{"message": "no such model"}],
        "Model": [{"name": "models/alpha"}],
    },
    "bedrock-converse": {
        "ContentBlock": [
            {"text": "hello"},
            {"toolUse": {"toolUseId": "tooluse_1", "name": "look", "input": {}}},
        ],
        "SystemBlock": [{"text": "hello"}],
        "ImageSource": [{"bytes": PICTURE}],
        "VideoSource": [{"bytes": PICTURE}],
        "AudioSource": [{"bytes": PICTURE}],
        "DocumentSource": [{"bytes": PICTURE}],
        "DocumentBlock": [{"name": "alpha", "format": "pdf", "source": {"bytes": PICTURE}}],
        "DocumentText": [{"text": "hello"}],
        "ToolResultContent": [{"text": "18C"}],
        "ReasoningContent": [{"reasoningText": {"text": "hm"}}],
        "CitedText": [{"text": "hello"}],
        "CitationLocation": [{"web": {"url": "https://a.example"}}],
        "Tool": [{"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}],
        "ToolInputSchema": [{"json": {"type": "object"}}],
        "ToolConfig": [{"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}]}],
        "ToolChoice": [{"auto": {}}],
        "FormatStructure": [{"jsonSchema": {"schema": '{"type":"object"}'}}],
        "TextFormat": [{"type": "json_schema", "structure": {"jsonSchema": {"schema": '{"type":"object"}'}}}],
        "ConverseOutput": [{"message": {"role": "assistant", "content": [{"text": "yes"}]}}],
        "ErrorEnvelope": [{"message": "no such model"}],
        "ContentBlockStart": [{"toolUse": {"toolUseId": "tooluse_1", "name": "look"}}],
        "ContentBlockDelta": [{"text": "hello"}],
        "ReasoningDelta": [{"text": "hm"}],
        "ToolResultDelta": [{"text": "18C"}],
        "Message": [{"role": "user", "content": [{"text": "hello"}]}],
    },
    "openai-responses": {
        "ResponsesRequest": [{"model": "gpt-5", "input": "hello"}],
        "Response": [
            {
                "id": "resp_1",
                "status": "completed",
                "output": [
                    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "yes"}]}
                ],
            }
        ],
        "InputImage": [{"image_url": "https://a.example/one.png"}],
        "InputFile": [{"file_data": f"data:application/pdf;base64,{PICTURE}"}],
        "ReasoningItem": [{"summary": [{"type": "summary_text", "text": "hm"}]}, {"encrypted_content": "c2VhbA=="}],
        "Model": [{"id": "gpt-5"}],
    },
    "cohere-embed": {"EmbedRequest": [{"texts": ["hello"]}]},
    "ollama-generate": {
        "GenerateResponse": [{"response": "yes", "done": True, "done_reason": "stop"}],
        "ErrorEnvelope": [{"error": "no such model"}],
    },
    "openai-completions": {
        "CompletionRequest": [{"model": "m", "prompt": "hello"}],
        "Completion": [{"id": "cmpl-1", "choices": [{"text": "yes", "finish_reason": "stop"}]}],
    },
    "mistral-chat": {
        "ChatCompletion": [
            {"id": "1", "choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]}
        ],
        "AssistantMessage": [{"role": "assistant", "content": "yes"}],
        "Tool": [{"type": "function", "function": {"name": "look"}}, {"type": "web_search"}],
        "ErrorEnvelope": [{"message": "no such model"}, {"detail": "no such model"}],
    },
    "mistral-fim": {
        "FimCompletion": [
            {"id": "1", "choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]}
        ],
        "AssistantMessage": [{"role": "assistant", "content": "yes"}],
        "ErrorEnvelope": [{"message": "no such model"}, {"detail": "no such model"}],
    },
    "llamacpp-infill": {
        "InfillRequest": [{"input_prefix": "hello", "input_suffix": "", "model": "m"}],
        "InfillAnswer": [{"content": "yes", "stop": True, "stop_type": "eos"}],
    },
    "canonical": {
        "Request": [{"max_tokens": 100}],
        "ToolChoice": [{"mode": "tool", "name": "look"}],
        "OutputFormat": [{"kind": "json_schema", "name": "answer"}],
        "ToolFormat": [{"kind": "grammar", "definition": "a: b", "syntax": "lark"}],
    },
}
# Fields of which a message gives one.
INSTEAD = {
    "FileRef.file_id": "file_data",
    "InputFile.file_id": "file_data",
    "InputFile.file_url": "file_data",
    "InputImage.file_id": "image_url",
}
# A message under test stands among others, where a wire holds others: it is neither the first nor the last.
OTHERS = {
    "messages": ({"role": "user", "content": "hello"}, {"role": "user", "content": "bye"}),
    "ConverseRequest.messages": (
        {"role": "user", "content": [{"text": "hello"}]},
        {"role": "user", "content": [{"text": "bye"}]},
    ),
    "contents": ({"role": "user", "parts": [{"text": "hello"}]}, {"role": "user", "parts": [{"text": "bye"}]}),
    "ResponsesRequest.input": (
        {"type": "message", "role": "user", "content": "hello"},
        {"type": "message", "role": "user", "content": "bye"},
    ),
}


@cache
def roots(dialect: str) -> dict[str, str]:
    """What a dialect's messages are called in its schema: its requests, responses, errors, models and stream frames."""
    root, _ = load(_folder(dialect).joinpath("mapping.yaml").read_text(encoding="utf-8"), "mapping.yaml")
    assert root is not None
    named = [kind for kind in ("request", "response", "error", "models") if root.get(kind) is not None]
    kinds = {kind: root.get(kind).value.split(" <-> ")[0] for kind in named}
    return kinds | ({} if root.get("stream") is None else {"frame": root.get("stream").get("frame").value})


@cache
def schema(dialect: str) -> Space:
    """A dialect's types."""
    return _space(_folder(dialect) / "schema.yaml", dialect)


@cache
def canonical() -> Space:
    """The canonical types."""
    return _space(SPECS / "canonical" / "model.yaml", "canonical")


def _folder(dialect: str) -> Path:
    return SPECS / "dialects" / GENERATED[dialect]["package"]


def _space(path: Path, name: str) -> Space:
    root, problems = load(path.read_text(encoding="utf-8"), name)
    assert root is not None and not problems
    return space(root)


@dataclass(frozen=True)
class Place:
    """Where a value can stand: its path in the message, and how to make the least message that holds it.

    `name` says by which definitions the place is reached, `leaf` is the last of them. `options` are the values to try: every word where there are
    words, every case of a union, else two that differ.
    """

    name: str
    leaf: str
    path: str
    options: list[Any]
    optional: bool
    put: Put


def places(types: Space, root: str, beside: int = 1) -> Iterator[Place]:
    """Every place below a definition, a message's with so many messages before it and behind it.

    A definition recurs at most once on the way to a place.
    """
    return _inside(types, root, root, "", lambda value: value, (), beside)


def examples(types: Space, root: str, beside: int = 1) -> Iterator[Any]:
    """Each place of a message holding each of its values in turn, and each optional one left out."""
    if types.defs[root].union:
        yield from (minimal(types, member) for member in types.members(root))
    for place in places(types, root, beside):
        for value in [ABSENT] * place.optional + place.options:
            yield place.put(value)


def _inside(
    types: Space, name: str, said: str, path: str, put: Put, above: tuple[str, ...], beside: int
) -> Iterator[Place]:
    union = types.defs[name].union
    for member in types.members(name):
        if member in above:
            continue
        by = f"{said}<{member}>" if union else said
        for base in bases(types, member):
            for field in types.defs[member].fields.values():
                if f"{member}.{field.name}" in FAILED:
                    continue
                at = f"{path}.{field.name}".removeprefix(".")
                put_field = _setter(types, member, field.name, put, base)
                inner = (*above, member)
                yield from _at(types, member, field, field.type, f"{by}.{field.name}", at, put_field, inner, beside)


def _at(
    types: Space,
    owner: str,
    field: Field,
    kind: Type,
    said: str,
    path: str,
    put: Put,
    above: tuple[str, ...],
    beside: int,
) -> Iterator[Place]:
    optional = not field.required and field.name not in types.defs[owner].one_of
    match kind.kind:
        case "ref":
            if types.defs[kind.name].union:
                cases = [minimal(types, member) for member in types.members(kind.name) if member not in above]
                yield Place(
                    f"{said}<>",
                    f"{owner}.{field.name}<>",
                    path,
                    cases,
                    optional and not path.endswith("]"),
                    put,
                )
            yield from _inside(types, kind.name, said, path, put, above, beside)
        case "choice":
            for option in kind.items:
                yield from _at(types, owner, field, option, said, path, put, above, beside)
        case "list":
            others = OTHERS.get(f"{owner}.{field.name}", OTHERS.get(field.name))
            index = beside if others else 0
            item = _item(put, [others[0]] * index, [others[1]] * index) if others else _item(put, [], [])
            yield from _at(types, owner, field, kind.items[0], said, f"{path}[{index}]", item, above, beside)
        case _:
            yield Place(said, f"{owner}.{field.name}", path, options(types, owner, field, kind), optional, put)


def _setter(types: Space, owner: str, name: str, put: Put, base: dict[str, Any]) -> Put:
    def set_(value: Any) -> Any:
        made = minimal(types, owner) | base
        rivals = types.defs[owner].one_of if name in types.defs[owner].one_of else ()
        for gone in (name, INSTEAD.get(f"{owner}.{name}"), *rivals):
            made.pop(gone, None)
        return put(made if value is ABSENT else {**made, name: value})

    return set_


def _item(put: Put, before: list[Any], after: list[Any]) -> Put:
    return lambda value: put([*before, *([] if value is ABSENT else [value]), *after])


def bases(types: Space, name: str) -> list[dict[str, Any]]:
    return BASES.get(types.file, {}).get(name, [{}])


def forms(types: Space, owner: str, field: Field) -> list[str] | None:
    return FORMS.get(types.file, {}).get(f"{owner}.{field.name}")


def options(types: Space, owner: str, field: Field, kind: Type) -> list[Any]:
    """Values of a field that has no parts."""
    if (known := forms(types, owner, field)) is not None:
        return known
    if field.words and kind.kind != "boolean":
        return list(field.words)
    plain = {"string": ["alpha", "beta"], "integer": [2000, 3000], "number": [0.25, 0.5], "boolean": [True, False]}
    return plain.get(kind.kind) or [opaque(field.node, 1), opaque(field.node, 2)]


def opaque(node: Node, number: int) -> Any:
    """A value of a field that is passed on unread, told apart from others by its number."""
    choices = [one for key in ("anyOf", "oneOf") if (options := node.get(key)) is not None for one in options.value]
    kinds = [_kinds(one) for one in choices or [node]]
    if any("array" in kind for kind in kinds):
        return [number]
    return f"word-{number}" if any("string" in kind for kind in kinds) else {"n": number}


def _kinds(node: Node) -> list[str]:
    kind = node.get("type").plain() if node.get("type") else []
    return kind if isinstance(kind, list) else [kind]


def minimal(types: Space, name: str) -> Any:
    """The least value of a definition: what is required, each in its first form."""
    definition = types.defs[name]
    if definition.union:
        return minimal(types, definition.members[0])
    made = {f.name: _least(types, name, f, f.type) for f in definition.fields.values() if f.required}
    made |= bases(types, name)[0]
    return {definition.tag: definition.word, **made} if definition.tag else made


def _least(types: Space, owner: str, field: Field, kind: Type) -> Any:
    match kind.kind:
        case "list":
            return []
        case "ref":
            return minimal(types, kind.name)
        case "choice":
            return _least(types, owner, field, kind.items[0])
    return options(types, owner, field, kind)[0]
