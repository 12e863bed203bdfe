# Generated from specs/dialects/bedrock_converse/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import Raw, field

from runtime.core.wire import Strict


class ThinkingEnabled(Strict, tag_field="type", tag="enabled"):
    budget_tokens: int
    display: str | None = None


class ThinkingDisabled(Strict, tag_field="type", tag="disabled"):
    pass


class ThinkingAdaptive(Strict, tag_field="type", tag="adaptive"):
    display: str | None = None


class InferenceConfig(Strict):
    max_tokens: int | None = field(name="maxTokens", default=None)
    temperature: float | None = None
    top_p: float | None = field(name="topP", default=None)
    stop_sequences: list[str] | None = field(name="stopSequences", default=None)
    top_k: int | None = field(name="topK", default=None)


class JsonSchemaSpec(Strict):
    schema: str
    name: str | None = None
    description: str | None = None


class ServiceTier(Strict):
    type: str


class DocumentText(Strict):
    text: str | None = None


class CitationsConfig(Strict):
    enabled: bool


class S3Location(Strict):
    uri: str
    bucket_owner: str | None = field(name="bucketOwner", default=None)


class ToolUseBlock(Strict):
    tool_use_id: str = field(name="toolUseId")
    name: str
    input: Raw
    type: str | None = None


class CachePoint(Strict):
    type: str
    ttl: str | None = None


class ReasoningText(Strict):
    text: str
    signature: str | None = None


class RedactedReasoning(Strict):
    data: str


class SearchResultText(Strict):
    text: str


class CitedText(Strict):
    text: str | None = None


class CitedSourceText(Strict):
    text: str | None = None


class WebLocation(Strict):
    url: str | None = None
    domain: str | None = None


class DocumentCharLocation(Strict):
    document_index: int | None = field(name="documentIndex", default=None)
    start: int | None = None
    end: int | None = None


class DocumentPageLocation(Strict):
    document_index: int | None = field(name="documentIndex", default=None)
    start: int | None = None
    end: int | None = None


class DocumentChunkLocation(Strict):
    document_index: int | None = field(name="documentIndex", default=None)
    start: int | None = None
    end: int | None = None


class SearchResultLocation(Strict):
    search_result_index: int | None = field(name="searchResultIndex", default=None)
    start: int | None = None
    end: int | None = None


class ToolInputSchema(Strict):
    json: Raw = None


class NamedTool(Strict):
    name: str


class CacheDetail(Strict):
    ttl: str
    input_tokens: int = field(name="inputTokens")


class MessageStartEvent(Strict, tag_field="event", tag="messageStart"):
    role: str
    p: str | None = None


class ToolUseStart(Strict):
    tool_use_id: str = field(name="toolUseId")
    name: str
    type: str | None = None


class ToolResultStart(Strict):
    tool_use_id: str = field(name="toolUseId")
    type: str | None = None
    status: str | None = None


class ImageStart(Strict):
    format: str


class ToolUseDelta(Strict):
    input: str


class ToolResultDelta(Strict):
    text: str | None = None
    json: Raw = None


class ReasoningDelta(Strict):
    text: str | None = None
    redacted_content: str | None = field(name="redactedContent", default=None)
    signature: str | None = None


class ContentBlockStopEvent(Strict, tag_field="event", tag="contentBlockStop"):
    content_block_index: int = field(name="contentBlockIndex")
    p: str | None = None


class MessageStopEvent(Strict, tag_field="event", tag="messageStop"):
    stop_reason: str = field(name="stopReason")
    additional_model_response_fields: Raw = field(name="additionalModelResponseFields", default=None)
    p: str | None = None


class InternalServerException(Strict, tag_field="event", tag="internalServerException"):
    message: str | None = None


class ModelStreamErrorException(Strict, tag_field="event", tag="modelStreamErrorException"):
    message: str | None = None
    original_status_code: int | None = field(name="originalStatusCode", default=None)
    original_message: str | None = field(name="originalMessage", default=None)


class ValidationException(Strict, tag_field="event", tag="validationException"):
    message: str | None = None


class ThrottlingException(Strict, tag_field="event", tag="throttlingException"):
    message: str | None = None


class ServiceUnavailableException(Strict, tag_field="event", tag="serviceUnavailableException"):
    message: str | None = None


class InvokeTokens(Strict):
    body: str


class CountTokensResponse(Strict):
    input_tokens: int = field(name="inputTokens")


class ErrorEnvelope(Strict):
    message: str | None = None
    original_status_code: int | None = field(name="originalStatusCode", default=None)
    resource_name: str | None = field(name="resourceName", default=None)
    message_1: str | None = field(name="Message", default=None)
    field__type: str | None = field(name="__type", default=None)
    type: str | None = None


