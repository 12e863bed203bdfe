# Generated from specs/dialects/openai_chat/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Raw, UnsetType

from runtime.core.wire import Strict


class FunctionMessage(Strict, tag_field="role", tag="function"):
    name: str
    content: str | None


class ImageUrl(Strict):
    url: str
    detail: str | None = None


class InputAudio(Strict):
    data: str
    format: str


class FileRef(Strict):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class RefusalPart(Strict, tag_field="type", tag="refusal"):
    refusal: str


class CacheControl(Strict):
    type: str
    ttl: str | None = None


class CacheBreakpoint(Strict):
    mode: str
    ttl: str | None = None


class AudioRef(Strict):
    id: str


class UrlCitation(Strict):
    start_index: int | None = None
    end_index: int | None = None
    title: str | None = None
    url: str | None = None


class FunctionDefinition(Strict):
    name: str
    description: str | None = None
    parameters: Raw = None
    strict: bool | None = None


class LegacyFunction(Strict):
    name: str
    description: str | None = None
    parameters: Raw = None


class NamedFunction(Strict):
    name: str


class NamedCustom(Strict):
    name: str


class AllowedFunction(Strict, tag_field="type", tag="function"):
    function: NamedFunction


class AllowedCustom(Strict, tag_field="type", tag="custom"):
    custom: NamedCustom


class GoogleExtra(Strict):
    thought_signature: str | None = None


class FunctionPayload(Strict):
    name: str
    arguments: str


class CustomPayload(Strict):
    name: str
    input: str


class TextFormat(Strict, tag_field="type", tag="text"):
    pass


class JsonObjectFormat(Strict, tag_field="type", tag="json_object"):
    pass


class JsonSchemaSpec(Strict):
    name: str
    description: str | None = None
    schema: Raw = None
    strict: bool | None = None


class StreamOptions(Strict):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class PromptCacheOptions(Strict):
    mode: str | None = None
    ttl: str | None = None


class PromptTokensDetails(Strict):
    audio_tokens: int | None = None
    cache_write_tokens: int | None = None
    cached_tokens: int | None = None
    image_tokens: int | None = None
    text_tokens: int | None = None


class CompletionTokensDetails(Strict):
    accepted_prediction_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None
    rejected_prediction_tokens: int | None = None
    text_tokens: int | None = None


class FunctionDelta(Strict):
    name: str | None = None
    arguments: str | None = None


class CustomDelta(Strict):
    name: str | None = None
    input: str | None = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    param: str | None | UnsetType = UNSET
    code: str | int | None | UnsetType = UNSET
    misalignment: Raw = None
    n_ctx: int | None = None
    n_prompt_tokens: int | None = None


class Model(Strict):
    id: str
    object: str | None = None
    created: int | None = None
    owned_by: str | None = None
    shutdown_date: str | None = None
    aliases: Raw = None
    architecture: Raw = None
    max_model_len: int | None = None
    meta: Raw = None
    parent: str | None = None
    permission: Raw = None
    permissions: Raw = None
    root: str | None = None
    tags: Raw = None


class AudioAnswer(Strict):
    id: str | None = None
    data: str | None = None
    expires_at: int | None = None
    transcript: str | None = None


class CustomTextFormat(Strict, tag_field="type", tag="text"):
    pass


class CustomGrammar(Strict):
    definition: str
    syntax: str


class TextPart(Strict, tag_field="type", tag="text"):
    text: str
    prompt_cache_breakpoint: CacheBreakpoint | None = None
    cache_control: CacheControl | None = None


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: ImageUrl
    prompt_cache_breakpoint: CacheBreakpoint | None = None
    cache_control: CacheControl | None = None


class AudioPart(Strict, tag_field="type", tag="input_audio"):
    input_audio: InputAudio
    prompt_cache_breakpoint: CacheBreakpoint | None = None
    cache_control: CacheControl | None = None


class FilePart(Strict, tag_field="type", tag="file"):
    file: FileRef
    prompt_cache_breakpoint: CacheBreakpoint | None = None
    cache_control: CacheControl | None = None


class Annotation(Strict):
    type: str
    url_citation: UrlCitation | None = None


class FunctionTool(Strict, tag_field="type", tag="function"):
    function: FunctionDefinition


class FunctionChoice(Strict, tag_field="type", tag="function"):
    function: NamedFunction


class CustomChoice(Strict, tag_field="type", tag="custom"):
    custom: NamedCustom


class ExtraContent(Strict):
    google: GoogleExtra | None = None


class CustomCall(Strict, tag_field="type", tag="custom"):
    custom: CustomPayload
    id: str | None = None
    index: int | None = None


class JsonSchemaFormat(Strict, tag_field="type", tag="json_schema"):
    json_schema: JsonSchemaSpec


class Prediction(Strict):
    type: str
    content: str | list[TextPart]


class Usage(Strict):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    prompt_cache_miss_tokens: int | None = None


class ToolCallDelta(Strict):
    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionDelta | None = None
    custom: CustomDelta | None = None
    extra_content: ExtraContent | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail


class ModelList(Strict):
    data: list[Model]
    object: str | None = None
    models: Raw = None


class CustomGrammarFormat(Strict, tag_field="type", tag="grammar"):
    grammar: CustomGrammar


class SystemMessage(Strict, tag_field="role", tag="system"):
    content: str | list[TextPart]
    name: str | None = None


class DeveloperMessage(Strict, tag_field="role", tag="developer"):
    content: str | list[TextPart]
    name: str | None = None


class AllowedTools(Strict):
    mode: str
    tools: list[AllowedTool]


class FunctionCall(Strict, tag_field="type", tag="function"):
    function: FunctionPayload
    id: str | None = None
    index: int | None = None
    extra_content: ExtraContent | None = None


class Delta(Strict):
    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    function_call: FunctionDelta | None = None
    annotations: list[Annotation] | None = None
    audio: Raw = None


class UserMessage(Strict, tag_field="role", tag="user"):
    content: str | list[UserPart]
    name: str | None = None


class ToolMessage(Strict, tag_field="role", tag="tool"):
    tool_call_id: str
    content: str | list[ToolPart]
    name: str | None = None


class CustomDefinition(Strict):
    name: str
    description: str | None = None
    format: CustomFormat | None = None


class AllowedToolsChoice(Strict, tag_field="type", tag="allowed_tools"):
    allowed_tools: AllowedTools


class ResponseMessage(Strict):
    role: str | None = None
    content: str | None | UnsetType = UNSET
    refusal: str | None | UnsetType = UNSET
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: FunctionPayload | None = None
    annotations: list[Annotation] | None = None
    audio: AudioAnswer | None = None


class ChunkChoice(Strict):
    index: int | None = None
    delta: Delta | None = None
    finish_reason: str | None | UnsetType = UNSET
    logprobs: Raw = None
    stop_reason: str | int | None = None
    token_ids: Raw = None


class AssistantMessage(Strict, tag_field="role", tag="assistant"):
    content: str | list[AssistantPart] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: FunctionPayload | None = None
    audio: AudioRef | None = None
    annotations: list[Annotation] | None = None
    name: str | None = None
    prefix: bool | None = None


class CustomTool(Strict, tag_field="type", tag="custom"):
    custom: CustomDefinition


class Choice(Strict):
    message: ResponseMessage
    index: int | None = None
    finish_reason: str | None | UnsetType = UNSET
    logprobs: Raw = None
    routed_experts: Raw = None
    stop_reason: str | int | None = None
    token_ids: Raw = None


class ChatChunk(Strict):
    id: str | None = None
    choices: list[ChunkChoice] | None = None
    created: int | None = None
    model: str | None = None
    object: str | None = None
    moderation: Raw = None
    obfuscation: str | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None
    error: str | ErrorDetail | None = None
    timings: Raw = None
    prompt_text: str | None = None
    prompt_token_ids: Raw = None


class ChatCompletion(Strict):
    choices: list[Choice]
    id: str | None = None
    created: int | None = None
    model: str | None = None
    object: str | None = None
    metadata: Raw = None
    moderation: Raw = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None
    timings: Raw = None
    ec_transfer_params: Raw = None
    kv_transfer_params: Raw = None
    metrics: Raw = None
    prompt_logprobs: Raw = None
    prompt_text: str | None = None
    prompt_token_ids: Raw = None


class ChatRequest(Strict):
    model: str
    messages: list[Message]
    audio: Raw = None
    chat_template_kwargs: Raw = None
    frequency_penalty: float | None = None
    function_call: str | NamedFunction | None = None
    functions: list[LegacyFunction] | None = None
    logit_bias: Raw = None
    logprobs: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    metadata: Raw = None
    min_p: float | None = None
    modalities: list[str] | None = None
    moderation: Raw = None
    n: int | None = None
    parallel_tool_calls: bool | None = None
    prediction: Prediction | None = None
    presence_penalty: float | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_retention: str | None = None
    reasoning: Raw = None
    reasoning_effort: str | None = None
    response_format: ResponseFormat | None = None
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: str | None = None
    stop: str | list[str] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = None
    thinking: Raw = None
    tool_choice: str | ToolChoice | None = None
    tools: list[Tool] | None = None
    top_k: int | None = None
    top_logprobs: int | None = None
    top_p: float | None = None
    user: str | None = None
    verbosity: str | None = None
    web_search_options: Raw = None


AllowedTool: TypeAlias = AllowedFunction | AllowedCustom


UserPart: TypeAlias = TextPart | ImagePart | AudioPart | FilePart


AssistantPart: TypeAlias = TextPart | RefusalPart


ToolPart: TypeAlias = TextPart | ImagePart


ResponseFormat: TypeAlias = TextFormat | JsonObjectFormat | JsonSchemaFormat


CustomFormat: TypeAlias = CustomTextFormat | CustomGrammarFormat


ToolCall: TypeAlias = FunctionCall | CustomCall


ToolChoice: TypeAlias = FunctionChoice | CustomChoice | AllowedToolsChoice


Message: TypeAlias = SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage


Tool: TypeAlias = FunctionTool | CustomTool
