# Generated from specs/dialects/openai_responses/mapping.yaml. Edit the spec, then `make generate`.
# ResponsesRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_responses import wire as w
from runtime.core.context import Context
from runtime.core.primitives import (
    Ways,
    any_of,
    as_text,
    bare,
    bound_id,
    data_url,
    first,
    given,
    json_text,
    numbered,
    placed,
    spoken,
    text_alone,
    token_list,
    whole,
)

DIALECT = "openai-responses"
SUMMARY_LIFT = {None: None, "auto": "summarized", "concise": "summarized", "detailed": "summarized"}
SUMMARY_LOWER = {None: None, "omitted": None, "summarized": "auto", "updates": "auto"}
AUDIO_FORMAT_LIFT = {"wav": "audio/wav", "mp3": "audio/mpeg"}
AUDIO_FORMAT_LOWER = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/mp3": "mp3"}
TOOL_CHOICE_WORD_LIFT = {"auto": "auto", "none": "none", "required": "any"}
TOOL_CHOICE_WORD_LOWER = {"auto": "auto", "none": "none", "any": "required"}
decode_input_item = Decoder(w.InputItem).decode
decode_tool = Decoder(w.Tool).decode
decode_request = Decoder(w.ResponsesRequest).decode
MESSAGES = "input"


def lift_responses_request(wire: w.ResponsesRequest, ctx: Context) -> c.Request:
    text = wire.text
    wire_reasoning = wire.reasoning
    tool_choice = None if wire.tool_choice is None else lift_tool_choice(wire.tool_choice, ctx)
    parallel = wire.parallel_tool_calls
    if parallel is not None:
        tool_choice = tool_choice or c.ToolChoice()
        tool_choice.parallel = parallel
    reasoning = None
    effort = wire_reasoning and wire_reasoning.effort
    if effort is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.effort = effort
    visibility = first(
        SUMMARY_LIFT.get(wire_reasoning and wire_reasoning.summary, "summarized"),
        SUMMARY_LIFT.get(wire_reasoning and wire_reasoning.generate_summary, "summarized"),
    )
    if visibility is not None:
        reasoning = reasoning or c.Reasoning()
        reasoning.visibility = visibility
    if wire.stream_options is not None:
        ctx.left(wire, "stream_options", "ResponsesRequest.stream_options")
    if wire.prompt_cache_options is not None:
        ctx.left(wire, "prompt_cache_options", "ResponsesRequest.prompt_cache_options")
    if wire.truncation is not None:
        ctx.left(wire, "truncation", "ResponsesRequest.truncation")
    if wire.max_tool_calls is not None:
        ctx.left(wire, "max_tool_calls", "ResponsesRequest.max_tool_calls")
    if (wire.reasoning and wire.reasoning.context) is not None:
        ctx.left(wire, "reasoning.context", "ResponsesRequest.reasoning.context")
    if (wire.reasoning and wire.reasoning.mode) is not None:
        ctx.left(wire, "reasoning.mode", "ResponsesRequest.reasoning.mode")
    if wire.access_programs is not None:
        ctx.left(wire, "access_programs", "ResponsesRequest.access_programs")
    if wire.image is not None:
        ctx.left(wire, "image", "ResponsesRequest.image")
    if wire.client_metadata is not None:
        ctx.left(wire, "client_metadata", "ResponsesRequest.client_metadata")
    if (wire.include if wire.include != ["message.output_text.logprobs"] else None) is not None:
        ctx.left(wire, "include", "ResponsesRequest.include")
    return c.Request(
        model=ctx.needed(wire.model, wire, "model"),
        blocks=[
            *spoken([c.Text(text=wire.instructions)] if wire.instructions else None, "system"),
            *(
                [c.Text(text=wire.input, role="user", turn=0, part=0)]
                if type(wire.input) is str
                else ctx.blocks(lift_input_item, wire.input or [])
            ),
        ],
        max_tokens=wire.max_output_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_logprobs=wire.top_logprobs,
        logprobs=None if wire.top_logprobs is None else True,
        stream=wire.stream,
        tools=ctx.unnested(lift_tool, wire.tools, w.NamespaceTool, lift_namespace_tool, "tools", "group"),
        output_format=None if (text and text.format) is None else lift_response_format(text and text.format, ctx),
        verbosity=text and text.verbosity,
        service_tier=wire.service_tier,
        metadata=given(wire.metadata),
        moderation=given(wire.moderation),
        end_user=wire.safety_identifier if wire.safety_identifier is not None else wire.user,
        store=wire.store,
        cache_key=wire.prompt_cache_key,
        cache_retention=wire.prompt_cache_retention,
        tool_choice=tool_choice,
        reasoning=reasoning,
        carried=ctx.keep(wire, KEPT_RESPONSES_REQUEST) if HELD_RESPONSES_REQUEST(wire) else None,
    )


