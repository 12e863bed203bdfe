# Generated from specs/dialects/anthropic_messages/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias, Union

from msgspec import UNSET, Raw, UnsetType, field

from runtime.core.wire import Strict


class TokensCount(Strict):
    input_tokens: int
    context_management: Raw = None


class ThinkingBlock(Strict, tag_field="type", tag="thinking"):
    thinking: str
    signature: str | None = None


class RedactedThinkingBlock(Strict, tag_field="type", tag="redacted_thinking"):
    data: str


class McpToolListingBlock(Strict, tag_field="type", tag="mcp_tool_listing"):
    mcp_server_name: str
    tools: Raw


class FallbackBlock(Strict, tag_field="type", tag="fallback"):
    from_: Raw = field(name="from", default=None)
    to: Raw = None
    trigger: Raw = None


class Base64Source(Strict, tag_field="type", tag="base64"):
    media_type: str
    data: str


class UrlSource(Strict, tag_field="type", tag="url"):
    url: str


class FileSource(Strict, tag_field="type", tag="file"):
    file_id: str


class PlainTextSource(Strict, tag_field="type", tag="text"):
    media_type: str
    data: str


class ContentSource(Strict, tag_field="type", tag="content"):
    content: Raw


class CitationsConfig(Strict):
    enabled: bool | None = None


class CharLocation(Strict, tag_field="type", tag="char_location"):
    cited_text: str
    document_index: int
    start_char_index: int
    end_char_index: int
    document_title: str | None = None
    file_id: str | None = None


class PageLocation(Strict, tag_field="type", tag="page_location"):
    cited_text: str
    document_index: int
    start_page_number: int
    end_page_number: int
    document_title: str | None = None
    file_id: str | None = None


class ContentBlockLocation(Strict, tag_field="type", tag="content_block_location"):
    cited_text: str
    document_index: int
    start_block_index: int
    end_block_index: int
    document_title: str | None = None
    file_id: str | None = None


class SearchResultLocation(Strict, tag_field="type", tag="search_result_location"):
    cited_text: str
    search_result_index: int
    source: str
    start_block_index: int
    end_block_index: int
    title: str | None = None


class WebSearchResultLocation(Strict, tag_field="type", tag="web_search_result_location"):
    cited_text: str
    encrypted_index: str
    url: str
    title: str | None = None


class CacheControl(Strict):
    type: str
    ttl: str | None = None


class Tool(Strict):
    type: str | None = None
    name: str | None = None
    description: str | None = None
    input_schema: Raw = None
    strict: bool | None = None
    eager_input_streaming: bool | None = None
    input_examples: Raw = None
    defer_loading: bool | None = None
    allowed_callers: Raw = None
    cache_control: CacheControl | None = None
    caching: Raw = None
    max_uses: int | None = None
    max_tokens: int | None = None
    max_content_tokens: int | None = None
    max_characters: int | None = None
    allowed_domains: Raw = None
    blocked_domains: Raw = None
    user_location: Raw = None
    citations: Raw = None
    url_sources: Raw = None
    use_cache: bool | None = None
    response_inclusion: str | None = None
    model: str | None = None
    display_width_px: int | None = None
    display_height_px: int | None = None
    display_number: int | None = None
    enable_zoom: bool | None = None
    mcp_server_name: str | None = None
    tools: Raw = None
    default_config: Raw = None
    configs: Raw = None


class ToolChoiceAuto(Strict, tag_field="type", tag="auto"):
    disable_parallel_tool_use: bool | None = None


class ToolChoiceAny(Strict, tag_field="type", tag="any"):
    disable_parallel_tool_use: bool | None = None


class ToolChoiceTool(Strict, tag_field="type", tag="tool"):
    name: str
    disable_parallel_tool_use: bool | None = None


class ToolChoiceNone(Strict, tag_field="type", tag="none"):
    pass


class ThinkingEnabled(Strict, tag_field="type", tag="enabled"):
    budget_tokens: int
    display: str | None = None
    block_binding: Raw = None


