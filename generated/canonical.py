# Generated from specs/canonical/. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import Any, TypeAlias, Union

from msgspec import Raw

from runtime.core.wire import Canonical


class BytesSource(Canonical, tag_field="kind", tag="bytes"):
    data: str
    media_type: str | None = None


class UrlSource(Canonical, tag_field="kind", tag="url"):
    url: str
    media_type: str | None = None


class TextSource(Canonical, tag_field="kind", tag="text"):
    text: str


class BoundRef(Canonical, tag_field="kind", tag="bound"):
    id: str
    media_type: str | None = None


class Citation(Canonical):
    kind: str
    cited_text: str | None = None
    title: str | None = None
    url: str | None = None
    start: int | None = None
    end: int | None = None
    index: int | None = None
    file_id: str | None = None
    encrypted_index: str | None = None
    said: str | None = None
    said_start: int | None = None
    said_end: int | None = None
    said_part: int | None = None


class Cache(Canonical):
    ttl: str | None = None
    mode: str | None = None
    carried: dict[str, Any] | None = None


class ToolGroup(Canonical):
    name: str
    description: str | None = None


class HostedTool(Canonical, tag_field="kind", tag="hosted"):
    origin: str
    raw: Raw
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class AllowedTool(Canonical):
    kind: str
    name: str


class ToolFormat(Canonical):
    kind: str
    definition: str | None = None
    syntax: str | None = None


class Reasoning(Canonical):
    mode: str | None = None
    effort: str | None = None
    budget: int | None = None
    visibility: str | None = None


class OutputFormat(Canonical):
    kind: str
    name: str | None = None
    description: str | None = None
    schema: Raw = None
    strict: bool | None = None


class Usage(Canonical):
    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_long: int | None = None
    output: int | None = None
    reasoning: int | None = None
    input_audio: int | None = None
    output_audio: int | None = None
    carried: dict[str, Any] | None = None


class Error(Canonical):
    kind: str
    message: str
    code: str | None = None
    param: str | None = None
    native_kind: str | None = None
    status: int | None = None
    carried: dict[str, Any] | None = None


class TokenCount(Canonical):
    input: int
    carried: dict[str, Any] | None = None


class Model(Canonical):
    id: str
    created: int | None = None
    owner: str | None = None
    title: str | None = None
    max_input: int | None = None
    max_output: int | None = None
    retired: str | None = None
    carried: dict[str, Any] | None = None


class EmbedRequest(Canonical):
    model: str
    texts: list[str]
    dimensions: int | None = None
    encoding: str | None = None
    purpose: str | None = None
    truncate: str | None = None
    end_user: str | None = None
    carried: dict[str, Any] | None = None


class Embedding(Canonical):
    values: Raw
    index: int | None = None
    carried: dict[str, Any] | None = None


class RerankRequest(Canonical):
    model: str
    query: str
    documents: list[str]
    top: int | None = None
    max_document_tokens: int | None = None
    carried: dict[str, Any] | None = None


class Ranked(Canonical):
    index: int
    score: float
    carried: dict[str, Any] | None = None


class MessageStart(Canonical, tag_field="event", tag="message_start"):
    id: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    carried: dict[str, Any] | None = None


class BlockDelta(Canonical, tag_field="event", tag="block_delta"):
    index: int = 0
    kind: str = ""
    candidate: int | None = None
    text: str | None = None
    citation: Citation | None = None
    logprobs: Raw = None


class BlockStop(Canonical, tag_field="event", tag="block_stop"):
    index: int
    candidate: int | None = None


class CandidateStop(Canonical, tag_field="event", tag="candidate_stop"):
    candidate: int | None = None
    stop_reason: str | None = None
    native_reason: str | None = None
    stop_sequence: str | None = None
    carried: dict[str, Any] | None = None


class UsageSeen(Canonical, tag_field="event", tag="usage"):
    usage: Usage


class MessageEnd(Canonical, tag_field="event", tag="message_end"):
    usage: Usage | None = None
    service_tier: str | None = None


class StreamError(Canonical, tag_field="event", tag="error"):
    error: Error


class Ping(Canonical, tag_field="event", tag="ping"):
    pass