def lower_responses_request(value: c.Request, ctx: Context) -> w.ResponsesRequest:
    if value.top_k is not None:
        ctx.lose(value, "top_k", "ResponsesRequest.top_k")
    if value.min_p is not None:
        ctx.lose(value, "min_p", "ResponsesRequest.min_p")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "ResponsesRequest.min_tokens")
    if value.stop:
        ctx.lose(value, "stop", "ResponsesRequest.stop")
    if value.seed is not None:
        ctx.lose(value, "seed", "ResponsesRequest.seed")
    if value.presence_penalty is not None:
        ctx.lose(value, "presence_penalty", "ResponsesRequest.presence_penalty")
    if value.frequency_penalty is not None:
        ctx.lose(value, "frequency_penalty", "ResponsesRequest.frequency_penalty")
    if value.prediction:
        ctx.lose(value, "prediction", "ResponsesRequest.prediction")
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "ResponsesRequest.reasoning.budget")
    if value.reasoning and value.reasoning.mode is not None:
        ctx.lose(value, "reasoning.mode", "ResponsesRequest.reasoning.mode")
    if value.n is not None:
        ctx.refuse(value, "n", "ResponsesRequest.n")
    if value.modalities:
        ctx.refuse(value, "modalities", "ResponsesRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "ResponsesRequest.audio_output")
    if value.suffix is not None:
        ctx.refuse(value, "suffix", "ResponsesRequest.suffix")
    if value.cache is not None:
        ctx.lose(value, "cache", "ResponsesRequest.cache")
    text_format = None if value.output_format is None else lower_response_format(value.output_format, ctx)
    text_verbosity = value.verbosity
    text = (
        w.TextConfig(format=text_format, verbosity=text_verbosity)
        if text_format is not None or text_verbosity is not None
        else None
    )
    reasoning_effort = value.reasoning and value.reasoning.effort
    reasoning_summary = ctx.say(
        SUMMARY_LOWER,
        SUMMARY_LIFT,
        value.reasoning and value.reasoning.visibility,
        "auto",
        value,
        "reasoning.visibility",
    )
    reasoning = (
        w.ReasoningConfig(effort=reasoning_effort, summary=reasoning_summary)
        if reasoning_effort is not None or reasoning_summary is not None
        else None
    )
    wire = w.ResponsesRequest(
        model=value.model,
        input=text_alone(ctx.saying(LOWER_INPUT_ITEM), w.InputMessage),
        max_output_tokens=value.max_tokens,
        temperature=value.temperature,
        top_p=value.top_p,
        top_logprobs=value.top_logprobs if value.top_logprobs is not None else 0 if value.logprobs else None,
        include=["message.output_text.logprobs"]
        if (value.top_logprobs if value.top_logprobs is not None else 0 if value.logprobs else None) is not None
        else None,
        stream=value.stream,
        tools=ctx.nested(lower_tool, value.tools, lower_namespace_tool, "tools", "group") or None,
        tool_choice=None if value.tool_choice is None else lower_tool_choice(value.tool_choice, ctx),
        parallel_tool_calls=value.tool_choice and value.tool_choice.parallel,
        text=text,
        reasoning=reasoning,
        service_tier=value.service_tier,
        metadata=value.metadata,
        moderation=value.moderation,
        safety_identifier=value.end_user,
        store=False if value.store is None else value.store,
        prompt_cache_key=value.cache_key,
        prompt_cache_retention=value.cache_retention,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_whole_hosted_call_turn(wire: w.InputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.HostedCall(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_whole_hosted_result_turn(wire: w.InputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.HostedResult(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_whole_unknown_turn(wire: w.InputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.Unknown(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_input_item(wire: w.InputItem, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_INPUT_ITEM.get(type(wire))
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "InputItem")


def lift_function_call_turn(wire: w.FunctionCall, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_function_call(wire, ctx)], "assistant", turn)


def lower_function_call_run(run: list[c.Block], ctx: Context) -> w.FunctionCall:
    return lower_function_call(run[0], ctx)


def lift_function_call_output_turn(wire: w.FunctionCallOutput, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_function_call_output(wire, ctx)], "assistant", turn)


def lower_function_call_output_run(run: list[c.Block], ctx: Context) -> w.FunctionCallOutput:
    return lower_function_call_output(run[0], ctx)


def lift_custom_tool_call_turn(wire: w.CustomToolCall, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_custom_tool_call(wire, ctx)], "assistant", turn)


def lower_custom_tool_call_run(run: list[c.Block], ctx: Context) -> w.CustomToolCall:
    return lower_custom_tool_call(run[0], ctx)


def lift_custom_tool_call_output_turn(wire: w.CustomToolCallOutput, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_custom_tool_call_output(wire, ctx)], "assistant", turn)


def lower_custom_tool_call_output_run(run: list[c.Block], ctx: Context) -> w.CustomToolCallOutput:
    return lower_custom_tool_call_output(run[0], ctx)


def lift_reasoning_item_turn(wire: w.ReasoningItem, turn: int, ctx: Context) -> list[c.Block]:
    lift = lift_reasoning_item if wire.summary or wire.content else lift_sealed_thinking
    return placed([lift(wire, ctx)], "assistant", turn)


def lower_reasoning_item_run(run: list[c.Block], ctx: Context) -> w.ReasoningItem:
    return lower_reasoning_item(run[0], ctx)


def lower_sealed_thinking_run(run: list[c.Block], ctx: Context) -> w.ReasoningItem:
    return lower_sealed_thinking(run[0], ctx)


def lower_input_item_any_tool_result_run(run: list[c.Block], ctx: Context) -> w.InputItem:
    if run[0].called == "custom_call":
        return lower_custom_tool_call_output(run[0], ctx)
    return lower_function_call_output(run[0], ctx)


def lower_whole_input_item_run(run: list[c.Block], ctx: Context) -> w.InputItem | None:
    block = run[0]
    return decode_input_item(block.raw) if block.origin == DIALECT else ctx.unlowered(block, "InputItem")


def lift_input_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_INPUT_MESSAGE.get(wire.role)
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "InputMessage")


def lift_system_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.phase is not None:
        ctx.left(wire, "phase", "InputMessage.phase")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "InputMessage.annotations")
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="system", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.content], "system", turn)
    return blocks


