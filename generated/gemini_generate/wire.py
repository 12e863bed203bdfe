# Generated from specs/dialects/gemini_generate/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw, field

from runtime.core.wire import Strict


class Blob(Strict):
    data: str | None = None
    display_name: str | None = field(name="displayName", default=None)
    mime_type: str | None = field(name="mimeType", default=None)
    ALSO: ClassVar[dict[str, str]] = {"display_name": "displayName", "mime_type": "mimeType"}


class FileData(Strict):
    display_name: str | None = field(name="displayName", default=None)
    file_uri: str | None = field(name="fileUri", default=None)
    mime_type: str | None = field(name="mimeType", default=None)
    ALSO: ClassVar[dict[str, str]] = {"display_name": "displayName", "file_uri": "fileUri", "mime_type": "mimeType"}


class FunctionCall(Strict):
    id: str | None = None
    name: str | None = None
    args: Raw = None
    partial_args: Raw = field(name="partialArgs", default=None)
    will_continue: bool | None = field(name="willContinue", default=None)
    ALSO: ClassVar[dict[str, str]] = {"partial_args": "partialArgs", "will_continue": "willContinue"}


class MediaDetail(Strict):
    level: str | None = None
    num_tokens: int | None = field(name="numTokens", default=None)
    ALSO: ClassVar[dict[str, str]] = {"num_tokens": "numTokens"}


class FunctionDeclaration(Strict):
    description: str | None = None
    name: str | None = None
    parameters: Raw = None
    parameters_json_schema: Raw = field(name="parametersJsonSchema", default=None)
    response: Raw = None
    response_json_schema: Raw = field(name="responseJsonSchema", default=None)
    behavior: str | None = None
    ALSO: ClassVar[dict[str, str]] = {
        "parameters_json_schema": "parametersJsonSchema",
        "response_json_schema": "responseJsonSchema",
    }


class ToolConfig(Strict):
    retrieval_config: Raw = field(name="retrievalConfig", default=None)
    function_calling_config: Raw = field(name="functionCallingConfig", default=None)
    include_server_side_tool_invocations: bool | None = field(name="includeServerSideToolInvocations", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "retrieval_config": "retrievalConfig",
        "function_calling_config": "functionCallingConfig",
        "include_server_side_tool_invocations": "includeServerSideToolInvocations",
    }


class ThinkingConfig(Strict):
    include_thoughts: bool | None = field(name="includeThoughts", default=None)
    thinking_budget: int | None = field(name="thinkingBudget", default=None)
    thinking_level: str | None = field(name="thinkingLevel", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "include_thoughts": "includeThoughts",
        "thinking_budget": "thinkingBudget",
        "thinking_level": "thinkingLevel",
    }


class Citation(Strict):
    end_index: int | None = field(name="endIndex", default=None)
    license: str | None = None
    publication_date: Raw = field(name="publicationDate", default=None)
    start_index: int | None = field(name="startIndex", default=None)
    title: str | None = None
    uri: str | None = None


class WebChunk(Strict):
    domain: str | None = None
    title: str | None = None
    uri: str | None = None


class Segment(Strict):
    start_index: int | None = field(name="startIndex", default=None)
    end_index: int | None = field(name="endIndex", default=None)
    part_index: int | None = field(name="partIndex", default=None)
    text: str | None = None


class PromptFeedback(Strict):
    block_reason: str | None = field(name="blockReason", default=None)
    block_reason_message: str | None = field(name="blockReasonMessage", default=None)
    safety_ratings: Raw = field(name="safetyRatings", default=None)


class ModalityTokenCount(Strict):
    modality: str | None = None
    token_count: int | None = field(name="tokenCount", default=None)


class CountTokensResponse(Strict):
    total_tokens: int | None = field(name="totalTokens", default=None)
    cached_content_token_count: int | None = field(name="cachedContentTokenCount", default=None)
    prompt_tokens_details: list[ModalityTokenCount] | None = field(name="promptTokensDetails", default=None)
    cache_tokens_details: list[ModalityTokenCount] | None = field(name="cacheTokensDetails", default=None)
    total_billable_characters: int | None = field(name="totalBillableCharacters", default=None)


class ErrorDetail(Strict):
    code: int | None = None
    message: str | None = None
    status: str | None = None
    details: Raw = None


class Model(Strict):
    name: str | None = None
    display_name: str | None = field(name="displayName", default=None)
    description: str | None = None
    version: str | None = None
    input_token_limit: int | None = field(name="inputTokenLimit", default=None)
    output_token_limit: int | None = field(name="outputTokenLimit", default=None)
    supported_generation_methods: list[str] | None = field(name="supportedGenerationMethods", default=None)
    temperature: float | None = None
    max_temperature: float | None = field(name="maxTemperature", default=None)
    top_p: float | None = field(name="topP", default=None)
    top_k: int | None = field(name="topK", default=None)
    thinking: bool | None = None
    base_model_id: str | None = field(name="baseModelId", default=None)


