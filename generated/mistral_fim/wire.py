# Generated from specs/dialects/mistral_fim/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Raw, UnsetType

from runtime.core.wire import Strict


class FimRequest(Strict):
    model: str
    prompt: str
    suffix: str | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    min_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    random_seed: int | None = None
    metadata: Raw = None
    prompt_cache_key: str | None = None


class PromptTokensDetails(Strict):
    cached_tokens: int | None = None


class TextPart(Strict, tag_field="type", tag="text"):
    text: str


class ImageUrl(Strict):
    url: str
    detail: str | None = None


class DocumentPart(Strict, tag_field="type", tag="document_url"):
    document_url: str
    document_name: str | None = None


class AudioPart(Strict, tag_field="type", tag="input_audio"):
    input_audio: str


class FilePart(Strict, tag_field="type", tag="file"):
    file_id: str


class ToolReferencePart(Strict, tag_field="type", tag="tool_reference"):
    tool: str
    title: str
    url: str | None = None
    favicon: str | None = None
    description: str | None = None


class ReferencePart(Strict, tag_field="type", tag="reference"):
    reference_ids: Raw


class ResourcePart(Strict, tag_field="type", tag="resource"):
    uri: str
    content: Raw


class ResourceLinkPart(Strict, tag_field="type", tag="resource_link"):
    uri: str
    metadata: Raw = None


class ValidationError(Strict):
    msg: str
    type: str | None = None
    loc: Raw = None
    input: Raw = None
    ctx: Raw = None
    url: str | None = None


class Usage(Strict):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_audio_seconds: int | None = None
    service_tier: str | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    prompt_token_details: PromptTokensDetails | None = None
    num_cached_tokens: int | None = None


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: str | ImageUrl


class ErrorDetail(Strict):
    detail: list[ValidationError] | None = None


class ThinkingPart(Strict, tag_field="type", tag="thinking"):
    thinking: list[ThoughtPart]
    closed: bool | None = None
    signature: str | None = None


class ErrorEnvelope(Strict):
    object: str | None = None
    message: str | ErrorDetail | None = None
    type: str | None = None
    param: str | None | UnsetType = UNSET
    code: str | int | None | UnsetType = UNSET
    raw_status_code: int | None = None
    request_id: str | None = None
    detail: str | list[ValidationError] | None = None


class Delta(Strict):
    role: str | None = None
    content: str | list[ContentPart] | None = None
    tool_calls: Raw = None
    tool_call_id: str | None = None
    index: int | None = None
    metadata: Raw = None


class AssistantMessage(Strict):
    role: str
    content: str | list[ContentPart] | None = None
    tool_calls: Raw = None
    prefix: bool | None = None


class ChunkChoice(Strict):
    index: int | None = None
    delta: Delta | None = None
    finish_reason: str | None | UnsetType = UNSET
    logprobs: Raw = None
    prompt_logprobs: Raw = None


class Choice(Strict):
    index: int | None = None
    message: AssistantMessage | None = None
    finish_reason: str | None = None
    messages: Raw = None
    logprobs: Raw = None
    prompt_logprobs: Raw = None


class FimChunk(Strict):
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    choices: list[ChunkChoice] | None = None
    usage: Usage | None = None
    p: str | None = None
    error: ErrorEnvelope | None = None


class FimCompletion(Strict):
    choices: list[Choice]
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Usage | None = None


ThoughtPart: TypeAlias = TextPart | ReferencePart | ToolReferencePart


ContentPart: TypeAlias = (
    TextPart
    | ImagePart
    | DocumentPart
    | AudioPart
    | FilePart
    | ThinkingPart
    | ReferencePart
    | ResourcePart
    | ResourceLinkPart
)