def lower_system_message(run: list[c.Block], ctx: Context) -> w.InputMessage:
    return w.InputMessage(
        content=bare(
            [part for block in run if (part := LOWER_INPUT_PART[type(block)](block, ctx)) is not None], w.InputText
        ),
        role="system",
    )


def lift_developer_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.phase is not None:
        ctx.left(wire, "phase", "InputMessage.phase")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "InputMessage.annotations")
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="developer", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.content], "developer", turn)
    return blocks


def lower_developer_message(run: list[c.Block], ctx: Context) -> w.InputMessage:
    return w.InputMessage(
        content=bare(
            [part for block in run if (part := LOWER_INPUT_PART[type(block)](block, ctx)) is not None], w.InputText
        ),
        role="developer",
    )


def lift_user_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.phase is not None:
        ctx.left(wire, "phase", "InputMessage.phase")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "InputMessage.annotations")
    if type(wire.content) is str:
        blocks.append(c.Text(text=wire.content, role="user", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.content], "user", turn)
    return blocks


def lower_user_message(run: list[c.Block], ctx: Context) -> w.InputMessage:
    return w.InputMessage(
        content=bare(
            [part for block in run if (part := LOWER_INPUT_PART[type(block)](block, ctx)) is not None], w.InputText
        ),
        role="user",
    )


def lift_assistant_message(wire: w.InputMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.phase is not None:
        ctx.left(wire, "phase", "InputMessage.phase")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "InputMessage.annotations")
    if type(wire.content) is str:
        if wire.content:
            blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    elif wire.content:
        blocks += placed([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.content], "assistant", turn)
    return blocks


def lower_assistant_message(run: list[c.Block], ctx: Context) -> w.InputMessage:
    return w.InputMessage(
        content=bare(
            [part for block in run if (part := LOWER_INPUT_PART[type(block)](block, ctx)) is not None], w.InputText
        ),
        role="assistant",
    )


def lift_input_part(wire: w.InputPart, ctx: Context) -> c.Block:
    return LIFT_INPUT_PART[type(wire)](wire, ctx)


def lower_input_part_any_text(value: c.Text, ctx: Context) -> w.InputPart:
    if value.role == "assistant":
        return lower_output_text(value, ctx)
    return lower_input_text(value, ctx)


def lower_input_part(value: c.Block, ctx: Context) -> w.InputPart | None:
    return LOWER_INPUT_PART[type(value)](value, ctx)


def lift_input_text(wire: w.InputText, ctx: Context) -> c.Text:
    if wire.prompt_cache_breakpoint is not None:
        ctx.left(wire, "prompt_cache_breakpoint", "InputText.prompt_cache_breakpoint")
    return c.Text(
        text=wire.text,
    )


def lower_input_text(value: c.Text, ctx: Context) -> w.InputText:
    if value.citations:
        ctx.lose(value, "citations", "InputText.citations")
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "InputText.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "InputText.cache")
    return w.InputText(
        text=value.text,
    )


def lift_input_image(wire: w.InputImage, ctx: Context) -> c.Image:
    if wire.prompt_cache_breakpoint is not None:
        ctx.left(wire, "prompt_cache_breakpoint", "InputImage.prompt_cache_breakpoint")
    return c.Image(
        source=ctx.needed(
            first(
                None if wire.image_url is None else data_url.lift(wire.image_url),
                None if wire.file_id is None else bound_id.lift(wire.file_id),
            ),
            wire,
            "image_url or file_id",
        ),
        detail=wire.detail,
    )


def lower_input_image(value: c.Image, ctx: Context) -> w.InputImage:
    if value.cache is not None:
        ctx.lose(value, "cache", "InputImage.cache")
    return w.InputImage(
        image_url=data_url.lower(value.source),
        file_id=bound_id.lower(value.source),
        detail=value.detail,
    )


def lift_input_file(wire: w.InputFile, ctx: Context) -> c.Document:
    if wire.detail is not None:
        ctx.left(wire, "detail", "InputFile.detail")
    if wire.prompt_cache_breakpoint is not None:
        ctx.left(wire, "prompt_cache_breakpoint", "InputFile.prompt_cache_breakpoint")
    return c.Document(
        source=ctx.needed(
            first(
                None if wire.file_data is None else data_url.lift(wire.file_data),
                None if wire.file_url is None else data_url.lift(wire.file_url),
                None if wire.file_id is None else bound_id.lift(wire.file_id),
            ),
            wire,
            "file_data or file_url or file_id",
        ),
        title=wire.filename,
    )


def lower_input_file(value: c.Document, ctx: Context) -> w.InputFile:
    if value.context is not None:
        ctx.lose(value, "context", "InputFile.context")
    if value.cite:
        ctx.lose(value, "cite", "InputFile.cite")
    if value.cache is not None:
        ctx.lose(value, "cache", "InputFile.cache")
    return w.InputFile(
        file_data=data_url.lower(value.source) if type(value.source) is c.BytesSource else None,
        file_url=data_url.lower(value.source) if type(value.source) is c.UrlSource else None,
        file_id=bound_id.lower(value.source),
        filename=value.title,
    )