class FunctionResponsePart(Strict):
    inline_data: Blob | None = field(name="inlineData", default=None)
    file_data: FileData | None = field(name="fileData", default=None)
    media_processing: str | None = field(name="mediaProcessing", default=None)
    media_resolution: MediaDetail | None = field(name="mediaResolution", default=None)
    video_metadata: Raw = field(name="videoMetadata", default=None)
    document_metadata: Raw = field(name="documentMetadata", default=None)
    spreadsheet_metadata: Raw = field(name="spreadsheetMetadata", default=None)
    audio_metadata: Raw = field(name="audioMetadata", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "inline_data": "inlineData",
        "file_data": "fileData",
        "media_processing": "mediaProcessing",
        "media_resolution": "mediaResolution",
        "video_metadata": "videoMetadata",
        "document_metadata": "documentMetadata",
        "spreadsheet_metadata": "spreadsheetMetadata",
        "audio_metadata": "audioMetadata",
    }


class Tool(Strict):
    function_declarations: list[FunctionDeclaration] | None = field(name="functionDeclarations", default=None)
    retrieval: Raw = None
    computer_use: Raw = field(name="computerUse", default=None)
    file_search: Raw = field(name="fileSearch", default=None)
    google_search: Raw = field(name="googleSearch", default=None)
    google_maps: Raw = field(name="googleMaps", default=None)
    code_execution: Raw = field(name="codeExecution", default=None)
    enterprise_web_search: Raw = field(name="enterpriseWebSearch", default=None)
    google_search_retrieval: Raw = field(name="googleSearchRetrieval", default=None)
    parallel_ai_search: Raw = field(name="parallelAiSearch", default=None)
    url_context: Raw = field(name="urlContext", default=None)
    mcp_servers: Raw = field(name="mcpServers", default=None)
    exa_ai_search: Raw = field(name="exaAiSearch", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "function_declarations": "functionDeclarations",
        "computer_use": "computerUse",
        "file_search": "fileSearch",
        "google_search": "googleSearch",
        "google_maps": "googleMaps",
        "code_execution": "codeExecution",
        "enterprise_web_search": "enterpriseWebSearch",
        "google_search_retrieval": "googleSearchRetrieval",
        "parallel_ai_search": "parallelAiSearch",
        "url_context": "urlContext",
        "mcp_servers": "mcpServers",
        "exa_ai_search": "exaAiSearch",
    }
    LONE: ClassVar[set[str]] = {"functionDeclarations"}


class GenerationConfig(Strict):
    audio_timestamp: bool | None = field(name="audioTimestamp", default=None)
    audio_transcription_config: Raw = field(name="audioTranscriptionConfig", default=None)
    candidate_count: int | None = field(name="candidateCount", default=None)
    enable_affective_dialog: bool | None = field(name="enableAffectiveDialog", default=None)
    enable_enhanced_civic_answers: bool | None = field(name="enableEnhancedCivicAnswers", default=None)
    frequency_penalty: float | None = field(name="frequencyPenalty", default=None)
    image_config: Raw = field(name="imageConfig", default=None)
    logprobs: int | None = None
    max_output_tokens: int | None = field(name="maxOutputTokens", default=None)
    media_resolution: str | None = field(name="mediaResolution", default=None)
    model_config: Raw = field(name="modelConfig", default=None)
    presence_penalty: float | None = field(name="presencePenalty", default=None)
    response_format: Raw = field(name="responseFormat", default=None)
    response_json_schema: Raw = field(name="responseJsonSchema", default=None)
    response_logprobs: bool | None = field(name="responseLogprobs", default=None)
    response_mime_type: str | None = field(name="responseMimeType", default=None)
    response_modalities: list[str] | None = field(name="responseModalities", default=None)
    response_schema: Raw = field(name="responseSchema", default=None)
    routing_config: Raw = field(name="routingConfig", default=None)
    seed: int | None = None
    speech_config: Raw = field(name="speechConfig", default=None)
    stop_sequences: list[str] | None = field(name="stopSequences", default=None)
    temperature: float | None = None
    thinking_config: ThinkingConfig | None = field(name="thinkingConfig", default=None)
    top_k: float | None = field(name="topK", default=None)
    top_p: float | None = field(name="topP", default=None)
    translation_config: Raw = field(name="translationConfig", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "audio_timestamp": "audioTimestamp",
        "audio_transcription_config": "audioTranscriptionConfig",
        "candidate_count": "candidateCount",
        "enable_affective_dialog": "enableAffectiveDialog",
        "enable_enhanced_civic_answers": "enableEnhancedCivicAnswers",
        "frequency_penalty": "frequencyPenalty",
        "image_config": "imageConfig",
        "max_output_tokens": "maxOutputTokens",
        "media_resolution": "mediaResolution",
        "model_config": "modelConfig",
        "presence_penalty": "presencePenalty",
        "response_format": "responseFormat",
        "response_json_schema": "responseJsonSchema",
        "response_logprobs": "responseLogprobs",
        "response_mime_type": "responseMimeType",
        "response_modalities": "responseModalities",
        "response_schema": "responseSchema",
        "routing_config": "routingConfig",
        "speech_config": "speechConfig",
        "stop_sequences": "stopSequences",
        "thinking_config": "thinkingConfig",
        "top_k": "topK",
        "top_p": "topP",
        "translation_config": "translationConfig",
    }


class CitationMetadata(Strict):
    citation_sources: list[Citation] | None = field(name="citationSources", default=None)
    citations: list[Citation] | None = None


class GroundingChunk(Strict):
    image: Raw = None
    maps: Raw = None
    retrieved_context: Raw = field(name="retrievedContext", default=None)
    web: WebChunk | None = None


class GroundingSupport(Strict):
    confidence_scores: list[float] | None = field(name="confidenceScores", default=None)
    grounding_chunk_indices: list[int] | None = field(name="groundingChunkIndices", default=None)
    segment: Segment | None = None
    rendered_parts: list[int] | None = field(name="renderedParts", default=None)


class UsageMetadata(Strict):
    cache_tokens_details: list[ModalityTokenCount] | None = field(name="cacheTokensDetails", default=None)
    cached_content_token_count: int | None = field(name="cachedContentTokenCount", default=None)
    candidates_token_count: int | None = field(name="candidatesTokenCount", default=None)
    candidates_tokens_details: list[ModalityTokenCount] | None = field(name="candidatesTokensDetails", default=None)
    prompt_token_count: int | None = field(name="promptTokenCount", default=None)
    prompt_tokens_details: list[ModalityTokenCount] | None = field(name="promptTokensDetails", default=None)
    thoughts_token_count: int | None = field(name="thoughtsTokenCount", default=None)
    tool_use_prompt_token_count: int | None = field(name="toolUsePromptTokenCount", default=None)
    tool_use_prompt_tokens_details: list[ModalityTokenCount] | None = field(
        name="toolUsePromptTokensDetails", default=None
    )
    total_token_count: int | None = field(name="totalTokenCount", default=None)
    traffic_type: str | None = field(name="trafficType", default=None)
    response_token_count: int | None = field(name="responseTokenCount", default=None)
    response_tokens_details: list[ModalityTokenCount] | None = field(name="responseTokensDetails", default=None)
    service_tier: str | None = field(name="serviceTier", default=None)


class ErrorEnvelope(Strict):
    error: ErrorDetail


class ModelList(Strict):
    models: list[Model] | None = None
    next_page_token: str | None = field(name="nextPageToken", default=None)


class FunctionResponse(Strict):
    id: str | None = None
    name: str | None = None
    response: Raw = None
    parts: list[FunctionResponsePart] | None = None
    will_continue: bool | None = field(name="willContinue", default=None)
    scheduling: str | None = None
    ALSO: ClassVar[dict[str, str]] = {"will_continue": "willContinue"}


class GroundingMetadata(Strict):
    image_search_queries: list[str] | None = field(name="imageSearchQueries", default=None)
    grounding_chunks: list[GroundingChunk] | None = field(name="groundingChunks", default=None)
    grounding_supports: list[GroundingSupport] | None = field(name="groundingSupports", default=None)
    retrieval_metadata: Raw = field(name="retrievalMetadata", default=None)
    search_entry_point: Raw = field(name="searchEntryPoint", default=None)
    web_search_queries: list[str] | None = field(name="webSearchQueries", default=None)
    google_maps_widget_context_token: str | None = field(name="googleMapsWidgetContextToken", default=None)
    retrieval_queries: list[str] | None = field(name="retrievalQueries", default=None)
    source_flagging_uris: Raw = field(name="sourceFlaggingUris", default=None)


