# Generated from specs/dialects/cohere_chat/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

from msgspec import Raw

from runtime.core.wire import Strict


class ResponseFormat(Strict):
    type: str
    json_schema: Raw = None


class ThinkingConfig(Strict):
    type: str
    token_budget: int | None = None


class CitationOptions(Strict):
    mode: str | None = None


class Document(Strict):
    data: Raw
    id: str | None = None


class TextPart(Strict, tag_field="type", tag="text"):
    text: str


class ImageUrl(Strict):
    url: str
    detail: str | None = None


class ThinkingPart(Strict, tag_field="type", tag="thinking"):
    thinking: str


class DocumentPart(Strict, tag_field="type", tag="document"):
    document: Document


class Citation(Strict):
    start: int | None = None
    end: int | None = None
    text: str | None = None
    sources: Raw = None
    content_index: int | None = None
    type: str | None = None


class FunctionDefinition(Strict):
    name: str
    description: str | None = None
    parameters: Raw = None


class FunctionCall(Strict):
    name: str | None = None
    arguments: str | None = None


class AnswerText(Strict, tag_field="type", tag="text"):
    text: str


class BilledUnits(Strict):
    input_tokens: float | None = None
    output_tokens: float | None = None
    search_units: float | None = None
    classifications: float | None = None


class TokenCounts(Strict):
    input_tokens: float | None = None
    output_tokens: float | None = None


class ContentEnd(Strict, tag_field="type", tag="content-end"):
    index: int | None = None


class ToolCallEnd(Strict, tag_field="type", tag="tool-call-end"):
    index: int | None = None


class CitationEnd(Strict, tag_field="type", tag="citation-end"):
    index: int | None = None


class Debug(Strict, tag_field="type", tag="debug"):
    prompt: str | None = None


class StartMessage(Strict):
    role: str | None = None
    content: Raw = None
    tool_plan: str | None = None
    tool_calls: Raw = None
    citations: Raw = None


class StreamContent(Strict):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None


class ToolPlanMessage(Strict):
    tool_plan: str | None = None


class FunctionDelta(Strict):
    name: str | None = None
    arguments: str | None = None


class CitationMessage(Strict):
    citations: Citation | None = None


class ErrorEnvelope(Strict):
    id: str | None = None
    message: str | None = None


class Model(Strict):
    name: str | None = None
    context_length: float | None = None
    endpoints: list[str] | None = None
    default_endpoints: Raw = None
    is_deprecated: bool | None = None
    finetuned: bool | None = None
    tokenizer_url: str | None = None
    features: Raw = None
    sampling_defaults: Raw = None


class SystemMessage(Strict, tag_field="role", tag="system"):
    content: str | list[TextPart]


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: ImageUrl


class Tool(Strict):
    type: str
    function: FunctionDefinition | None = None


class ToolCall(Strict):
    id: str | None = None
    type: str | None = None
    function: FunctionCall | None = None


class Usage(Strict):
    billed_units: BilledUnits | None = None
    tokens: TokenCounts | None = None
    cached_tokens: float | None = None


class MessageStartBody(Strict):
    message: StartMessage | None = None


class ContentMessage(Strict):
    content: StreamContent | None = None


class ToolPlanBody(Strict):
    message: ToolPlanMessage | None = None


class StreamToolCall(Strict):
    id: str | None = None
    type: str | None = None
    function: FunctionDelta | None = None


class CitationBody(Strict):
    message: CitationMessage | None = None


class MessageEndBody(Strict):
    finish_reason: str | None = None
    usage: Usage | None = None
    error: str | None = None


class ModelList(Strict):
    models: list[Model]
    next_page_token: str | None = None


class AssistantMessage(Strict, tag_field="role", tag="assistant"):
    content: str | list[AssistantPart] | None = None
    tool_plan: str | None = None
    tool_calls: list[ToolCall] | None = None
    citations: list[Citation] | None = None


class ToolMessage(Strict, tag_field="role", tag="tool"):
    tool_call_id: str
    content: str | list[ToolPart]


class ResponseMessage(Strict):
    role: str
    content: list[AnswerPart] | None = None
    tool_plan: str | None = None
    tool_calls: list[ToolCall] | None = None
    citations: list[Citation] | None = None


class MessageStart(Strict, tag_field="type", tag="message-start"):
    id: str | None = None
    delta: MessageStartBody | None = None


class ToolPlanDelta(Strict, tag_field="type", tag="tool-plan-delta"):
    delta: ToolPlanBody | None = None


class CitationStart(Strict, tag_field="type", tag="citation-start"):
    index: int | None = None
    delta: CitationBody | None = None


class MessageEnd(Strict, tag_field="type", tag="message-end"):
    id: str | None = None
    delta: MessageEndBody | None = None


class ContentBody(Strict):
    message: ContentMessage | None = None


class ToolCallMessage(Strict):
    tool_calls: StreamToolCall | None = None


class UserMessage(Strict, tag_field="role", tag="user"):
    content: str | list[UserPart]


class ChatResponse(Strict):
    message: ResponseMessage
    id: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    logprobs: Raw = None


class ContentStart(Strict, tag_field="type", tag="content-start"):
    index: int | None = None
    delta: ContentBody | None = None


class ContentDelta(Strict, tag_field="type", tag="content-delta"):
    index: int | None = None
    delta: ContentBody | None = None
    logprobs: Raw = None


class ToolCallBody(Strict):
    message: ToolCallMessage | None = None


class ToolCallStart(Strict, tag_field="type", tag="tool-call-start"):
    index: int | None = None
    delta: ToolCallBody | None = None


class ToolCallDelta(Strict, tag_field="type", tag="tool-call-delta"):
    index: int | None = None
    delta: ToolCallBody | None = None


class ChatRequest(Strict):
    model: str
    messages: list[Message]
    stream: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    p: float | None = None
    k: int | None = None
    seed: int | None = None
    stop_sequences: list[str] | None = None
    tools: list[Tool] | None = None
    tool_choice: str | None = None
    response_format: ResponseFormat | None = None
    thinking: ThinkingConfig | None = None
    citation_options: CitationOptions | None = None
    documents: list[str | Document] | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    presence_penalty: float | None = None
    priority: int | None = None
    safety_mode: str | None = None
    strict_tools: bool | None = None


AssistantPart: TypeAlias = TextPart | ThinkingPart


ToolPart: TypeAlias = TextPart | DocumentPart


AnswerPart: TypeAlias = AnswerText | ThinkingPart


UserPart: TypeAlias = TextPart | ImagePart


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage


StreamEvent: TypeAlias = (
    MessageStart
    | ContentStart
    | ContentDelta
    | ContentEnd
    | ToolPlanDelta
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | CitationStart
    | CitationEnd
    | MessageEnd
    | Debug
)