def lift_input_audio(wire: w.InputAudio, ctx: Context) -> c.Audio:
    return c.Audio(
        source=lift_audio_data(wire.input_audio, ctx),
    )


def lower_input_audio(value: c.Audio, ctx: Context) -> w.InputAudio:
    if value.id is not None:
        ctx.lose(value, "id", "InputAudio.id")
    if value.transcript is not None:
        ctx.lose(value, "transcript", "InputAudio.transcript")
    if value.expires_at is not None:
        ctx.lose(value, "expires_at", "InputAudio.expires_at")
    if value.cache is not None:
        ctx.lose(value, "cache", "InputAudio.cache")
    return w.InputAudio(
        input_audio=ctx.fits(
            lower_audio_data(value.source, ctx) if type(value.source) is c.BytesSource else None, value, "source"
        ),
    )


def lift_audio_data(wire: w.AudioData, ctx: Context) -> c.BytesSource:
    return c.BytesSource(
        data=wire.data,
        media_type=AUDIO_FORMAT_LIFT.get(wire.format, wire.format),
    )


def lower_audio_data(value: c.BytesSource, ctx: Context) -> w.AudioData:
    return w.AudioData(
        data=value.data,
        format="wav"
        if (AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type)) is None
        else AUDIO_FORMAT_LOWER.get(value.media_type, value.media_type),
    )


def lift_output_text(wire: w.OutputText, ctx: Context) -> c.Text:
    return c.Text(
        role="assistant",
        text=wire.text,
        citations=None
        if not wire.annotations
        else [one for item in wire.annotations if (one := LIFT_ANNOTATION[type(item)](item, ctx)) is not None] or None,
        logprobs=None if given(wire.logprobs) is None else token_list.lift(given(wire.logprobs)),
    )


def lower_output_text(value: c.Text, ctx: Context) -> w.OutputText:
    if value.cache is not None:
        ctx.lose(value, "cache", "OutputText.cache")
    return w.OutputText(
        text=value.text,
        annotations=[one for item in value.citations or () if (one := lower_annotation(item, ctx)) is not None],
        logprobs=None if value.logprobs is None else token_list.lower(value.logprobs),
    )


def lift_refusal_part(wire: w.RefusalPart, ctx: Context) -> c.Refusal:
    return c.Refusal(
        text=wire.refusal,
    )


def lower_refusal_part(value: c.Refusal, ctx: Context) -> w.RefusalPart:
    if value.cache is not None:
        ctx.lose(value, "cache", "RefusalPart.cache")
    return w.RefusalPart(
        refusal=value.text,
    )


def lift_annotation(wire: w.Annotation, ctx: Context) -> c.Citation:
    return LIFT_ANNOTATION[type(wire)](wire, ctx)


def lower_annotation(value: c.Citation, ctx: Context) -> w.Annotation | None:
    return LOWER_ANNOTATION[value.kind](value, ctx)


def lift_url_citation(wire: w.UrlCitation, ctx: Context) -> c.Citation:
    return c.Citation(
        kind="url",
        url=wire.url or None,
        title=wire.title or None,
        said_start=wire.start_index,
        said_end=wire.end_index,
    )