class FormatStructure(Strict):
    json_schema: JsonSchemaSpec | None = field(name="jsonSchema", default=None)


class SystemBlock(Strict):
    text: str | None = None
    guard_content: Raw = field(name="guardContent", default=None)
    cache_point: CachePoint | None = field(name="cachePoint", default=None)


class ImageSource(Strict):
    bytes: str | None = None
    s3_location: S3Location | None = field(name="s3Location", default=None)


class DocumentSource(Strict):
    bytes: str | None = None
    s3_location: S3Location | None = field(name="s3Location", default=None)
    text: str | None = None
    content: list[DocumentText] | None = None


class VideoSource(Strict):
    bytes: str | None = None
    s3_location: S3Location | None = field(name="s3Location", default=None)


class AudioSource(Strict):
    bytes: str | None = None
    s3_location: S3Location | None = field(name="s3Location", default=None)


class ReasoningContent(Strict):
    reasoning_text: ReasoningText | None = field(name="reasoningText", default=None)
    redacted_content: str | None = field(name="redactedContent", default=None)
    redacted_reasoning: RedactedReasoning | None = field(name="redactedReasoning", default=None)


class SearchResultBlock(Strict):
    source: str
    title: str
    content: list[SearchResultText]
    citations: CitationsConfig | None = None


class CitationLocation(Strict):
    web: WebLocation | None = None
    document_char: DocumentCharLocation | None = field(name="documentChar", default=None)
    document_page: DocumentPageLocation | None = field(name="documentPage", default=None)
    document_chunk: DocumentChunkLocation | None = field(name="documentChunk", default=None)
    search_result_location: SearchResultLocation | None = field(name="searchResultLocation", default=None)


class ToolSpec(Strict):
    name: str
    input_schema: ToolInputSchema = field(name="inputSchema")
    description: str | None = None
    strict: bool | None = None


class ToolChoice(Strict):
    auto: Raw = None
    any: Raw = None
    tool: NamedTool | None = None


class Usage(Strict):
    input_tokens: int | None = field(name="inputTokens", default=None)
    output_tokens: int | None = field(name="outputTokens", default=None)
    total_tokens: int | None = field(name="totalTokens", default=None)
    cache_read_input_tokens: int | None = field(name="cacheReadInputTokens", default=None)
    cache_write_input_tokens: int | None = field(name="cacheWriteInputTokens", default=None)
    cache_details: list[CacheDetail] | None = field(name="cacheDetails", default=None)
    cache_read_input_token_count: int | None = field(name="cacheReadInputTokenCount", default=None)
    cache_write_input_token_count: int | None = field(name="cacheWriteInputTokenCount", default=None)
    server_tool_usage: Raw = field(name="serverToolUsage", default=None)


class ContentBlockStart(Strict):
    tool_use: ToolUseStart | None = field(name="toolUse", default=None)
    tool_result: ToolResultStart | None = field(name="toolResult", default=None)
    image: ImageStart | None = None


class ImageDelta(Strict):
    source: ImageSource | None = None
    error: Raw = None


class MetadataEvent(Strict, tag_field="event", tag="metadata"):
    usage: Usage | None = None
    metrics: Raw = None
    trace: Raw = None
    performance_config: Raw = field(name="performanceConfig", default=None)
    service_tier: ServiceTier | None = field(name="serviceTier", default=None)
    p: str | None = None


class ModelFields(Strict):
    top_k: int | None = None
    thinking: ThinkingConfig | None = None
    anthropic_beta: Raw = None
    output_config: Raw = None
    tool_choice: Raw = None
    reasoning_effort: str | None = None
    reasoning_config: Raw = field(name="reasoningConfig", default=None)


class TextFormat(Strict):
    type: str
    structure: FormatStructure


class ImageBlock(Strict):
    format: str
    source: ImageSource
    error: Raw = None


class DocumentBlock(Strict):
    name: str
    format: str | None = None
    source: DocumentSource | None = None
    context: str | None = None
    citations: CitationsConfig | None = None


class VideoBlock(Strict):
    format: str
    source: VideoSource


class AudioBlock(Strict):
    format: str
    source: AudioSource
    error: Raw = None


class ToolResultContent(Strict):
    json: Raw = None
    text: str | None = None
    image: ImageBlock | None = None
    document: DocumentBlock | None = None
    video: VideoBlock | None = None
    search_result: SearchResultBlock | None = field(name="searchResult", default=None)


class Citation(Strict):
    title: str | None = None
    source: str | None = None
    source_content: list[CitedSourceText] | None = field(name="sourceContent", default=None)
    location: CitationLocation | None = None