class ThinkingDisabled(Strict, tag_field="type", tag="disabled"):
    pass


class ThinkingAdaptive(Strict, tag_field="type", tag="adaptive"):
    display: str | None = None
    block_binding: Raw = None


class ThinkingBetweenTools(Strict, tag_field="type", tag="between_tools"):
    pass


class OutputFormat(Strict):
    type: str
    schema: Raw


class Metadata(Strict):
    user_id: str | None = None


class CacheCreation(Strict):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class OutputTokensDetails(Strict):
    thinking_tokens: int | None = None


class ContentBlockStop(Strict, tag_field="type", tag="content_block_stop"):
    index: int


class MessageStop(Strict, tag_field="type", tag="message_stop"):
    pass


class Ping(Strict, tag_field="type", tag="ping"):
    pass


class TextDelta(Strict, tag_field="type", tag="text_delta"):
    text: str


class InputJsonDelta(Strict, tag_field="type", tag="input_json_delta"):
    partial_json: str


class ThinkingDelta(Strict, tag_field="type", tag="thinking_delta"):
    thinking: str
    estimated_tokens: int | None = None


class SignatureDelta(Strict, tag_field="type", tag="signature_delta"):
    signature: str


class CompactionDelta(Strict, tag_field="type", tag="compaction_delta"):
    content: str | None = None
    encrypted_content: str | None = None


class MessageDeltaBody(Strict):
    stop_reason: str | None | UnsetType = UNSET
    stop_sequence: str | None | UnsetType = UNSET
    stop_details: Raw = None
    container: Raw = None


class MessageDeltaUsage(Strict):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens_details: OutputTokensDetails | None = None
    server_tool_use: Raw = None
    fallback_credit: Raw = None
    iterations: Raw = None


class ErrorDetail(Strict):
    type: str
    message: str


class ModelInfo(Strict):
    id: str
    type: str | None = None
    display_name: str | None = None
    created_at: str | None = None
    deprecated_at: str | None = None
    retires_at: str | None = None
    lifecycle: str | None = None
    line: str | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    allowed_fallback_models: Raw = None
    capabilities: Raw = None


class ToolUseBlock(Strict, tag_field="type", tag="tool_use"):
    id: str
    name: str
    input: Raw = None
    caller: Raw = None
    toolset_name: str | None = None
    cache_control: CacheControl | None = None


class ServerToolUseBlock(Strict, tag_field="type", tag="server_tool_use"):
    id: str
    name: str
    input: Raw = None
    caller: Raw = None
    cache_control: CacheControl | None = None


class WebSearchToolResultBlock(Strict, tag_field="type", tag="web_search_tool_result"):
    tool_use_id: str
    content: Raw
    caller: Raw = None
    cache_control: CacheControl | None = None


class WebFetchToolResultBlock(Strict, tag_field="type", tag="web_fetch_tool_result"):
    tool_use_id: str
    content: Raw
    caller: Raw = None
    cache_control: CacheControl | None = None


class CodeExecutionToolResultBlock(Strict, tag_field="type", tag="code_execution_tool_result"):
    tool_use_id: str
    content: Raw
    cache_control: CacheControl | None = None


class BashCodeExecutionToolResultBlock(Strict, tag_field="type", tag="bash_code_execution_tool_result"):
    tool_use_id: str
    content: Raw
    cache_control: CacheControl | None = None


class TextEditorCodeExecutionToolResultBlock(Strict, tag_field="type", tag="text_editor_code_execution_tool_result"):
    tool_use_id: str
    content: Raw
    cache_control: CacheControl | None = None


class ToolSearchToolResultBlock(Strict, tag_field="type", tag="tool_search_tool_result"):
    tool_use_id: str
    content: Raw
    cache_control: CacheControl | None = None


class AdvisorToolResultBlock(Strict, tag_field="type", tag="advisor_tool_result"):
    tool_use_id: str
    content: Raw
    cache_control: CacheControl | None = None


class ContainerUploadBlock(Strict, tag_field="type", tag="container_upload"):
    file_id: str
    cache_control: CacheControl | None = None


class ToolReferenceBlock(Strict, tag_field="type", tag="tool_reference"):
    tool_name: str
    cache_control: CacheControl | None = None


class BrowserStateBlock(Strict, tag_field="type", tag="browser_state"):
    tabs: Raw
    state_changes: Raw = None
    cache_control: CacheControl | None = None


class McpToolUseBlock(Strict, tag_field="type", tag="mcp_tool_use"):
    id: str
    name: str
    server_name: str
    input: Raw
    cache_control: CacheControl | None = None


class McpToolResultBlock(Strict, tag_field="type", tag="mcp_tool_result"):
    tool_use_id: str
    content: Raw = None
    is_error: bool | None = None
    cache_control: CacheControl | None = None


class ToolAdditionBlock(Strict, tag_field="type", tag="tool_addition"):
    tool: Raw
    cache_control: CacheControl | None = None


class ToolRemovalBlock(Strict, tag_field="type", tag="tool_removal"):
    tool: Raw
    cache_control: CacheControl | None = None


class CompactionBlock(Strict, tag_field="type", tag="compaction"):
    content: str | None = None
    encrypted_content: str | None = None
    signature: str | None = None
    tool_changes: Raw = None
    cache_control: CacheControl | None = None


class OutputConfig(Strict):
    effort: str | None = None
    format: OutputFormat | None = None
    task_budget: Raw = None


class Usage(Strict):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputTokensDetails | None = None
    server_tool_use: Raw = None
    inference_geo: str | None = None
    service_tier: str | None = None
    speed: str | None = None
    fallback_credit: Raw = None
    iterations: Raw = None


class MessageDelta(Strict, tag_field="type", tag="message_delta"):
    delta: MessageDeltaBody
    usage: MessageDeltaUsage | None = None
    context_management: Raw = None
    input_transformations: Raw = None


class ErrorEvent(Strict, tag_field="type", tag="error"):
    error: ErrorDetail
    request_id: str | None = None


class CitationsDelta(Strict, tag_field="type", tag="citations_delta"):
    citation: Citation


class ErrorEnvelope(Strict):
    type: str
    error: ErrorDetail
    request_id: str | None = None


class ModelList(Strict):
    data: list[ModelInfo]
    has_more: bool | None = None
    first_id: str | None = None
    last_id: str | None = None


class TextBlock(Strict, tag_field="type", tag="text"):
    text: str
    citations: list[Citation] | None = None
    cache_control: CacheControl | None = None


class ImageBlock(Strict, tag_field="type", tag="image"):
    source: ImageSource
    transformations: Raw = None
    cache_control: CacheControl | None = None


class DocumentBlock(Strict, tag_field="type", tag="document"):
    source: DocumentSource
    title: str | None = None
    context: str | None = None
    citations: CitationsConfig | None = None
    cache_control: CacheControl | None = None


class SearchResultBlock(Strict, tag_field="type", tag="search_result"):
    source: str
    title: str
    content: list[TextBlock]
    citations: CitationsConfig | None = None
    cache_control: CacheControl | None = None


class ContentBlockDelta(Strict, tag_field="type", tag="content_block_delta"):
    index: int
    delta: BlockDelta


class MessagesRequest(Strict):
    model: str
    messages: list[InputMessage]
    max_tokens: int
    betas: list[str] | None = None
    billing_policy: Raw = None
    cache_control: CacheControl | None = None
    compaction: Raw = None
    container: Raw = None
    context_management: Raw = None
    diagnostics: Raw = None
    fallback_credit_token: Raw = None
    fallbacks: Raw = None
    inference_geo: str | None = None
    mcp_servers: Raw = None
    metadata: Metadata | None = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None
    service_tier: str | None = None
    speed: str | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    system: str | list[TextBlock] | None = None
    temperature: float | None = None
    thinking: ThinkingConfig | None = None
    thread: Raw = None
    tool_choice: ToolChoice | None = None
    tools: list[Tool] | None = None
    top_k: int | None = None
    top_p: float | None = None
    user_profile_id: str | None = None
    workspace_id: str | None = None