def lower_url_citation(value: c.Citation, ctx: Context) -> w.UrlCitation:
    if value.cited_text is not None:
        ctx.lose(value, "cited_text", "UrlCitation.cited_text")
    if value.index is not None:
        ctx.lose(value, "index", "UrlCitation.index")
    if value.start is not None:
        ctx.lose(value, "start", "UrlCitation.start")
    if value.end is not None:
        ctx.lose(value, "end", "UrlCitation.end")
    if value.file_id is not None:
        ctx.lose(value, "file_id", "UrlCitation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "UrlCitation.encrypted_index")
    return w.UrlCitation(
        url="" if value.url is None else value.url,
        title="" if value.title is None else value.title,
        start_index=0 if value.said_start is None else value.said_start,
        end_index=0 if value.said_end is None else value.said_end,
    )


def lift_function_call(wire: w.FunctionCall, ctx: Context) -> c.ToolCall:
    if wire.caller is not None:
        ctx.left(wire, "caller", "FunctionCall.caller")
    return c.ToolCall(
        id=wire.call_id,
        name=wire.name,
        input=json_text.lift(wire.arguments),
        group=wire.namespace,
        carried=ctx.keep(wire, ["async", "created_by"])
        if wire.async_ is not None or wire.created_by is not None
        else None,
    )


def lower_function_call(value: c.ToolCall, ctx: Context) -> w.FunctionCall:
    if value.signature is not None:
        ctx.lose(value, "signature", "FunctionCall.signature")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionCall.cache")
    wire = w.FunctionCall(
        id=ctx.fresh("fc_{id}"),
        call_id=value.id or ctx.mint("call_{id}"),
        name=value.name,
        arguments=json_text.lower(value.input),
        status="incomplete" if ctx.cut else "completed",
        namespace=value.group,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_custom_tool_call(wire: w.CustomToolCall, ctx: Context) -> c.CustomCall:
    if wire.caller is not None:
        ctx.left(wire, "caller", "CustomToolCall.caller")
    return c.CustomCall(
        id=wire.call_id,
        name=wire.name,
        input=wire.input,
        group=wire.namespace,
        carried=ctx.keep(wire, ["async", "created_by"])
        if wire.async_ is not None or wire.created_by is not None
        else None,
    )


def lower_custom_tool_call(value: c.CustomCall, ctx: Context) -> w.CustomToolCall:
    if value.cache is not None:
        ctx.lose(value, "cache", "CustomToolCall.cache")
    wire = w.CustomToolCall(
        id=ctx.fresh("ctc_{id}"),
        call_id=value.id or ctx.mint("call_{id}"),
        name=value.name,
        input=value.input,
        status="incomplete" if ctx.cut else "completed",
        namespace=value.group,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_function_call_output(wire: w.FunctionCallOutput, ctx: Context) -> c.ToolResult:
    if wire.caller is not None:
        ctx.left(wire, "caller", "FunctionCallOutput.caller")
    return c.ToolResult(
        call_id="" if wire.call_id is None else wire.call_id,
        content=[c.Text(text=wire.output)]
        if type(wire.output) is str
        else numbered([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.output or ()]) or None,
        name=wire.name,
        carried=ctx.keep(wire, ["created_by"]) if wire.created_by is not None else None,
    )


def lower_function_call_output(value: c.ToolResult, ctx: Context) -> w.FunctionCallOutput:
    if value.is_error:
        ctx.lose(value, "is_error", "FunctionCallOutput.is_error")
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionCallOutput.cache")
    wire = w.FunctionCallOutput(
        call_id="" if value.call_id is None else value.call_id,
        output=bare(
            [one for block in value.content or () if (one := LOWER_INPUT_PART[type(block)](block, ctx)) is not None],
            w.InputText,
        )
        or "",
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_custom_tool_call_output(wire: w.CustomToolCallOutput, ctx: Context) -> c.ToolResult:
    if wire.caller is not None:
        ctx.left(wire, "caller", "CustomToolCallOutput.caller")
    return c.ToolResult(
        called="custom_call",
        call_id=wire.call_id,
        content=[c.Text(text=wire.output)]
        if type(wire.output) is str
        else numbered([LIFT_INPUT_PART[type(item)](item, ctx) for item in wire.output or ()]) or None,
        carried=ctx.keep(wire, ["created_by"]) if wire.created_by is not None else None,
    )


def lower_custom_tool_call_output(value: c.ToolResult, ctx: Context) -> w.CustomToolCallOutput:
    if value.is_error:
        ctx.lose(value, "is_error", "CustomToolCallOutput.is_error")
    if value.cache is not None:
        ctx.lose(value, "cache", "CustomToolCallOutput.cache")
    wire = w.CustomToolCallOutput(
        call_id=value.call_id,
        output=bare(
            [one for block in value.content or () if (one := LOWER_INPUT_PART[type(block)](block, ctx)) is not None],
            w.InputText,
        )
        or "",
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_reasoning_item(wire: w.ReasoningItem, ctx: Context) -> c.Thinking:
    return c.Thinking(
        text=first(
            "\n\n".join(item.text for item in wire.summary or ()) or None,
            "\n\n".join(item.text for item in wire.content or ()) or None,
            "",
        ),
        signature=wire.encrypted_content,
        origin=DIALECT if wire.encrypted_content else None,
    )


def lower_reasoning_item(value: c.Thinking, ctx: Context) -> w.ReasoningItem:
    if value.cache is not None:
        ctx.lose(value, "cache", "ReasoningItem.cache")
    return w.ReasoningItem(
        id=ctx.fresh("rs_{id}"),
        summary=[w.SummaryText(type="summary_text", text=value.text)],
        encrypted_content=value.signature,
    )


def lift_sealed_thinking(wire: w.ReasoningItem, ctx: Context) -> c.SealedThinking:
    return c.SealedThinking(
        data="" if wire.encrypted_content is None else wire.encrypted_content,
        origin=DIALECT if wire.encrypted_content else None,
    )


def lower_sealed_thinking(value: c.SealedThinking, ctx: Context) -> w.ReasoningItem:
    if value.cache is not None:
        ctx.lose(value, "cache", "ReasoningItem.cache")
    return w.ReasoningItem(
        id=ctx.fresh("rs_{id}"),
        summary=[],
        encrypted_content="" if value.data is None else value.data,
    )


def lift_tool(wire: w.Tool, ctx: Context) -> c.Tool:
    return LIFT_TOOL[type(wire)](wire, ctx)


def lower_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return LOWER_TOOL[type(value)](value, ctx)


def lower_whole_tool(value: c.Tool, ctx: Context) -> w.Tool | None:
    return decode_tool(value.raw) if value.origin == DIALECT else ctx.unlowered(value, "Tool")


def lift_function_tool(wire: w.FunctionTool, ctx: Context) -> c.FunctionTool:
    if wire.allowed_callers is not None:
        ctx.left(wire, "allowed_callers", "FunctionTool.allowed_callers")
    if wire.defer_loading is not None:
        ctx.left(wire, "defer_loading", "FunctionTool.defer_loading")
    return c.FunctionTool(
        name=wire.name,
        description=wire.description,
        input_schema=given(wire.parameters),
        strict=wire.strict,
        carried=ctx.keep(wire, ["output_schema", "async"])
        if wire.output_schema is not None or wire.async_ is not None
        else None,
    )


def lower_function_tool(value: c.FunctionTool, ctx: Context) -> w.FunctionTool:
    if value.cache is not None:
        ctx.lose(value, "cache", "FunctionTool.cache")
    wire = w.FunctionTool(
        name=value.name,
        description=value.description,
        parameters=value.input_schema,
        strict=False if value.strict is None else value.strict,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_custom_tool(wire: w.CustomTool, ctx: Context) -> c.CustomTool:
    if wire.allowed_callers is not None:
        ctx.left(wire, "allowed_callers", "CustomTool.allowed_callers")
    if wire.defer_loading is not None:
        ctx.left(wire, "defer_loading", "CustomTool.defer_loading")
    return c.CustomTool(
        name=wire.name,
        description=wire.description,
        format=None if wire.format is None else lift_custom_format(wire.format, ctx),
        carried=ctx.keep(wire, ["async"]) if wire.async_ is not None else None,
    )


def lower_custom_tool(value: c.CustomTool, ctx: Context) -> w.CustomTool:
    if value.cache is not None:
        ctx.lose(value, "cache", "CustomTool.cache")
    wire = w.CustomTool(
        name=value.name,
        description=value.description,
        format=None if value.format is None else lower_custom_format(value.format, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_custom_format(wire: w.CustomFormat, ctx: Context) -> c.ToolFormat:
    return LIFT_CUSTOM_FORMAT[type(wire)](wire, ctx)


def lower_custom_format(value: c.ToolFormat, ctx: Context) -> w.CustomFormat | None:
    return LOWER_CUSTOM_FORMAT[value.kind](value, ctx)


def lift_custom_text_format(wire: w.CustomTextFormat, ctx: Context) -> c.ToolFormat:
    return c.ToolFormat(
        kind="text",
    )


def lower_custom_text_format(value: c.ToolFormat, ctx: Context) -> w.CustomTextFormat:
    return w.CustomTextFormat()


def lift_custom_grammar_format(wire: w.CustomGrammarFormat, ctx: Context) -> c.ToolFormat:
    return c.ToolFormat(
        kind="grammar",
        definition=wire.definition or None,
        syntax=wire.syntax,
    )


def lower_custom_grammar_format(value: c.ToolFormat, ctx: Context) -> w.CustomGrammarFormat:
    return w.CustomGrammarFormat(
        definition="" if value.definition is None else value.definition,
        syntax="lark" if value.syntax is None else value.syntax,
    )


def lift_namespace_tool(wire: w.NamespaceTool, ctx: Context) -> c.ToolGroup:
    return c.ToolGroup(
        name=wire.name,
        description=wire.description or None,
    )


def lower_namespace_tool(value: c.ToolGroup, ctx: Context) -> w.NamespaceTool:
    return w.NamespaceTool(
        name=value.name,
        description="" if value.description is None else value.description,
        tools=[],
    )


def lift_file_search_tool(wire: w.FileSearchTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_web_search_tool(wire: w.WebSearchTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_web_search_tool20250826(wire: w.WebSearchTool20250826, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_web_search_preview_tool(wire: w.WebSearchPreviewTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_web_search_preview_tool20250311(wire: w.WebSearchPreviewTool20250311, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_computer_tool(wire: w.ComputerTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_computer_preview_tool(wire: w.ComputerPreviewTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_mcp_tool(wire: w.McpTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_code_interpreter_tool(wire: w.CodeInterpreterTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_image_generation_tool(wire: w.ImageGenerationTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_local_shell_tool(wire: w.LocalShellTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_shell_tool(wire: w.ShellTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_apply_patch_tool(wire: w.ApplyPatchTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_programmatic_tool(wire: w.ProgrammaticTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_tool_search_tool(wire: w.ToolSearchTool, ctx: Context) -> c.HostedTool:
    return c.HostedTool(origin=DIALECT, raw=whole(wire))


def lift_tool_choice(wire: w.ToolChoice | str, ctx: Context) -> c.ToolChoice:
    if type(wire) is str:
        return c.ToolChoice(mode=ctx.word(TOOL_CHOICE_WORD_LIFT, wire, "tool_choice"))
    return LIFT_TOOL_CHOICE[type(wire)](wire, ctx)


def lower_tool_choice(value: c.ToolChoice, ctx: Context) -> w.ToolChoice | str | None:
    if value.mode in TOOL_CHOICE_WORD_LOWER:
        return TOOL_CHOICE_WORD_LOWER[value.mode]
    return LOWER_TOOL_CHOICE[value.mode](value, ctx)


def lift_function_choice(wire: w.FunctionChoice, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="tool",
        name=wire.name or None,
    )


def lower_function_choice(value: c.ToolChoice, ctx: Context) -> w.FunctionChoice:
    return w.FunctionChoice(
        name="" if value.name is None else value.name,
    )


def lift_custom_choice(wire: w.CustomChoice, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="custom",
        name=wire.name or None,
    )


def lower_custom_choice(value: c.ToolChoice, ctx: Context) -> w.CustomChoice:
    return w.CustomChoice(
        name="" if value.name is None else value.name,
    )


def lift_allowed_tools_choice(wire: w.AllowedToolsChoice, ctx: Context) -> c.ToolChoice:
    return c.ToolChoice(
        mode="allowed",
        demand=wire.mode,
        allowed=[LIFT_ALLOWED_TOOL[type(item)](item, ctx) for item in wire.tools],
    )


def lower_allowed_tools_choice(value: c.ToolChoice, ctx: Context) -> w.AllowedToolsChoice:
    return w.AllowedToolsChoice(
        mode=value.demand,
        tools=[one for item in value.allowed or () if (one := lower_allowed_tool(item, ctx)) is not None],
    )


def lift_allowed_tool(wire: w.AllowedTool, ctx: Context) -> c.AllowedTool:
    return LIFT_ALLOWED_TOOL[type(wire)](wire, ctx)


def lower_allowed_tool(value: c.AllowedTool, ctx: Context) -> w.AllowedTool | None:
    return LOWER_ALLOWED_TOOL[value.kind](value, ctx)


def lift_allowed_function(wire: w.AllowedFunction, ctx: Context) -> c.AllowedTool:
    return c.AllowedTool(
        kind="function",
        name=wire.name,
    )


def lower_allowed_function(value: c.AllowedTool, ctx: Context) -> w.AllowedFunction:
    return w.AllowedFunction(
        name=value.name,
    )


def lift_allowed_custom(wire: w.AllowedCustom, ctx: Context) -> c.AllowedTool:
    return c.AllowedTool(
        kind="custom",
        name=wire.name,
    )


def lower_allowed_custom(value: c.AllowedTool, ctx: Context) -> w.AllowedCustom:
    return w.AllowedCustom(
        name=value.name,
    )


def lift_response_format(wire: w.ResponseFormat, ctx: Context) -> c.OutputFormat:
    return LIFT_RESPONSE_FORMAT[type(wire)](wire, ctx)


def lower_response_format(value: c.OutputFormat, ctx: Context) -> w.ResponseFormat | None:
    return LOWER_RESPONSE_FORMAT[value.kind](value, ctx)


def lift_text_format(wire: w.TextFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="text",
    )


def lower_text_format(value: c.OutputFormat, ctx: Context) -> w.TextFormat:
    return w.TextFormat()


def lift_json_object_format(wire: w.JsonObjectFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="json",
    )


def lower_json_object_format(value: c.OutputFormat, ctx: Context) -> w.JsonObjectFormat:
    return w.JsonObjectFormat()


def lift_json_schema_format(wire: w.JsonSchemaFormat, ctx: Context) -> c.OutputFormat:
    return c.OutputFormat(
        kind="json_schema",
        name=wire.name,
        description=wire.description,
        schema=wire.schema,
        strict=wire.strict,
    )


def lower_json_schema_format(value: c.OutputFormat, ctx: Context) -> w.JsonSchemaFormat:
    return w.JsonSchemaFormat(
        name="answer" if value.name is None else value.name,
        description=value.description,
        schema=value.schema,
        strict=value.strict,
    )


KEPT_RESPONSES_REQUEST = ["previous_response_id", "conversation", "prompt", "background", "context_management"]
HELD_RESPONSES_REQUEST = any_of("previous_response_id", "conversation", "prompt", "background", "context_management")
LIFT_INPUT_ITEM = {
    w.InputMessage: lift_input_message,
    w.FunctionCall: lift_function_call_turn,
    w.FunctionCallOutput: lift_function_call_output_turn,
    w.CustomToolCall: lift_custom_tool_call_turn,
    w.CustomToolCallOutput: lift_custom_tool_call_output_turn,
    w.ReasoningItem: lift_reasoning_item_turn,
    w.FileSearchCall: lift_whole_hosted_call_turn,
    w.ComputerCall: lift_whole_hosted_call_turn,
    w.ComputerCallOutput: lift_whole_hosted_result_turn,
    w.WebSearchCall: lift_whole_hosted_call_turn,
    w.ImageGenerationCall: lift_whole_hosted_call_turn,
    w.CodeInterpreterCall: lift_whole_hosted_call_turn,
    w.LocalShellCall: lift_whole_hosted_call_turn,
    w.LocalShellCallOutput: lift_whole_hosted_result_turn,
    w.McpListTools: lift_whole_hosted_result_turn,
    w.McpApprovalRequest: lift_whole_hosted_call_turn,
    w.McpApprovalResponse: lift_whole_hosted_result_turn,
    w.McpCall: lift_whole_hosted_call_turn,
    w.ToolSearchCall: lift_whole_hosted_call_turn,
    w.ToolSearchOutput: lift_whole_hosted_result_turn,
    w.AdditionalTools: lift_whole_unknown_turn,
    w.Compaction: lift_whole_unknown_turn,
    w.ShellCall: lift_whole_hosted_call_turn,
    w.ShellCallOutput: lift_whole_hosted_result_turn,
    w.ApplyPatchCall: lift_whole_hosted_call_turn,
    w.ApplyPatchCallOutput: lift_whole_hosted_result_turn,
    w.CompactionTrigger: lift_whole_unknown_turn,
    w.Program: lift_whole_unknown_turn,
    w.ProgramOutput: lift_whole_unknown_turn,
    w.ConfigurationUpdate: lift_whole_unknown_turn,
}
LOWER_INPUT_ITEM = {
    "system": lower_system_message,
    "developer": lower_developer_message,
    "user": lower_user_message,
    "assistant": lower_assistant_message,
    "hosted_call": lower_whole_input_item_run,
    "hosted_result": lower_whole_input_item_run,
    "unknown": lower_whole_input_item_run,
    "tool_call": lower_function_call_run,
    "tool_result": lower_input_item_any_tool_result_run,
    "custom_call": lower_custom_tool_call_run,
    "thinking": lower_reasoning_item_run,
    "sealed_thinking": lower_sealed_thinking_run,
}
LIFT_INPUT_MESSAGE = {
    "system": lift_system_message,
    "developer": lift_developer_message,
    "user": lift_user_message,
    "assistant": lift_assistant_message,
}
LOWER_INPUT_MESSAGE = {
    "system": lower_system_message,
    "developer": lower_developer_message,
    "user": lower_user_message,
    "assistant": lower_assistant_message,
}
LIFT_INPUT_PART = Ways(
    {
        w.InputText: lift_input_text,
        w.OutputText: lift_output_text,
        w.InputImage: lift_input_image,
        w.InputFile: lift_input_file,
        w.InputAudio: lift_input_audio,
        w.RefusalPart: lift_refusal_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "InputPart"),
)
LOWER_INPUT_PART = Ways(
    {
        c.Text: lower_input_part_any_text,
        c.Image: lower_input_image,
        c.Document: lower_input_file,
        c.Audio: lower_input_audio,
        c.Refusal: lower_refusal_part,
        c.SearchResult: as_text(lower_input_text, "InputPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "InputPart"),
)
LIFT_ANNOTATION = Ways(
    {
        w.UrlCitation: lift_url_citation,
    },
    lambda wire, ctx: ctx.unlifted(wire, "Annotation"),
)
LOWER_ANNOTATION = Ways(
    {
        "url": lower_url_citation,
        "web": lower_url_citation,
        "char": lower_url_citation,
        "page": lower_url_citation,
        "block": lower_url_citation,
        "search": lower_url_citation,
    },
    lambda value, ctx: ctx.unlowered(value, "Annotation"),
)
LIFT_TOOL = Ways(
    {
        w.FunctionTool: lift_function_tool,
        w.CustomTool: lift_custom_tool,
        w.FileSearchTool: lift_file_search_tool,
        w.WebSearchTool: lift_web_search_tool,
        w.WebSearchTool20250826: lift_web_search_tool20250826,
        w.WebSearchPreviewTool: lift_web_search_preview_tool,
        w.WebSearchPreviewTool20250311: lift_web_search_preview_tool20250311,
        w.ComputerTool: lift_computer_tool,
        w.ComputerPreviewTool: lift_computer_preview_tool,
        w.McpTool: lift_mcp_tool,
        w.CodeInterpreterTool: lift_code_interpreter_tool,
        w.ImageGenerationTool: lift_image_generation_tool,
        w.LocalShellTool: lift_local_shell_tool,
        w.ShellTool: lift_shell_tool,
        w.ApplyPatchTool: lift_apply_patch_tool,
        w.ProgrammaticTool: lift_programmatic_tool,
        w.ToolSearchTool: lift_tool_search_tool,
    },
    lambda wire, ctx: ctx.unlifted(wire, "Tool"),
)
LOWER_TOOL = Ways(
    {
        c.FunctionTool: lower_function_tool,
        c.CustomTool: lower_custom_tool,
        c.HostedTool: lower_whole_tool,
    },
    lambda value, ctx: ctx.unlowered(value, "Tool"),
)
LIFT_CUSTOM_FORMAT = Ways(
    {
        w.CustomTextFormat: lift_custom_text_format,
        w.CustomGrammarFormat: lift_custom_grammar_format,
    },
    lambda wire, ctx: ctx.unlifted(wire, "CustomFormat"),
)
LOWER_CUSTOM_FORMAT = Ways(
    {
        "text": lower_custom_text_format,
        "grammar": lower_custom_grammar_format,
    },
    lambda value, ctx: ctx.unlowered(value, "CustomFormat"),
)
LIFT_TOOL_CHOICE = Ways(
    {
        w.FunctionChoice: lift_function_choice,
        w.CustomChoice: lift_custom_choice,
        w.AllowedToolsChoice: lift_allowed_tools_choice,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ToolChoice"),
)
LOWER_TOOL_CHOICE = Ways(
    {
        "tool": lower_function_choice,
        "custom": lower_custom_choice,
        "allowed": lower_allowed_tools_choice,
    },
    lambda value, ctx: ctx.unlowered(value, "ToolChoice"),
)
LIFT_ALLOWED_TOOL = Ways(
    {
        w.AllowedFunction: lift_allowed_function,
        w.AllowedCustom: lift_allowed_custom,
    },
    lambda wire, ctx: ctx.unlifted(wire, "AllowedTool"),
)
LOWER_ALLOWED_TOOL = Ways(
    {
        "function": lower_allowed_function,
        "custom": lower_allowed_custom,
    },
    lambda value, ctx: ctx.unlowered(value, "AllowedTool"),
)
LIFT_RESPONSE_FORMAT = Ways(
    {
        w.TextFormat: lift_text_format,
        w.JsonObjectFormat: lift_json_object_format,
        w.JsonSchemaFormat: lift_json_schema_format,
    },
    lambda wire, ctx: ctx.unlifted(wire, "ResponseFormat"),
)
LOWER_RESPONSE_FORMAT = Ways(
    {
        "text": lower_text_format,
        "json": lower_json_object_format,
        "json_schema": lower_json_schema_format,
    },
    lambda value, ctx: ctx.unlowered(value, "ResponseFormat"),
)


def lift_request(wire: w.ResponsesRequest, ctx: Context) -> c.Request:
    return lift_responses_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.ResponsesRequest:
    return lower_responses_request(value, ctx)
