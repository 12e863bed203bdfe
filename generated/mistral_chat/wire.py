# Generated from specs/dialects/mistral_chat/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Raw, UnsetType

from runtime.core.wire import Strict


class StreamOptions(Strict):
    include_usage: bool | None = None


class JsonSchemaSpec(Strict):
    name: str
    description: str | None = None
    schema: Raw = None
    strict: bool | None = None


class Prediction(Strict):
    type: str
    content: str | None = None


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


class FunctionDefinition(Strict):
    name: str
    description: str | None = None
    parameters: Raw = None
    strict: bool | None = None


class NamedFunction(Strict):
    name: str


class FunctionCall(Strict):
    name: str
    arguments: Raw


class PromptTokensDetails(Strict):
    cached_tokens: int | None = None


class ValidationError(Strict):
    msg: str
    type: str | None = None
    loc: Raw = None
    input: Raw = None
    ctx: Raw = None
    url: str | None = None


class Model(Strict):
    id: str
    object: str | None = None
    created: int | None = None
    owned_by: str | None = None
    type: str | None = None
    name: str | None = None
    description: str | None = None
    max_context_length: int | None = None
    capabilities: Raw = None
    aliases: Raw = None
    deprecation: str | None = None
    deprecation_replacement_model: str | None = None
    default_model_temperature: float | None = None
    job: str | None = None
    root: str | None = None
    archived: bool | None = None
    internal: bool | None = None
    billing_model_name: str | None = None
    audio_transcription_capabilities: Raw = None
    audio_speech_capabilities: Raw = None


class ResponseFormat(Strict):
    type: str | None = None
    json_schema: JsonSchemaSpec | None = None


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: str | ImageUrl


class Tool(Strict):
    type: str | None = None
    function: FunctionDefinition | None = None
    tool_configuration: Raw = None
    library_ids: Raw = None
    connector_id: str | None = None
    authorization: Raw = None


class ToolChoice(Strict):
    function: NamedFunction
    type: str | None = None


class ToolCall(Strict):
    function: FunctionCall
    id: str | None = None
    type: str | None = None
    index: int | None = None


class Usage(Strict):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_audio_seconds: int | None = None
    service_tier: str | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    prompt_token_details: PromptTokensDetails | None = None
    num_cached_tokens: int | None = None


class ErrorDetail(Strict):
    detail: list[ValidationError] | None = None


class ModelList(Strict):
    object: str | None = None
    data: list[Model] | None = None


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
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    index: int | None = None
    metadata: Raw = None


class SystemMessage(Strict, tag_field="role", tag="system"):
    content: str | list[ContentPart]


class UserMessage(Strict, tag_field="role", tag="user"):
    content: str | list[ContentPart] | None = None


class AssistantMessage(Strict, tag_field="role", tag="assistant"):
    content: str | list[ContentPart] | None = None
    tool_calls: list[ToolCall] | None = None
    prefix: bool | None = None


class ToolMessage(Strict, tag_field="role", tag="tool"):
    content: str | list[ContentPart] | None | UnsetType = UNSET
    tool_call_id: str | None = None
    name: str | None = None


class Choice(Strict):
    index: int | None = None
    message: AssistantMessage | None = None
    finish_reason: str | None = None
    messages: Raw = None
    logprobs: Raw = None
    prompt_logprobs: Raw = None


class ChunkChoice(Strict):
    index: int | None = None
    delta: Delta | None = None
    finish_reason: str | None | UnsetType = UNSET
    logprobs: Raw = None
    prompt_logprobs: Raw = None


class ChatCompletion(Strict):
    choices: list[Choice]
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Usage | None = None


class ChatChunk(Strict):
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    choices: list[ChunkChoice] | None = None
    usage: Usage | None = None
    p: str | None = None
    error: ErrorEnvelope | None = None


class ChatRequest(Strict):
    model: str
    messages: list[Message]
    stream: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    random_seed: int | None = None
    tools: list[Tool] | None = None
    tool_choice: str | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: str | None = None
    frequency_penalty: float | None = None
    guardrails: Raw = None
    logprobs: bool | None = None
    metadata: Raw = None
    min_tokens: int | None = None
    n: int | None = None
    prediction: Prediction | None = None
    presence_penalty: float | None = None
    prompt_cache_key: str | None = None
    prompt_logprobs: bool | None = None
    prompt_mode: str | None = None
    repetition_penalty: float | None = None
    safe_prompt: bool | None = None
    service_tier: str | None = None
    top_k: int | None = None
    top_logprobs: int | None = None
    top_prompt_logprobs: int | None = None
    document_image_limit: int | None = None
    document_page_limit: int | None = None
    stream_options: StreamOptions | None = None


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


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage
