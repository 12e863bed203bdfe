# Generated from specs/dialects/openai_responses/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import UNSET, Raw, UnsetType, field

from runtime.core.wire import Strict


class TextFormat(Strict, tag_field="type", tag="text"):
    pass


class JsonObjectFormat(Strict, tag_field="type", tag="json_object"):
    pass


class JsonSchemaFormat(Strict, tag_field="type", tag="json_schema"):
    name: str
    description: str | None = None
    schema: Raw = None
    strict: bool | None = None


class ReasoningConfig(Strict):
    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None
    context: str | None = None
    mode: str | None = None


class StreamOptions(Strict):
    include_obfuscation: bool | None = None


class PromptCacheOptions(Strict):
    mode: str | None = None
    ttl: str | None = None
    comparison_response_id: str | None = None
    prewarm: bool | None = None


class FunctionCall(Strict, tag_field="type", tag="function_call"):
    call_id: str
    name: str
    arguments: str
    id: str | None = None
    namespace: str | None = None
    status: str | None = None
    async_: bool | None = field(name="async", default=None)
    caller: Raw = None
    created_by: str | None = None


class CustomToolCall(Strict, tag_field="type", tag="custom_tool_call"):
    call_id: str
    name: str
    input: str
    id: str | None = None
    namespace: str | None = None
    status: str | None = None
    async_: bool | None = field(name="async", default=None)
    caller: Raw = None
    created_by: str | None = None


class ItemReference(Strict, tag_field="type", tag="item_reference"):
    untagged: ClassVar[bool] = True
    id: str


class FileSearchCall(Strict, tag_field="type", tag="file_search_call"):
    queries: Raw
    id: str | None = None
    status: str | None = None
    results: Raw = None


class ComputerCall(Strict, tag_field="type", tag="computer_call"):
    call_id: str
    pending_safety_checks: Raw
    id: str | None = None
    status: str | None = None
    action: Raw = None
    actions: Raw = None


class ComputerCallOutput(Strict, tag_field="type", tag="computer_call_output"):
    call_id: str
    output: Raw
    id: str | None = None
    status: str | None = None
    acknowledged_safety_checks: Raw = None
    created_by: str | None = None


class WebSearchCall(Strict, tag_field="type", tag="web_search_call"):
    action: Raw
    id: str | None = None
    status: str | None = None


class ImageGenerationCall(Strict, tag_field="type", tag="image_generation_call"):
    id: str | None = None
    status: str | None = None
    action: str | None = None
    background: str | None = None
    error: Raw = None
    output_format: str | None = None
    quality: str | None = None
    result: str | None = None
    revised_prompt: str | None = None
    size: str | None = None
    svg_usage: Raw = None


class CodeInterpreterCall(Strict, tag_field="type", tag="code_interpreter_call"):
    container_id: str
    id: str | None = None
    status: str | None = None
    code: str | None = None
    outputs: Raw = None


class LocalShellCall(Strict, tag_field="type", tag="local_shell_call"):
    call_id: str
    action: Raw
    id: str | None = None
    status: str | None = None


class LocalShellCallOutput(Strict, tag_field="type", tag="local_shell_call_output"):
    output: str
    id: str | None = None
    status: str | None = None


class McpListTools(Strict, tag_field="type", tag="mcp_list_tools"):
    server_label: str
    tools: Raw
    id: str | None = None
    error: str | None = None


class McpApprovalRequest(Strict, tag_field="type", tag="mcp_approval_request"):
    name: str
    arguments: str
    server_label: str
    id: str | None = None


class McpApprovalResponse(Strict, tag_field="type", tag="mcp_approval_response"):
    approval_request_id: str
    approve: bool
    id: str | None = None
    reason: str | None = None


class McpCall(Strict, tag_field="type", tag="mcp_call"):
    name: str
    arguments: str
    server_label: str
    id: str | None = None
    status: str | None = None
    approval_request_id: str | None = None
    error: Raw = None
    output: str | None = None


class ToolSearchCall(Strict, tag_field="type", tag="tool_search_call"):
    arguments: Raw
    id: str | None = None
    call_id: str | None = None
    status: str | None = None
    created_by: str | None = None
    execution: str | None = None


class ToolSearchOutput(Strict, tag_field="type", tag="tool_search_output"):
    tools: Raw
    id: str | None = None
    call_id: str | None = None
    status: str | None = None
    created_by: str | None = None
    execution: str | None = None


class AdditionalTools(Strict, tag_field="type", tag="additional_tools"):
    role: str
    tools: Raw
    id: str | None = None


class Compaction(Strict, tag_field="type", tag="compaction"):
    encrypted_content: str
    id: str | None = None
    created_by: str | None = None


class ShellCall(Strict, tag_field="type", tag="shell_call"):
    call_id: str
    action: Raw
    id: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None
    environment: Raw = None


class ShellCallOutput(Strict, tag_field="type", tag="shell_call_output"):
    call_id: str
    output: Raw
    id: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None
    max_output_length: int | None = None


class ApplyPatchCall(Strict, tag_field="type", tag="apply_patch_call"):
    call_id: str
    operation: Raw
    id: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None


class ApplyPatchCallOutput(Strict, tag_field="type", tag="apply_patch_call_output"):
    call_id: str
    id: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None
    output: str | None = None


class CompactionTrigger(Strict, tag_field="type", tag="compaction_trigger"):
    id: str | None = None


class Program(Strict, tag_field="type", tag="program"):
    call_id: str
    code: str
    fingerprint: str
    id: str | None = None


class ProgramOutput(Strict, tag_field="type", tag="program_output"):
    call_id: str
    result: str
    id: str | None = None
    status: str | None = None


class ConfigurationUpdate(Strict, tag_field="type", tag="configuration_update"):
    id: str | None = None
    reasoning: Raw = None
    text: Raw = None


class AudioData(Strict):
    data: str
    format: str


class RefusalPart(Strict, tag_field="type", tag="refusal"):
    refusal: str


class ReasoningText(Strict, tag_field="type", tag="reasoning_text"):
    text: str


class SummaryText(Strict):
    type: Literal["summary_text"]
    text: str


class UrlCitation(Strict, tag_field="type", tag="url_citation"):
    url: str
    title: str | None = None
    start_index: int | None = None
    end_index: int | None = None


class FileCitation(Strict, tag_field="type", tag="file_citation"):
    file_id: str
    filename: str | None = None
    index: int | None = None


class ContainerFileCitation(Strict, tag_field="type", tag="container_file_citation"):
    container_id: str
    file_id: str
    filename: str | None = None
    start_index: int | None = None
    end_index: int | None = None


class FilePath(Strict, tag_field="type", tag="file_path"):
    file_id: str
    index: int | None = None


class CacheBreakpoint(Strict):
    mode: str
    ttl: str | None = None


class FunctionTool(Strict, tag_field="type", tag="function"):
    name: str
    description: str | None = None
    parameters: Raw = None
    strict: bool | None = None
    allowed_callers: Raw = None
    defer_loading: bool | None = None
    output_schema: Raw = None
    async_: bool | None = field(name="async", default=None)


class FileSearchTool(Strict, tag_field="type", tag="file_search"):
    vector_store_ids: Raw
    filters: Raw = None
    max_num_results: int | None = None
    ranking_options: Raw = None


class WebSearchTool(Strict, tag_field="type", tag="web_search"):
    filters: Raw = None
    search_context_size: str | None = None
    user_location: Raw = None
    external_web_access: bool | None = None


class WebSearchTool20250826(Strict, tag_field="type", tag="web_search_2025_08_26"):
    filters: Raw = None
    search_context_size: str | None = None
    user_location: Raw = None
    external_web_access: bool | None = None


class WebSearchPreviewTool(Strict, tag_field="type", tag="web_search_preview"):
    search_context_size: str | None = None
    user_location: Raw = None
    search_content_types: Raw = None


class WebSearchPreviewTool20250311(Strict, tag_field="type", tag="web_search_preview_2025_03_11"):
    search_context_size: str | None = None
    user_location: Raw = None
    search_content_types: Raw = None


class ComputerTool(Strict, tag_field="type", tag="computer"):
    pass


class ComputerPreviewTool(Strict, tag_field="type", tag="computer_use_preview"):
    display_height: int
    display_width: int
    environment: str


class McpTool(Strict, tag_field="type", tag="mcp"):
    server_label: str
    allowed_tools: Raw = None
    authorization: str | None = None
    connector_id: str | None = None
    headers: Raw = None
    require_approval: Raw = None
    server_description: str | None = None
    server_url: str | None = None
    allowed_callers: Raw = None
    defer_loading: bool | None = None
    tunnel_id: str | None = None


class CodeInterpreterTool(Strict, tag_field="type", tag="code_interpreter"):
    container: Raw
    allowed_callers: Raw = None


class ImageGenerationTool(Strict, tag_field="type", tag="image_generation"):
    background: str | None = None
    input_fidelity: str | None = None
    input_image_mask: Raw = None
    model: str | None = None
    moderation: str | None = None
    output_compression: int | None = None
    output_format: str | None = None
    partial_images: int | None = None
    quality: str | None = None
    size: str | None = None
    action: str | None = None
    complexity: str | None = None
    frame_count: int | None = None
    frame_duration_ms: int | None = None
    svg: Raw = None


class LocalShellTool(Strict, tag_field="type", tag="local_shell"):
    pass


class ShellTool(Strict, tag_field="type", tag="shell"):
    allowed_callers: Raw = None
    environment: Raw = None


class ApplyPatchTool(Strict, tag_field="type", tag="apply_patch"):
    allowed_callers: Raw = None


class ProgrammaticTool(Strict, tag_field="type", tag="programmatic_tool_calling"):
    pass


class ToolSearchTool(Strict, tag_field="type", tag="tool_search"):
    description: str | None = None
    execution: str | None = None
    parameters: Raw = None


class FunctionChoice(Strict, tag_field="type", tag="function"):
    name: str


class CustomChoice(Strict, tag_field="type", tag="custom"):
    name: str


class AllowedFunction(Strict, tag_field="type", tag="function"):
    name: str


class AllowedCustom(Strict, tag_field="type", tag="custom"):
    name: str


class McpChoice(Strict, tag_field="type", tag="mcp"):
    server_label: str
    name: str | None = None


class FileSearchChoice(Strict, tag_field="type", tag="file_search"):
    pass


class WebSearchPreviewChoice(Strict, tag_field="type", tag="web_search_preview"):
    pass


class WebSearchPreview20250311Choice(Strict, tag_field="type", tag="web_search_preview_2025_03_11"):
    pass


class ComputerChoice(Strict, tag_field="type", tag="computer"):
    pass


class ComputerUseChoice(Strict, tag_field="type", tag="computer_use"):
    pass


class ComputerUsePreviewChoice(Strict, tag_field="type", tag="computer_use_preview"):
    pass


class ImageGenerationChoice(Strict, tag_field="type", tag="image_generation"):
    pass


class CodeInterpreterChoice(Strict, tag_field="type", tag="code_interpreter"):
    pass


class ProgrammaticToolCallingChoice(Strict, tag_field="type", tag="programmatic_tool_calling"):
    pass


class ApplyPatchChoice(Strict, tag_field="type", tag="apply_patch"):
    pass


class ShellChoice(Strict, tag_field="type", tag="shell"):
    pass


class IncompleteDetails(Strict):
    reason: str | None = None