class Text(Canonical, tag_field="kind", tag="text"):
    text: str
    citations: list[Citation] | None = None
    logprobs: Raw = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class SearchResult(Canonical, tag_field="kind", tag="search_result"):
    source: str
    title: str
    content: list[Text] | None = None
    cite: bool | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Thinking(Canonical, tag_field="kind", tag="thinking"):
    text: str
    signature: str | None = None
    origin: str | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class SealedThinking(Canonical, tag_field="kind", tag="sealed_thinking"):
    data: str
    origin: str | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Refusal(Canonical, tag_field="kind", tag="refusal"):
    text: str
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class ToolCall(Canonical, tag_field="kind", tag="tool_call"):
    id: str
    name: str
    input: Raw
    signature: str | None = None
    origin: str | None = None
    group: str | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class CustomCall(Canonical, tag_field="kind", tag="custom_call"):
    id: str
    name: str
    input: str
    group: str | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class HostedCall(Canonical, tag_field="kind", tag="hosted_call"):
    origin: str
    raw: Raw
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class HostedResult(Canonical, tag_field="kind", tag="hosted_result"):
    origin: str
    raw: Raw
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Unknown(Canonical, tag_field="kind", tag="unknown"):
    origin: str
    raw: Raw
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class FunctionTool(Canonical, tag_field="kind", tag="function"):
    name: str
    description: str | None = None
    input_schema: Raw = None
    strict: bool | None = None
    group: ToolGroup | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class CustomTool(Canonical, tag_field="kind", tag="custom"):
    name: str
    description: str | None = None
    format: ToolFormat | None = None
    group: ToolGroup | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class ToolChoice(Canonical):
    mode: str | None = None
    parallel: bool | None = None
    name: str | None = None
    allowed: list[AllowedTool] | None = None
    demand: str | None = None
    carried: dict[str, Any] | None = None


class ModelList(Canonical):
    models: list[Model] | None = None
    more: bool | None = None


class EmbedResponse(Canonical):
    embeddings: list[Embedding]
    id: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Usage | None = None
    carried: dict[str, Any] | None = None


class RerankResponse(Canonical):
    results: list[Ranked]
    id: str | None = None
    model: str | None = None
    usage: Usage | None = None
    carried: dict[str, Any] | None = None


class Image(Canonical, tag_field="kind", tag="image"):
    source: Source
    detail: str | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Audio(Canonical, tag_field="kind", tag="audio"):
    source: Source
    id: str | None = None
    transcript: str | None = None
    expires_at: int | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Video(Canonical, tag_field="kind", tag="video"):
    source: Source
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Document(Canonical, tag_field="kind", tag="document"):
    source: Source
    title: str | None = None
    context: str | None = None
    cite: bool | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Request(Canonical):
    model: str
    blocks: list[Block] | None = None
    suffix: str | None = None
    max_tokens: int | None = None
    min_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    stop: list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    n: int | None = None
    stream: bool | None = None
    stream_usage: bool | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    reasoning: Reasoning | None = None
    output_format: OutputFormat | None = None
    modalities: list[str] | None = None
    audio_output: Raw = None
    verbosity: str | None = None
    prediction: list[Text] | None = None
    service_tier: str | None = None
    metadata: Raw = None
    end_user: str | None = None
    store: bool | None = None
    moderation: Raw = None
    cache: Cache | None = None
    cache_key: str | None = None
    cache_retention: str | None = None
    carried: dict[str, Any] | None = None


class ToolResult(Canonical, tag_field="kind", tag="tool_result"):
    call_id: str
    name: str | None = None
    called: str | None = None
    content: list[Block] | None = None
    is_error: bool | None = None
    role: str | None = None
    turn: int | None = None
    part: int | None = None
    cache: Cache | None = None
    carried: dict[str, Any] | None = None


class Response(Canonical):
    id: str | None = None
    created: int | None = None
    model: str | None = None
    candidates: list[Candidate] | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    metadata: Raw = None
    moderation: Raw = None
    carried: dict[str, Any] | None = None


class Candidate(Canonical):
    index: int | None = None
    blocks: list[Block] | None = None
    stop_reason: str | None = None
    native_reason: str | None = None
    stop_sequence: str | None = None
    logprobs: Raw = None
    carried: dict[str, Any] | None = None


class BlockStart(Canonical, tag_field="event", tag="block_start"):
    index: int
    block: Block
    candidate: int | None = None


Source: TypeAlias = BytesSource | UrlSource | TextSource | BoundRef


Tool: TypeAlias = FunctionTool | CustomTool | HostedTool


Block: TypeAlias = Union[
    Text,
    Image,
    Audio,
    Video,
    Document,
    SearchResult,
    Thinking,
    SealedThinking,
    Refusal,
    ToolCall,
    CustomCall,
    ToolResult,
    HostedCall,
    HostedResult,
    Unknown,
]


Event: TypeAlias = Union[
    MessageStart,
    BlockStart,
    BlockDelta,
    BlockStop,
    CandidateStop,
    UsageSeen,
    MessageEnd,
    StreamError,
    Ping,
]