class Part(Strict):
    text: str | None = None
    inline_data: Blob | None = field(name="inlineData", default=None)
    file_data: FileData | None = field(name="fileData", default=None)
    function_call: FunctionCall | None = field(name="functionCall", default=None)
    function_response: FunctionResponse | None = field(name="functionResponse", default=None)
    executable_code: Raw = field(name="executableCode", default=None)
    code_execution_result: Raw = field(name="codeExecutionResult", default=None)
    tool_call: Raw = field(name="toolCall", default=None)
    tool_response: Raw = field(name="toolResponse", default=None)
    audio_transcription: Raw = field(name="audioTranscription", default=None)
    thought: bool | None = None
    thought_signature: str | None = field(name="thoughtSignature", default=None)
    media_resolution: MediaDetail | None = field(name="mediaResolution", default=None)
    video_metadata: Raw = field(name="videoMetadata", default=None)
    part_metadata: Raw = field(name="partMetadata", default=None)
    media_processing: str | None = field(name="mediaProcessing", default=None)
    speech_metadata: Raw = field(name="speechMetadata", default=None)
    document_metadata: Raw = field(name="documentMetadata", default=None)
    spreadsheet_metadata: Raw = field(name="spreadsheetMetadata", default=None)
    audio_metadata: Raw = field(name="audioMetadata", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "inline_data": "inlineData",
        "file_data": "fileData",
        "function_call": "functionCall",
        "function_response": "functionResponse",
        "executable_code": "executableCode",
        "code_execution_result": "codeExecutionResult",
        "tool_call": "toolCall",
        "tool_response": "toolResponse",
        "audio_transcription": "audioTranscription",
        "thought_signature": "thoughtSignature",
        "media_resolution": "mediaResolution",
        "video_metadata": "videoMetadata",
        "part_metadata": "partMetadata",
        "media_processing": "mediaProcessing",
        "speech_metadata": "speechMetadata",
        "document_metadata": "documentMetadata",
        "spreadsheet_metadata": "spreadsheetMetadata",
        "audio_metadata": "audioMetadata",
    }


class Content(Strict):
    role: str | None = None
    parts: list[Part] | None = None
    LONE: ClassVar[set[str]] = {"parts"}


class Candidate(Strict):
    index: int | None = None
    content: Content | None = None
    finish_reason: str | None = field(name="finishReason", default=None)
    citation_metadata: CitationMetadata | None = field(name="citationMetadata", default=None)
    finish_message: str | None = field(name="finishMessage", default=None)
    token_count: int | None = field(name="tokenCount", default=None)
    grounding_metadata: GroundingMetadata | None = field(name="groundingMetadata", default=None)
    avg_logprobs: float | None = field(name="avgLogprobs", default=None)
    logprobs_result: Raw = field(name="logprobsResult", default=None)
    safety_ratings: Raw = field(name="safetyRatings", default=None)
    url_context_metadata: Raw = field(name="urlContextMetadata", default=None)
    continuation_token: str | None = field(name="continuationToken", default=None)


class GenerateContentRequest(Strict):
    contents: list[Content]
    system_instruction: Content | None = field(name="systemInstruction", default=None)
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = field(name="toolConfig", default=None)
    generation_config: GenerationConfig | None = field(name="generationConfig", default=None)
    safety_settings: Raw = field(name="safetySettings", default=None)
    cached_content: str | None = field(name="cachedContent", default=None)
    service_tier: str | None = field(name="serviceTier", default=None)
    store: bool | None = None
    labels: Raw = None
    continuation_token: str | None = field(name="continuationToken", default=None)
    model_armor_config: Raw = field(name="modelArmorConfig", default=None)
    output_config: Raw = field(name="outputConfig", default=None)
    model: str | None = None
    ALSO: ClassVar[dict[str, str]] = {
        "system_instruction": "systemInstruction",
        "tool_config": "toolConfig",
        "generation_config": "generationConfig",
        "safety_settings": "safetySettings",
        "cached_content": "cachedContent",
        "service_tier": "serviceTier",
        "continuation_token": "continuationToken",
        "model_armor_config": "modelArmorConfig",
        "output_config": "outputConfig",
    }
    LONE: ClassVar[set[str]] = {"contents", "tools"}


class GenerateContentResponse(Strict):
    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = field(name="promptFeedback", default=None)
    usage_metadata: UsageMetadata | None = field(name="usageMetadata", default=None)
    model_version: str | None = field(name="modelVersion", default=None)
    response_id: str | None = field(name="responseId", default=None)
    create_time: str | None = field(name="createTime", default=None)
    model_status: Raw = field(name="modelStatus", default=None)
    error: ErrorDetail | None = None


class CountTokensRequest(Strict):
    contents: list[Content] | None = None
    system_instruction: Content | None = field(name="systemInstruction", default=None)
    tools: list[Tool] | None = None
    generation_config: GenerationConfig | None = field(name="generationConfig", default=None)
    generate_content_request: GenerateContentRequest | None = field(name="generateContentRequest", default=None)
    model: str | None = None
    ALSO: ClassVar[dict[str, str]] = {
        "system_instruction": "systemInstruction",
        "generation_config": "generationConfig",
        "generate_content_request": "generateContentRequest",
    }
    LONE: ClassVar[set[str]] = {"contents", "tools"}
