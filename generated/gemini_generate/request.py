# Generated from specs/dialects/gemini_generate/mapping.yaml. Edit the spec, then `make generate`.
# GenerateContentRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.gemini_generate import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    as_text,
    calling_config,
    first,
    function_output,
    joined,
    json_object,
    known,
    numbered,
    openapi_schema,
    placed,
    rounded,
    spoken,
    thinking_budget,
    unless,
    whole,
    wider_schema,
)

DIALECT = "gemini-generate"
MODALITY_LIFT = {"TEXT": "text", "IMAGE": "image", "AUDIO": "audio", "VIDEO": "video", "MODALITY_UNSPECIFIED": "text"}
MODALITY_LOWER = {"text": "TEXT", "image": "IMAGE", "audio": "AUDIO", "video": "VIDEO"}
MIME_TYPE_LIFT = {None: None, "text/plain": "text", "application/json": "json", "text/x.enum": "json_schema"}
MIME_TYPE_LOWER = {"text": "text/plain", "json": "application/json", "json_schema": "application/json"}
EFFORT_LIFT = {
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
    "THINKING_LEVEL_UNSPECIFIED": "high",
}
EFFORT_LOWER = {
    None: None,
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "XHIGH",
    "none": "MINIMAL",
    "max": "XHIGH",
}
SHOWN_LIFT = {True: "summarized", False: "omitted"}
SHOWN_LOWER = {None: None, "summarized": True, "omitted": False, "updates": True}
SERVICE_TIER_LIFT = {"unspecified": "auto", "standard": "default", "flex": "flex", "priority": "priority"}
SERVICE_TIER_LOWER = {
    None: None,
    "auto": "unspecified",
    "default": "standard",
    "flex": "flex",
    "priority": "priority",
    "scale": "priority",
    "fast": "priority",
}
decode_part = Decoder(w.Part).decode
decode_tool = Decoder(w.Tool).decode
decode_request = Decoder(w.GenerateContentRequest).decode
MESSAGES = "contents"


def lift_generate_content_request(wire: w.GenerateContentRequest, ctx: Context) -> c.Request:
    system_instruction = wire.system_instruction
    tool_config = wire.tool_config
    generation_config = wire.generation_config
    generation_config_thinking_config = generation_config and generation_config.thinking_config
    kind = (
        "json_schema"
        if (generation_config and generation_config.response_json_schema) is not None
        else (
            "json_schema"
            if (generation_config and generation_config.response_schema) is not None
            else (MIME_TYPE_LIFT.get(generation_config and generation_config.response_mime_type, "text"))
        )
    )
    schema = first(
        None
        if (generation_config and generation_config.response_schema) is None
        else openapi_schema.lift(generation_config and generation_config.response_schema),
        None
        if (generation_config and generation_config.response_json_schema) is None
        else wider_schema.lift(generation_config and generation_config.response_json_schema),
    )
    output_format = (
        c.OutputFormat(
            kind=kind,
            schema=schema,
        )
        if kind is not None
        else None
    )
    reasoning = (
        None
        if (generation_config_thinking_config and generation_config_thinking_config.thinking_budget) is None
        else thinking_budget.lift(
            generation_config_thinking_config and generation_config_thinking_config.thinking_budget
        )
    )
    effort = EFFORT_LIFT.get(
        generation_config_thinking_config and generation_config_thinking_config.thinking_level,
        generation_config_thinking_config and generation_config_thinking_config.thinking_level,
    )
    if effort is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.effort = effort
    visibility = SHOWN_LIFT.get(
        generation_config_thinking_config and generation_config_thinking_config.include_thoughts,
        generation_config_thinking_config and generation_config_thinking_config.include_thoughts,
    )
    if visibility is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.visibility = visibility
    if (wire.tool_config and wire.tool_config.retrieval_config) is not None:
        ctx.left(wire, "toolConfig.retrievalConfig", "GenerateContentRequest.toolConfig.retrievalConfig")
    if (wire.tool_config and wire.tool_config.include_server_side_tool_invocations) is not None:
        ctx.left(
            wire,
            "toolConfig.includeServerSideToolInvocations",
            "GenerateContentRequest.toolConfig.includeServerSideToolInvocations",
        )
    ctx.left_in(
        wire,
        wire.generation_config,
        "generationConfig",
        [
            "audioTimestamp",
            "audioTranscriptionConfig",
            "enableAffectiveDialog",
            "enableEnhancedCivicAnswers",
            "imageConfig",
            "mediaResolution",
            "modelConfig",
            "responseFormat",
            "routingConfig",
            "speechConfig",
            "translationConfig",
        ],
    )
    return c.Request(
        model=ctx.model,
        blocks=[
            *spoken(
                numbered(
                    [
                        one
                        for item in system_instruction and system_instruction.parts or ()
                        if (one := lift_part(item, ctx)) is not None
                    ]
                ),
                "system",
            ),
            *ctx.blocks(lift_content, wire.contents),
        ],
        tools=ctx.split(lift_tool, wire.tools, "function_declarations"),
        tool_choice=None
        if (tool_config and tool_config.function_calling_config) is None
        else calling_config.lift(tool_config and tool_config.function_calling_config),
        max_tokens=generation_config and generation_config.max_output_tokens,
        temperature=generation_config and generation_config.temperature,
        top_p=generation_config and generation_config.top_p,
        top_k=rounded(generation_config and generation_config.top_k),
        stop=generation_config and generation_config.stop_sequences,
        seed=generation_config and generation_config.seed,
        n=generation_config and generation_config.candidate_count,
        presence_penalty=generation_config and generation_config.presence_penalty,
        frequency_penalty=generation_config and generation_config.frequency_penalty,
        logprobs=generation_config and generation_config.response_logprobs,
        top_logprobs=generation_config and generation_config.logprobs,
        modalities=[
            MODALITY_LIFT.get(item, item)
            for item in (generation_config and generation_config.response_modalities) or ()
        ]
        or None,
        service_tier=SERVICE_TIER_LIFT.get(wire.service_tier, wire.service_tier),
        store=wire.store,
        metadata=wire.labels,
        output_format=output_format,
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_GENERATE_CONTENT_REQUEST) if HELD_GENERATE_CONTENT_REQUEST(wire) else None,
    )


def lower_generate_content_request(value: c.Request, ctx: Context) -> w.GenerateContentRequest:
    if value.min_p is not None:
        ctx.lose(value, "min_p", "GenerateContentRequest.min_p")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "GenerateContentRequest.min_tokens")
    if value.output_format and value.output_format.name is not None:
        ctx.lose(value, "output_format.name", "GenerateContentRequest.output_format.name")
    if value.output_format and value.output_format.description is not None:
        ctx.lose(value, "output_format.description", "GenerateContentRequest.output_format.description")
    if value.output_format and value.output_format.strict:
        ctx.lose(value, "output_format.strict", "GenerateContentRequest.output_format.strict")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "GenerateContentRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "GenerateContentRequest.prediction")
    if value.tool_choice and value.tool_choice.parallel is False:
        ctx.lose(value, "tool_choice.parallel", "GenerateContentRequest.tool_choice.parallel")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "GenerateContentRequest.end_user")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "GenerateContentRequest.moderation")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "GenerateContentRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "GenerateContentRequest.cache_retention")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "GenerateContentRequest.audio_output")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "GenerateContentRequest.suffix")
    if value.cache is not None:
        ctx.lose(value, "cache", "GenerateContentRequest.cache")
    system_instruction_parts = [LOWER_PART[type(block)](block, ctx) for block in ctx.turns.instructions] or None
    system_instruction = w.Content(parts=system_instruction_parts) if system_instruction_parts is not None else None
    tool_config_function_calling_config = None if value.tool_choice is None else calling_config.lower(value.tool_choice)
    tool_config = (
        w.ToolConfig(function_calling_config=tool_config_function_calling_config)
        if tool_config_function_calling_config is not None
        else None
    )
    generation_config_max_output_tokens = value.max_tokens
    generation_config_temperature = value.temperature
    generation_config_top_p = value.top_p
    generation_config_top_k = value.top_k
    generation_config_stop_sequences = value.stop or None
    generation_config_seed = value.seed
    generation_config_candidate_count = value.n
    generation_config_presence_penalty = value.presence_penalty
    generation_config_frequency_penalty = value.frequency_penalty
    generation_config_response_logprobs = value.logprobs
    generation_config_logprobs = value.top_logprobs
    generation_config_response_modalities = [MODALITY_LOWER.get(item, item) for item in value.modalities or ()] or None
    generation_config_response_mime_type = MIME_TYPE_LOWER.get(value.output_format and value.output_format.kind)
    generation_config_response_schema = (
        None
        if (value.output_format and value.output_format.schema) is None
        else openapi_schema.lower(value.output_format and value.output_format.schema)
    )
    generation_config_response_json_schema = (
        None
        if (value.output_format and value.output_format.schema) is None
        else wider_schema.lower(value.output_format and value.output_format.schema)
    )
    generation_config_thinking_config_thinking_budget = (
        None if value.reasoning is None else thinking_budget.lower(value.reasoning)
    )
    generation_config_thinking_config_thinking_level = ctx.say(
        EFFORT_LOWER, EFFORT_LIFT, value.reasoning and value.reasoning.effort, "HIGH", value, "reasoning.effort"
    )
    generation_config_thinking_config_include_thoughts = ctx.say(
        SHOWN_LOWER, SHOWN_LIFT, value.reasoning and value.reasoning.visibility, True, value, "reasoning.visibility"
    )
    generation_config_thinking_config = (
        w.ThinkingConfig(
            thinking_budget=generation_config_thinking_config_thinking_budget,
            thinking_level=generation_config_thinking_config_thinking_level,
            include_thoughts=generation_config_thinking_config_include_thoughts,
        )
        if generation_config_thinking_config_thinking_budget is not None
        or generation_config_thinking_config_thinking_level is not None
        or generation_config_thinking_config_include_thoughts is not None
        else None
    )
    generation_config = (
        w.GenerationConfig(
            max_output_tokens=generation_config_max_output_tokens,
            temperature=generation_config_temperature,
            top_p=generation_config_top_p,
            top_k=generation_config_top_k,
            stop_sequences=generation_config_stop_sequences,
            seed=generation_config_seed,
            candidate_count=generation_config_candidate_count,
            presence_penalty=generation_config_presence_penalty,
            frequency_penalty=generation_config_frequency_penalty,
            response_logprobs=generation_config_response_logprobs,
            logprobs=generation_config_logprobs,
            response_modalities=generation_config_response_modalities,
            response_mime_type=generation_config_response_mime_type,
            response_schema=generation_config_response_schema,
            response_json_schema=generation_config_response_json_schema,
            thinking_config=generation_config_thinking_config,
        )
        if generation_config_max_output_tokens is not None
        or generation_config_temperature is not None
        or generation_config_top_p is not None
        or generation_config_top_k is not None
        or generation_config_stop_sequences is not None
        or generation_config_seed is not None
        or generation_config_candidate_count is not None
        or generation_config_presence_penalty is not None
        or generation_config_frequency_penalty is not None
        or generation_config_response_logprobs is not None
        or generation_config_logprobs is not None
        or generation_config_response_modalities is not None
        or generation_config_response_mime_type is not None
        or generation_config_response_schema is not None
        or generation_config_response_json_schema is not None
        or generation_config_thinking_config is not None
        else None
    )
    wire = w.GenerateContentRequest(
        system_instruction=system_instruction,
        contents=ctx.saying(LOWER_CONTENT),
        tools=None
        if not value.tools
        else joined(
            [one for item in value.tools if (one := LOWER_TOOL[type(item)](item, ctx)) is not None],
            "function_declarations",
        )
        or None,
        tool_config=tool_config,
        generation_config=generation_config,
        service_tier=ctx.say(
            SERVICE_TIER_LOWER, SERVICE_TIER_LIFT, value.service_tier, "standard", value, "service_tier"
        ),
        store=value.store,
        labels=None
        if value.metadata is None
        else ctx.needs("labels", value, "metadata", value.metadata, "GenerateContentRequest.metadata"),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_content(wire: w.Content, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_CONTENT.get(wire.role)
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "Content")


def lift_user_message(wire: w.Content, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.parts:
        blocks += known(placed(ctx.each(lift_part, wire.parts), "user", turn))
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.Content:
    return w.Content(
        parts=[part for block in run if (part := LOWER_PART[type(block)](block, ctx)) is not None],
        role="user",
    )


def lift_assistant_message(wire: w.Content, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.parts:
        blocks += known(placed(ctx.each(lift_part, wire.parts), "assistant", turn))
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.Content:
    return w.Content(
        parts=[part for block in run if (part := LOWER_PART[type(block)](block, ctx)) is not None],
        role="model",
    )


def lift_part(wire: w.Part, ctx: Context) -> c.Block:
    if wire.function_call is not None:
        return lift_tool_call(wire, ctx)
    if wire.function_response is not None:
        return lift_tool_result(wire, ctx)
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("image/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("image/")
    ):
        return lift_part_image(wire, ctx)
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("audio/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("audio/")
    ):
        return lift_part_audio(wire, ctx)
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("video/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("video/")
    ):
        return lift_part_video(wire, ctx)
    if wire.inline_data is not None or wire.file_data is not None:
        return lift_part_document(wire, ctx)
    if wire.tool_call is not None or wire.executable_code is not None:
        return lift_hosted_call(wire, ctx)
    if wire.tool_response is not None or wire.code_execution_result is not None:
        return lift_hosted_result(wire, ctx)
    if wire.audio_transcription is not None:
        return lift_unknown(wire, ctx)
    if wire.thought:
        return lift_thinking(wire, ctx)
    if wire.text is not None:
        return lift_text(wire, ctx)
    return ctx.unlifted(wire, "Part")


def lower_part(value: c.Block, ctx: Context) -> w.Part | None:
    return LOWER_PART[type(value)](value, ctx)


def lower_whole_part(value: c.Block, ctx: Context) -> w.Part | None:
    return decode_part(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Part")


def lift_text(wire: w.Part, ctx: Context) -> c.Text:
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Text(
        text=ctx.needed(wire.text, wire, "text"),
    )


def lower_text(value: c.Text, ctx: Context) -> w.Part:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "Part.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        text=value.text,
    )


def lift_thinking(wire: w.Part, ctx: Context) -> c.Thinking:
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Thinking(
        text="" if wire.text is None else wire.text,
        signature=wire.thought_signature or None,
        origin="gemini-generate" if wire.thought_signature else None,
    )


def lower_thinking(value: c.Thinking, ctx: Context) -> w.Part:
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        text="" if value.text is None else value.text,
        thought_signature=ctx.whose("gemini-generate", value, "signature", value.signature, "Part.signature"),
        thought=True,
    )


def lift_tool_call(wire: w.Part, ctx: Context) -> c.ToolCall:
    function_call = wire.function_call
    if (wire.function_call and wire.function_call.partial_args) is not None:
        ctx.left(wire, "functionCall.partialArgs", "Part.functionCall.partialArgs")
    if (wire.function_call and wire.function_call.will_continue) is not None:
        ctx.left(wire, "functionCall.willContinue", "Part.functionCall.willContinue")
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.ToolCall(
        id="" if (function_call and function_call.id) is None else function_call and function_call.id,
        name=ctx.needed(function_call and function_call.name, wire, "functionCall.name"),
        input=json_object.lift(function_call and function_call.args),
        signature=wire.thought_signature or None,
        origin="gemini-generate" if wire.thought_signature else None,
    )


def lower_tool_call(value: c.ToolCall, ctx: Context) -> w.Part:
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    function_call_id = unless(None if value.id is None else ctx.needs("call_ids", value, "id", value.id, "Part.id"), "")
    function_call_name = value.name
    function_call_args = json_object.lower(value.input)
    function_call = (
        w.FunctionCall(id=function_call_id, name=function_call_name, args=function_call_args)
        if function_call_id is not None or function_call_name is not None or function_call_args is not None
        else None
    )
    return w.Part(
        function_call=function_call,
        thought_signature=ctx.whose("gemini-generate", value, "signature", value.signature, "Part.signature"),
    )


def lift_tool_result(wire: w.Part, ctx: Context) -> c.ToolResult:
    function_response = wire.function_response
    function_response_response_said = function_output.lift(function_response and function_response.response)
    if (wire.function_response and wire.function_response.will_continue) is not None:
        ctx.left(wire, "functionResponse.willContinue", "Part.functionResponse.willContinue")
    if (wire.function_response and wire.function_response.scheduling) is not None:
        ctx.left(wire, "functionResponse.scheduling", "Part.functionResponse.scheduling")
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.ToolResult(
        call_id=""
        if (function_response and function_response.id) is None
        else function_response and function_response.id,
        name=function_response and function_response.name,
        content=[
            *(function_response_response_said.content or ()),
            *(ctx.apart(lift_function_response_part, function_response and function_response.parts) or ()),
        ]
        or None,
        is_error=function_response_response_said.is_error,
    )


def lower_tool_result(value: c.ToolResult, ctx: Context) -> w.Part:
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    function_response_id = unless(
        None if value.call_id is None else ctx.needs("call_ids", value, "call_id", value.call_id, "Part.call_id"), ""
    )
    function_response_name = "function" if value.name is None else value.name
    function_response_response = function_output.lower(value)
    function_response = (
        w.FunctionResponse(id=function_response_id, name=function_response_name, response=function_response_response)
        if function_response_id is not None
        or function_response_name is not None
        or function_response_response is not None
        else None
    )
    return w.Part(
        function_response=function_response,
    )


def lift_part_image(wire: w.Part, ctx: Context) -> c.Image:
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Image(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_part_image(value: c.Image, ctx: Context) -> w.Part:
    if value.detail is not None:
        ctx.lose(value, "detail", "Part.detail")
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_part_audio(wire: w.Part, ctx: Context) -> c.Audio:
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Audio(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_part_audio(value: c.Audio, ctx: Context) -> w.Part:
    if value.id is not None:
        ctx.lose(value, "id", "Part.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "Part.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "Part.expires_at")
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_part_video(wire: w.Part, ctx: Context) -> c.Video:
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Video(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_part_video(value: c.Video, ctx: Context) -> w.Part:
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_part_document(wire: w.Part, ctx: Context) -> c.Document:
    if wire.thought is not None:
        ctx.left(wire, "thought", "Part.thought")
    if wire.thought_signature is not None:
        ctx.left(wire, "thoughtSignature", "Part.thoughtSignature")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "Part.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "Part.videoMetadata")
    if wire.part_metadata is not None:
        ctx.left(wire, "partMetadata", "Part.partMetadata")
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "Part.mediaProcessing")
    if wire.speech_metadata is not None:
        ctx.left(wire, "speechMetadata", "Part.speechMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "Part.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "Part.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "Part.audioMetadata")
    return c.Document(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_part_document(value: c.Document, ctx: Context) -> w.Part:
    if value.title is not None:
        ctx.lose(value, "title", "Part.title")
    if value.context is not None:
        ctx.lose(value, "context", "Part.context")
    if value.cite:
        ctx.lose(value, "cite", "Part.cite")
    if value.cache is not None:
        ctx.lose(value, "cache", "Part.cache")
    return w.Part(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_hosted_call(wire: w.Part, ctx: Context) -> c.HostedCall:
    return c.HostedCall(origin=DIALECT, raw=whole(wire))


def lift_hosted_result(wire: w.Part, ctx: Context) -> c.HostedResult:
    return c.HostedResult(origin=DIALECT, raw=whole(wire))


def lift_unknown(wire: w.Part, ctx: Context) -> c.Unknown:
    return c.Unknown(origin=DIALECT, raw=whole(wire))


def lift_function_response_part(wire: w.FunctionResponsePart, ctx: Context) -> c.Block:
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("image/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("image/")
    ):
        return lift_function_response_part_image(wire, ctx)
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("audio/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("audio/")
    ):
        return lift_function_response_part_audio(wire, ctx)
    if (wire.inline_data and wire.inline_data.mime_type and wire.inline_data.mime_type.startswith("video/")) or (
        wire.file_data and wire.file_data.mime_type and wire.file_data.mime_type.startswith("video/")
    ):
        return lift_function_response_part_video(wire, ctx)
    if wire.inline_data is not None or wire.file_data is not None:
        return lift_function_response_part_document(wire, ctx)
    return ctx.unlifted(wire, "FunctionResponsePart")


def lower_function_response_part(value: c.Block, ctx: Context) -> w.FunctionResponsePart | None:
    return LOWER_FUNCTION_RESPONSE_PART[type(value)](value, ctx)


def lift_function_response_part_image(wire: w.FunctionResponsePart, ctx: Context) -> c.Image:
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "FunctionResponsePart.mediaProcessing")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "FunctionResponsePart.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "FunctionResponsePart.videoMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "FunctionResponsePart.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "FunctionResponsePart.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "FunctionResponsePart.audioMetadata")
    return c.Image(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_function_response_part_image(value: c.Image, ctx: Context) -> w.FunctionResponsePart:
    if value.detail is not None:
        ctx.lose(value, "detail", "FunctionResponsePart.detail")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionResponsePart.cache")
    return w.FunctionResponsePart(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_function_response_part_audio(wire: w.FunctionResponsePart, ctx: Context) -> c.Audio:
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "FunctionResponsePart.mediaProcessing")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "FunctionResponsePart.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "FunctionResponsePart.videoMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "FunctionResponsePart.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "FunctionResponsePart.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "FunctionResponsePart.audioMetadata")
    return c.Audio(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_function_response_part_audio(value: c.Audio, ctx: Context) -> w.FunctionResponsePart:
    if value.id is not None:
        ctx.lose(value, "id", "FunctionResponsePart.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "FunctionResponsePart.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "FunctionResponsePart.expires_at")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionResponsePart.cache")
    return w.FunctionResponsePart(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_function_response_part_video(wire: w.FunctionResponsePart, ctx: Context) -> c.Video:
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "FunctionResponsePart.mediaProcessing")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "FunctionResponsePart.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "FunctionResponsePart.videoMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "FunctionResponsePart.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "FunctionResponsePart.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "FunctionResponsePart.audioMetadata")
    return c.Video(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_function_response_part_video(value: c.Video, ctx: Context) -> w.FunctionResponsePart:
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionResponsePart.cache")
    return w.FunctionResponsePart(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_function_response_part_document(wire: w.FunctionResponsePart, ctx: Context) -> c.Document:
    if wire.media_processing is not None:
        ctx.left(wire, "mediaProcessing", "FunctionResponsePart.mediaProcessing")
    if wire.media_resolution is not None:
        ctx.left(wire, "mediaResolution", "FunctionResponsePart.mediaResolution")
    if wire.video_metadata is not None:
        ctx.left(wire, "videoMetadata", "FunctionResponsePart.videoMetadata")
    if wire.document_metadata is not None:
        ctx.left(wire, "documentMetadata", "FunctionResponsePart.documentMetadata")
    if wire.spreadsheet_metadata is not None:
        ctx.left(wire, "spreadsheetMetadata", "FunctionResponsePart.spreadsheetMetadata")
    if wire.audio_metadata is not None:
        ctx.left(wire, "audioMetadata", "FunctionResponsePart.audioMetadata")
    return c.Document(
        source=ctx.needed(
            lift_blob(wire.inline_data, ctx)
            if wire.inline_data is not None
            else None
            if wire.file_data is None
            else lift_file_data(wire.file_data, ctx),
            wire,
            "inlineData or fileData",
        ),
    )


def lower_function_response_part_document(value: c.Document, ctx: Context) -> w.FunctionResponsePart:
    if value.title is not None:
        ctx.lose(value, "title", "FunctionResponsePart.title")
    if value.context is not None:
        ctx.lose(value, "context", "FunctionResponsePart.context")
    if value.cite:
        ctx.lose(value, "cite", "FunctionResponsePart.cite")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionResponsePart.cache")
    return w.FunctionResponsePart(
        inline_data=lower_blob(value.source, ctx) if type(value.source) is c.BytesSource else None,
        file_data=lower_file_data(value.source, ctx)
        if type(value.source) in (c.BoundRef, c.UrlSource)
        else ctx.none_of((c.BytesSource, c.BoundRef, c.UrlSource), value, "source"),
    )


def lift_blob(wire: w.Blob, ctx: Context) -> c.BytesSource:
    if wire.display_name is not None:
        ctx.left(wire, "displayName", "Blob.displayName")
    return c.BytesSource(
        data=ctx.needed(wire.data, wire, "data"),
        media_type=wire.mime_type,
    )


def lower_blob(value: c.BytesSource, ctx: Context) -> w.Blob:
    return w.Blob(
        data=value.data,
        mime_type=value.media_type,
    )


def lift_file_data(wire: w.FileData, ctx: Context) -> c.Source:
    if (wire.file_uri and wire.file_uri.startswith("gs:")) or (
        wire.file_uri and wire.file_uri.startswith("https://generativelanguage.googleapis.com/")
    ):
        return lift_bound_ref(wire, ctx)
    return lift_url_source(wire, ctx)


def lower_file_data(value: c.Source, ctx: Context) -> w.FileData | None:
    return LOWER_FILE_DATA[type(value)](value, ctx)


def lift_bound_ref(wire: w.FileData, ctx: Context) -> c.BoundRef:
    if wire.display_name is not None:
        ctx.left(wire, "displayName", "FileData.displayName")
    return c.BoundRef(
        id=ctx.needed(wire.file_uri, wire, "fileUri"),
        media_type=wire.mime_type,
    )


def lower_bound_ref(value: c.BoundRef, ctx: Context) -> w.FileData:
    return w.FileData(
        file_uri=value.id,
        mime_type=value.media_type,
    )


def lift_url_source(wire: w.FileData, ctx: Context) -> c.UrlSource:
    if wire.display_name is not None:
        ctx.left(wire, "displayName", "FileData.displayName")
    return c.UrlSource(
        url=ctx.needed(wire.file_uri, wire, "fileUri"),
        media_type=wire.mime_type,
    )


def lower_url_source(value: c.UrlSource, ctx: Context) -> w.FileData:
    return w.FileData(
        file_uri=value.url,
        mime_type=value.media_type,
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    if wire.function_declarations is not None:
        return lift_function_tool(wire, ctx)
    if wire.function_declarations is None:
        return lift_hosted_tool(wire, ctx)
    return ctx.unlifted(wire, "Tool")


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lower_whole_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return decode_tool(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Tool")


def lift_function_tool(wire: w.Tool, ctx: Context) -> c.FunctionTool:
    return lift_function_declaration(wire.function_declarations[0], ctx)


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.Tool:
    return w.Tool(function_declarations=[lower_function_declaration(value, ctx)])


def lift_hosted_tool(wire: w.Tool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_function_declaration(wire: w.FunctionDeclaration, ctx: Context) -> c.FunctionTool:
    return c.FunctionTool(
        name=ctx.needed(wire.name, wire, "name"),
        description=wire.description,
        input_schema=first(
            None if wire.parameters is None else openapi_schema.lift(wire.parameters),
            None if wire.parameters_json_schema is None else wider_schema.lift(wire.parameters_json_schema),
        ),
        carried=ctx.keep(wire, ["response", "responseJsonSchema", "behavior"])
        if wire.response is not None or wire.response_json_schema is not None or wire.behavior is not None
        else None,
    )


def lower_function_declaration(value: c.FunctionTool, ctx: Context) -> w.FunctionDeclaration:
    if value.strict:
        ctx.lose(value, "strict", "FunctionDeclaration.strict")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionDeclaration.cache")
    wire = w.FunctionDeclaration(
        name=value.name,
        description=value.description,
        parameters=None if value.input_schema is None else openapi_schema.lower(value.input_schema),
        parameters_json_schema=None if value.input_schema is None else wider_schema.lower(value.input_schema),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


KEPT_GENERATE_CONTENT_REQUEST = [
    "safetySettings",
    "continuationToken",
    "modelArmorConfig",
    "outputConfig",
    "cachedContent",
]
HELD_GENERATE_CONTENT_REQUEST = any_of(
    "safety_settings", "continuation_token", "model_armor_config", "output_config", "cached_content"
)
LIFT_CONTENT = {
    "user": lift_user_message,
    "function": lift_user_message,
    None: lift_user_message,
    "model": lift_assistant_message,
}
LOWER_CONTENT = {
    "user": lower_user_message,
    "assistant": lower_assistant_message,
}
LOWER_PART = Ways(
    {
        c.ToolCall: lower_tool_call,
        c.ToolResult: lower_tool_result,
        c.Image: lower_part_image,
        c.Audio: lower_part_audio,
        c.Video: lower_part_video,
        c.Document: lower_part_document,
        c.HostedCall: lower_whole_part,
        c.HostedResult: lower_whole_part,
        c.Unknown: lower_whole_part,
        c.Thinking: lower_thinking,
        c.Text: lower_text,
        c.Refusal: as_text(lower_text, "Part"),
        c.SearchResult: as_text(lower_text, "Part"),
    },
    lambda value, ctx: ctx.unlowered(value, "Part"),
)
LOWER_FUNCTION_RESPONSE_PART = Ways(
    {
        c.Image: lower_function_response_part_image,
        c.Audio: lower_function_response_part_audio,
        c.Video: lower_function_response_part_video,
        c.Document: lower_function_response_part_document,
    },
    lambda value, ctx: ctx.unlowered(value, "FunctionResponsePart"),
)
LOWER_FILE_DATA = Ways(
    {
        c.BoundRef: lower_bound_ref,
        c.UrlSource: lower_url_source,
    },
    lambda value, ctx: ctx.unlowered(value, "FileData"),
)
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.HostedTool: lower_whole_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)


def lift_request(wire: w.GenerateContentRequest, ctx: Context) -> c.Request:
    return lift_generate_content_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.GenerateContentRequest:
    return lower_generate_content_request(value, ctx)