class ResponseError(Strict):
    code: str | None = None
    message: str | None = None
    type: str | None = None
    param: str | None = None
    misalignment: Raw = None


class InputTokensDetails(Strict):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_tokens_details: Raw = None
    input_tokens_per_turn: Raw = None
    cached_tokens_per_turn: Raw = None


class OutputTokensDetails(Strict):
    reasoning_tokens: int | None = None
    tool_output_tokens: int | None = None
    output_tokens_per_turn: Raw = None
    tool_output_tokens_per_turn: Raw = None


class OutputTextDelta(Strict, tag_field="type", tag="response.output_text.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    logprobs: Raw = None
    obfuscation: str | None = None


class OutputTextDone(Strict, tag_field="type", tag="response.output_text.done"):
    text: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    logprobs: Raw = None


class RefusalDelta(Strict, tag_field="type", tag="response.refusal.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    obfuscation: str | None = None


class RefusalDone(Strict, tag_field="type", tag="response.refusal.done"):
    refusal: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None


class FunctionCallArgumentsDelta(Strict, tag_field="type", tag="response.function_call_arguments.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    obfuscation: str | None = None


class FunctionCallArgumentsDone(Strict, tag_field="type", tag="response.function_call_arguments.done"):
    arguments: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    name: str | None = None


class CustomToolCallInputDelta(Strict, tag_field="type", tag="response.custom_tool_call_input.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    obfuscation: str | None = None


class CustomToolCallInputDone(Strict, tag_field="type", tag="response.custom_tool_call_input.done"):
    input: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ReasoningSummaryPartAdded(Strict, tag_field="type", tag="response.reasoning_summary_part.added"):
    part: SummaryText
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    summary_index: int | None = None


class ReasoningSummaryPartDone(Strict, tag_field="type", tag="response.reasoning_summary_part.done"):
    part: SummaryText
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    summary_index: int | None = None
    status: str | None = None


class ReasoningSummaryTextDelta(Strict, tag_field="type", tag="response.reasoning_summary_text.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    summary_index: int | None = None
    obfuscation: str | None = None


class ReasoningSummaryTextDone(Strict, tag_field="type", tag="response.reasoning_summary_text.done"):
    text: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    summary_index: int | None = None


class ReasoningTextDelta(Strict, tag_field="type", tag="response.reasoning_text.delta"):
    delta: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    obfuscation: str | None = None


class ReasoningTextDone(Strict, tag_field="type", tag="response.reasoning_text.done"):
    text: str
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None


class AudioDelta(Strict, tag_field="type", tag="response.audio.delta"):
    sequence_number: int | None = None
    delta: str | None = None


class AudioDone(Strict, tag_field="type", tag="response.audio.done"):
    sequence_number: int | None = None


class AudioTranscriptDelta(Strict, tag_field="type", tag="response.audio.transcript.delta"):
    sequence_number: int | None = None
    delta: str | None = None


class AudioTranscriptDone(Strict, tag_field="type", tag="response.audio.transcript.done"):
    sequence_number: int | None = None


class CodeInterpreterCallCodeDelta(Strict, tag_field="type", tag="response.code_interpreter_call_code.delta"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    delta: str | None = None
    obfuscation: str | None = None


class CodeInterpreterCallCodeDone(Strict, tag_field="type", tag="response.code_interpreter_call_code.done"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    code: str | None = None


class CodeInterpreterCallCompleted(Strict, tag_field="type", tag="response.code_interpreter_call.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class CodeInterpreterCallInProgress(Strict, tag_field="type", tag="response.code_interpreter_call.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class CodeInterpreterCallInterpreting(Strict, tag_field="type", tag="response.code_interpreter_call.interpreting"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class CompactionCompacting(Strict, tag_field="type", tag="response.compaction.compacting"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class FileSearchCallCompleted(Strict, tag_field="type", tag="response.file_search_call.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class FileSearchCallInProgress(Strict, tag_field="type", tag="response.file_search_call.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class FileSearchCallSearching(Strict, tag_field="type", tag="response.file_search_call.searching"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ImageGenerationCallCompleted(Strict, tag_field="type", tag="response.image_generation_call.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ImageGenerationCallGenerating(Strict, tag_field="type", tag="response.image_generation_call.generating"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ImageGenerationCallInProgress(Strict, tag_field="type", tag="response.image_generation_call.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ImageGenerationCallPartialImage(Strict, tag_field="type", tag="response.image_generation_call.partial_image"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    partial_image_b64: str | None = None
    partial_image_index: int | None = None
    background: str | None = None
    output_format: str | None = None
    quality: str | None = None
    size: str | None = None


class McpCallArgumentsDelta(Strict, tag_field="type", tag="response.mcp_call_arguments.delta"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    delta: str | None = None
    obfuscation: str | None = None


class McpCallArgumentsDone(Strict, tag_field="type", tag="response.mcp_call_arguments.done"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    arguments: str | None = None


class McpCallCompleted(Strict, tag_field="type", tag="response.mcp_call.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class McpCallFailed(Strict, tag_field="type", tag="response.mcp_call.failed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class McpCallInProgress(Strict, tag_field="type", tag="response.mcp_call.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class McpListToolsCompleted(Strict, tag_field="type", tag="response.mcp_list_tools.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class McpListToolsFailed(Strict, tag_field="type", tag="response.mcp_list_tools.failed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class McpListToolsInProgress(Strict, tag_field="type", tag="response.mcp_list_tools.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class ShellCallCommandAdded(Strict, tag_field="type", tag="response.shell_call_command.added"):
    sequence_number: int | None = None
    output_index: int | None = None
    command: str | None = None
    command_index: int | None = None


class ShellCallCommandDelta(Strict, tag_field="type", tag="response.shell_call_command.delta"):
    sequence_number: int | None = None
    output_index: int | None = None
    command_index: int | None = None
    delta: str | None = None
    obfuscation: str | None = None


class ShellCallCommandDone(Strict, tag_field="type", tag="response.shell_call_command.done"):
    sequence_number: int | None = None
    output_index: int | None = None
    command: str | None = None
    command_index: int | None = None


class ShellCallOutputContentDelta(Strict, tag_field="type", tag="response.shell_call_output_content.delta"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    command_index: int | None = None
    delta: Raw = None


class ShellCallOutputContentDone(Strict, tag_field="type", tag="response.shell_call_output_content.done"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    command_index: int | None = None
    output: Raw = None


class WebSearchCallCompleted(Strict, tag_field="type", tag="response.web_search_call.completed"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class WebSearchCallInProgress(Strict, tag_field="type", tag="response.web_search_call.in_progress"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class WebSearchCallSearching(Strict, tag_field="type", tag="response.web_search_call.searching"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None


class InputTokensCount(Strict):
    input_tokens: int
    object: str | None = None


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


class CustomTextFormat(Strict, tag_field="type", tag="text"):
    pass


class CustomGrammarFormat(Strict, tag_field="type", tag="grammar"):
    definition: str
    syntax: str


class ReasoningItem(Strict, tag_field="type", tag="reasoning"):
    id: str | None = None
    content: list[ReasoningText] | None = None
    summary: list[SummaryText] | None = None
    encrypted_content: str | None = None
    status: str | None = None


class InputText(Strict, tag_field="type", tag="input_text"):
    text: str
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputImage(Strict, tag_field="type", tag="input_image"):
    image_url: str | None = None
    file_id: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputFile(Strict, tag_field="type", tag="input_file"):
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputAudio(Strict, tag_field="type", tag="input_audio"):
    input_audio: AudioData


class Usage(Strict):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: InputTokensDetails | None = None
    output_tokens_details: OutputTokensDetails | None = None


class OutputTextAnnotationAdded(Strict, tag_field="type", tag="response.output_text.annotation.added"):
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    annotation_index: int | None = None
    annotation: Annotation | None = None


class ErrorEvent(Strict, tag_field="type", tag="error"):
    sequence_number: int | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None
    error: ErrorDetail | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail


class ModelList(Strict):
    data: list[Model]
    object: str | None = None
    models: Raw = None


class TextConfig(Strict):
    format: ResponseFormat | None = None
    verbosity: str | None = None


class OutputText(Strict, tag_field="type", tag="output_text"):
    text: str
    annotations: list[Annotation] | None = None
    logprobs: Raw = None


class CustomTool(Strict, tag_field="type", tag="custom"):
    name: str
    description: str | None = None
    format: CustomFormat | None = None
    allowed_callers: Raw = None
    defer_loading: bool | None = None
    async_: bool | None = field(name="async", default=None)


class AllowedToolsChoice(Strict, tag_field="type", tag="allowed_tools"):
    mode: str
    tools: list[AllowedTool]


class NamespaceTool(Strict, tag_field="type", tag="namespace"):
    description: str
    name: str
    tools: list[GroupedTool]


class ContentPartAdded(Strict, tag_field="type", tag="response.content_part.added"):
    part: OutputPart
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None


class ContentPartDone(Strict, tag_field="type", tag="response.content_part.done"):
    part: OutputPart
    sequence_number: int | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None


class InputMessage(Strict, tag_field="type", tag="message"):
    untagged: ClassVar[bool] = True
    role: str
    content: str | list[InputPart]
    id: str | None = None
    status: str | None = None
    phase: str | None = None
    annotations: Raw = None


class OutputMessage(Strict, tag_field="type", tag="message"):
    content: list[OutputPart]
    id: str | None = None
    role: str | None = None
    status: str | None = None
    phase: str | None = None
    annotations: Raw = None


class FunctionCallOutput(Strict, tag_field="type", tag="function_call_output"):
    output: str | list[InputPart]
    id: str | None = None
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None


class CustomToolCallOutput(Strict, tag_field="type", tag="custom_tool_call_output"):
    call_id: str
    output: str | list[InputPart]
    id: str | None = None
    status: str | None = None
    caller: Raw = None
    created_by: str | None = None


class Response(Strict):
    id: str | None = None
    object: str | None = None
    created_at: float | None = None
    model: str | None = None
    status: str | None = None
    output: list[OutputItem] | None = None
    usage: Usage | None | UnsetType = UNSET
    error: ResponseError | None = None
    incomplete_details: IncompleteDetails | None = None
    access_programs: Raw = None
    background: bool | None = None
    completed_at: float | None = None
    conversation: Raw = None
    image: Raw = None
    input_transformations: Raw = None
    instructions: Raw = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    metadata: Raw = None
    moderation: Raw = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    prompt: Raw = None
    prompt_cache_diagnostics: Raw = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Raw = None
    prompt_cache_retention: str | None = None
    reasoning: Raw = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    temperature: float | None = None
    text: Raw = None
    tool_choice: Raw = None
    tool_usage: Raw = None
    tools: Raw = None
    top_logprobs: int | None = None
    top_p: float | None = None
    truncation: str | None = None
    user: str | None = None
    billing: Raw = None
    store: bool | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    ec_transfer_params: Raw = None
    kv_transfer_params: Raw = None
    input_messages: Raw = None
    output_messages: Raw = None
    timings: Raw = None


class ResponseCreated(Strict, tag_field="type", tag="response.created"):
    response: Response
    sequence_number: int | None = None


class ResponseInProgress(Strict, tag_field="type", tag="response.in_progress"):
    response: Response
    sequence_number: int | None = None


class ResponseQueued(Strict, tag_field="type", tag="response.queued"):
    response: Response
    sequence_number: int | None = None


class ResponseCompleted(Strict, tag_field="type", tag="response.completed"):
    response: Response
    sequence_number: int | None = None
    timings: Raw = None


class ResponseFailed(Strict, tag_field="type", tag="response.failed"):
    response: Response
    sequence_number: int | None = None


class ResponseIncomplete(Strict, tag_field="type", tag="response.incomplete"):
    response: Response
    sequence_number: int | None = None


class OutputItemAdded(Strict, tag_field="type", tag="response.output_item.added"):
    item: OutputItem
    sequence_number: int | None = None
    output_index: int | None = None


class OutputItemDone(Strict, tag_field="type", tag="response.output_item.done"):
    item: OutputItem
    sequence_number: int | None = None
    output_index: int | None = None


class InputTokensRequest(Strict):
    model: str | None = None
    input: str | list[InputItem] | None = None
    instructions: str | None = None
    conversation: Raw = None
    parallel_tool_calls: bool | None = None
    personality: str | None = None
    previous_response_id: str | None = None
    reasoning: ReasoningConfig | None = None
    text: TextConfig | None = None
    tool_choice: str | ToolChoice | None = None
    tools: list[Tool] | None = None
    truncation: str | None = None


class CompactRequest(Strict):
    model: str | None
    input: str | list[InputItem] | None = None
    instructions: str | None = None
    image: Raw = None
    previous_response_id: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_retention: str | None = None
    service_tier: str | None = None


class CompactedResponse(Strict):
    output: list[OutputItem]
    id: str | None = None
    object: str | None = None
    created_at: int | None = None
    usage: Usage | None = None
    image: Raw = None


class ItemList(Strict):
    data: list[InputItem]
    object: str | None = None
    first_id: str | None = None
    last_id: str | None = None
    has_more: bool | None = None


class ResponsesRequest(Strict):
    model: str | None = None
    input: str | list[InputItem] | None = None
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[Tool] | None = None
    tool_choice: str | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    reasoning: ReasoningConfig | None = None
    include: list[str] | None = None
    store: bool | None = None
    previous_response_id: str | None = None
    access_programs: Raw = None
    background: bool | None = None
    context_management: Raw = None
    conversation: Raw = None
    image: Raw = None
    max_tool_calls: int | None = None
    metadata: Raw = None
    moderation: Raw = None
    prompt: Raw = None
    prompt_cache_key: str | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_retention: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    stream_options: StreamOptions | None = None
    top_logprobs: int | None = None
    truncation: str | None = None
    user: str | None = None
    client_metadata: Raw = None


ResponseFormat: TypeAlias = TextFormat | JsonObjectFormat | JsonSchemaFormat


Annotation: TypeAlias = UrlCitation | FileCitation | ContainerFileCitation | FilePath


AllowedTool: TypeAlias = AllowedFunction | AllowedCustom


CustomFormat: TypeAlias = CustomTextFormat | CustomGrammarFormat


GroupedTool: TypeAlias = FunctionTool | CustomTool


InputPart: TypeAlias = InputText | InputImage | InputFile | InputAudio | OutputText | RefusalPart


OutputPart: TypeAlias = OutputText | RefusalPart | ReasoningText


ToolChoice: TypeAlias = (
    FunctionChoice
    | CustomChoice
    | AllowedToolsChoice
    | McpChoice
    | FileSearchChoice
    | WebSearchPreviewChoice
    | WebSearchPreview20250311Choice
    | ComputerChoice
    | ComputerUseChoice
    | ComputerUsePreviewChoice
    | ImageGenerationChoice
    | CodeInterpreterChoice
    | ProgrammaticToolCallingChoice
    | ApplyPatchChoice
    | ShellChoice
)


Tool: TypeAlias = (
    FunctionTool
    | CustomTool
    | FileSearchTool
    | WebSearchTool
    | WebSearchTool20250826
    | WebSearchPreviewTool
    | WebSearchPreviewTool20250311
    | ComputerTool
    | ComputerPreviewTool
    | McpTool
    | CodeInterpreterTool
    | ImageGenerationTool
    | LocalShellTool
    | ShellTool
    | ApplyPatchTool
    | ProgrammaticTool
    | NamespaceTool
    | ToolSearchTool
)


InputItem: TypeAlias = (
    InputMessage
    | FunctionCall
    | FunctionCallOutput
    | CustomToolCall
    | CustomToolCallOutput
    | ReasoningItem
    | ItemReference
    | FileSearchCall
    | ComputerCall
    | ComputerCallOutput
    | WebSearchCall
    | ImageGenerationCall
    | CodeInterpreterCall
    | LocalShellCall
    | LocalShellCallOutput
    | McpListTools
    | McpApprovalRequest
    | McpApprovalResponse
    | McpCall
    | ToolSearchCall
    | ToolSearchOutput
    | AdditionalTools
    | Compaction
    | ShellCall
    | ShellCallOutput
    | ApplyPatchCall
    | ApplyPatchCallOutput
    | CompactionTrigger
    | Program
    | ProgramOutput
    | ConfigurationUpdate
)


OutputItem: TypeAlias = (
    OutputMessage
    | FunctionCall
    | FunctionCallOutput
    | CustomToolCall
    | CustomToolCallOutput
    | ReasoningItem
    | FileSearchCall
    | ComputerCall
    | ComputerCallOutput
    | WebSearchCall
    | ImageGenerationCall
    | CodeInterpreterCall
    | LocalShellCall
    | LocalShellCallOutput
    | McpListTools
    | McpApprovalRequest
    | McpApprovalResponse
    | McpCall
    | ToolSearchCall
    | ToolSearchOutput
    | AdditionalTools
    | Compaction
    | ShellCall
    | ShellCallOutput
    | ApplyPatchCall
    | ApplyPatchCallOutput
    | Program
    | ProgramOutput
)


StreamEvent: TypeAlias = (
    ResponseCreated
    | ResponseInProgress
    | ResponseQueued
    | ResponseCompleted
    | ResponseFailed
    | ResponseIncomplete
    | OutputItemAdded
    | OutputItemDone
    | ContentPartAdded
    | ContentPartDone
    | OutputTextDelta
    | OutputTextDone
    | OutputTextAnnotationAdded
    | RefusalDelta
    | RefusalDone
    | FunctionCallArgumentsDelta
    | FunctionCallArgumentsDone
    | CustomToolCallInputDelta
    | CustomToolCallInputDone
    | ReasoningSummaryPartAdded
    | ReasoningSummaryPartDone
    | ReasoningSummaryTextDelta
    | ReasoningSummaryTextDone
    | ReasoningTextDelta
    | ReasoningTextDone
    | ErrorEvent
    | AudioDelta
    | AudioDone
    | AudioTranscriptDelta
    | AudioTranscriptDone
    | CodeInterpreterCallCodeDelta
    | CodeInterpreterCallCodeDone
    | CodeInterpreterCallCompleted
    | CodeInterpreterCallInProgress
    | CodeInterpreterCallInterpreting
    | CompactionCompacting
    | FileSearchCallCompleted
    | FileSearchCallInProgress
    | FileSearchCallSearching
    | ImageGenerationCallCompleted
    | ImageGenerationCallGenerating
    | ImageGenerationCallInProgress
    | ImageGenerationCallPartialImage
    | McpCallArgumentsDelta
    | McpCallArgumentsDone
    | McpCallCompleted
    | McpCallFailed
    | McpCallInProgress
    | McpListToolsCompleted
    | McpListToolsFailed
    | McpListToolsInProgress
    | ShellCallCommandAdded
    | ShellCallCommandDelta
    | ShellCallCommandDone
    | ShellCallOutputContentDelta
    | ShellCallOutputContentDone
    | WebSearchCallCompleted
    | WebSearchCallInProgress
    | WebSearchCallSearching
)