class Tool(Strict):
    tool_spec: ToolSpec | None = field(name="toolSpec", default=None)
    system_tool: Raw = field(name="systemTool", default=None)
    cache_point: CachePoint | None = field(name="cachePoint", default=None)


class ContentBlockStartEvent(Strict, tag_field="event", tag="contentBlockStart"):
    start: ContentBlockStart
    content_block_index: int = field(name="contentBlockIndex")
    p: str | None = None


class ContentBlockDelta(Strict):
    text: str | None = None
    tool_use: ToolUseDelta | None = field(name="toolUse", default=None)
    tool_result: list[ToolResultDelta] | None = field(name="toolResult", default=None)
    reasoning_content: ReasoningDelta | None = field(name="reasoningContent", default=None)
    citation: Citation | None = None
    image: ImageDelta | None = None


class OutputConfig(Strict):
    text_format: TextFormat | None = field(name="textFormat", default=None)
    effort: str | None = None


class ToolResultBlock(Strict):
    tool_use_id: str = field(name="toolUseId")
    content: list[ToolResultContent]
    status: str | None = None
    type: str | None = None


class CitationsContent(Strict):
    content: list[CitedText] | None = None
    citations: list[Citation] | None = None


class ToolConfig(Strict):
    tools: list[Tool]
    tool_choice: ToolChoice | None = field(name="toolChoice", default=None)


class ContentBlockDeltaEvent(Strict, tag_field="event", tag="contentBlockDelta"):
    delta: ContentBlockDelta
    content_block_index: int = field(name="contentBlockIndex")
    p: str | None = None


class ContentBlock(Strict):
    text: str | None = None
    image: ImageBlock | None = None
    document: DocumentBlock | None = None
    video: VideoBlock | None = None
    audio: AudioBlock | None = None
    tool_use: ToolUseBlock | None = field(name="toolUse", default=None)
    tool_result: ToolResultBlock | None = field(name="toolResult", default=None)
    guard_content: Raw = field(name="guardContent", default=None)
    cache_point: CachePoint | None = field(name="cachePoint", default=None)
    reasoning_content: ReasoningContent | None = field(name="reasoningContent", default=None)
    citations_content: CitationsContent | None = field(name="citationsContent", default=None)
    search_result: SearchResultBlock | None = field(name="searchResult", default=None)
    tool_addition: Raw = field(name="toolAddition", default=None)
    tool_removal: Raw = field(name="toolRemoval", default=None)


class Message(Strict):
    role: str
    content: list[ContentBlock]


class ConverseOutput(Strict):
    message: Message | None = None


class ConverseTokens(Strict):
    messages: list[Message] | None = None
    system: list[SystemBlock] | None = None
    tool_config: ToolConfig | None = field(name="toolConfig", default=None)
    additional_model_request_fields: Raw = field(name="additionalModelRequestFields", default=None)


class ConverseRequest(Strict):
    messages: list[Message] | None = None
    system: list[SystemBlock] | None = None
    inference_config: InferenceConfig | None = field(name="inferenceConfig", default=None)
    tool_config: ToolConfig | None = field(name="toolConfig", default=None)
    guardrail_config: Raw = field(name="guardrailConfig", default=None)
    additional_model_request_fields: ModelFields | None = field(name="additionalModelRequestFields", default=None)
    prompt_variables: Raw = field(name="promptVariables", default=None)
    additional_model_response_field_paths: Raw = field(name="additionalModelResponseFieldPaths", default=None)
    request_metadata: Raw = field(name="requestMetadata", default=None)
    performance_config: Raw = field(name="performanceConfig", default=None)
    service_tier: ServiceTier | None = field(name="serviceTier", default=None)
    output_config: OutputConfig | None = field(name="outputConfig", default=None)


class ConverseResponse(Strict):
    output: ConverseOutput
    stop_reason: str = field(name="stopReason")
    usage: Usage | None = None
    metrics: Raw = None
    additional_model_response_fields: Raw = field(name="additionalModelResponseFields", default=None)
    trace: Raw = None
    performance_config: Raw = field(name="performanceConfig", default=None)
    service_tier: ServiceTier | None = field(name="serviceTier", default=None)


class CountTokensInput(Strict):
    invoke_model: InvokeTokens | None = field(name="invokeModel", default=None)
    converse: ConverseTokens | None = None


class CountTokensRequest(Strict):
    input: CountTokensInput


ThinkingConfig: TypeAlias = ThinkingEnabled | ThinkingDisabled | ThinkingAdaptive


StreamEvent: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | ContentBlockStopEvent
    | MessageStopEvent
    | MetadataEvent
    | InternalServerException
    | ModelStreamErrorException
    | ValidationException
    | ThrottlingException
    | ServiceUnavailableException
)