class CountTokensRequest(Strict):
    model: str
    messages: list[InputMessage]
    billing_policy: Raw = None
    cache_control: CacheControl | None = None
    compaction: Raw = None
    context_management: Raw = None
    mcp_servers: Raw = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None
    speed: str | None = None
    system: str | list[TextBlock] | None = None
    thinking: ThinkingConfig | None = None
    tool_choice: ToolChoice | None = None
    tools: list[Tool] | None = None
    user_profile_id: str | None = None
    workspace_id: str | None = None


class UserMessage(Strict, tag_field="role", tag="user"):
    content: str | list[ContentBlock]


class AssistantMessage(Strict, tag_field="role", tag="assistant"):
    content: str | list[ContentBlock]


class SystemMessage(Strict, tag_field="role", tag="system"):
    content: str | list[ContentBlock] | None = None
    clear_at: str | None = None
    output_config: Raw = None


class ToolResultBlock(Strict, tag_field="type", tag="tool_result"):
    tool_use_id: str
    content: str | list[ContentBlock] | None = None
    is_error: bool | None = None
    toolset_name: str | None = None
    cache_control: CacheControl | None = None


class Message(Strict):
    content: list[ContentBlock]
    id: str | None = None
    type: str | None = None
    role: str | None = None
    model: str | None = None
    stop_reason: str | None | UnsetType = UNSET
    stop_sequence: str | None | UnsetType = UNSET
    stop_details: Raw = None
    usage: Usage | None = None
    container: Raw = None
    context_management: Raw = None
    diagnostics: Raw = None
    input_transformations: Raw = None


class MessageStart(Strict, tag_field="type", tag="message_start"):
    message: Message


class ContentBlockStart(Strict, tag_field="type", tag="content_block_start"):
    index: int
    content_block: ContentBlock


ImageSource: TypeAlias = Base64Source | UrlSource | FileSource


DocumentSource: TypeAlias = Base64Source | PlainTextSource | ContentSource | UrlSource | FileSource


Citation: TypeAlias = (
    CharLocation | PageLocation | ContentBlockLocation | SearchResultLocation | WebSearchResultLocation
)


ToolChoice: TypeAlias = ToolChoiceAuto | ToolChoiceAny | ToolChoiceTool | ToolChoiceNone


ThinkingConfig: TypeAlias = ThinkingEnabled | ThinkingDisabled | ThinkingAdaptive | ThinkingBetweenTools


BlockDelta: TypeAlias = TextDelta | InputJsonDelta | CitationsDelta | ThinkingDelta | SignatureDelta | CompactionDelta


InputMessage: TypeAlias = Union[UserMessage, AssistantMessage, SystemMessage]


ContentBlock: TypeAlias = Union[
    TextBlock,
    ImageBlock,
    DocumentBlock,
    SearchResultBlock,
    ThinkingBlock,
    RedactedThinkingBlock,
    ToolUseBlock,
    ToolResultBlock,
    ServerToolUseBlock,
    WebSearchToolResultBlock,
    WebFetchToolResultBlock,
    CodeExecutionToolResultBlock,
    BashCodeExecutionToolResultBlock,
    TextEditorCodeExecutionToolResultBlock,
    ToolSearchToolResultBlock,
    AdvisorToolResultBlock,
    ContainerUploadBlock,
    ToolReferenceBlock,
    BrowserStateBlock,
    McpToolUseBlock,
    McpToolResultBlock,
    McpToolListingBlock,
    ToolAdditionBlock,
    ToolRemovalBlock,
    CompactionBlock,
    FallbackBlock,
]


StreamEvent: TypeAlias = Union[
    MessageStart,
    ContentBlockStart,
    ContentBlockDelta,
    ContentBlockStop,
    MessageDelta,
    MessageStop,
    Ping,
    ErrorEvent,
]
