# Generated from specs/dialects/ollama_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatResponse <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_chat import wire as w
from generated.ollama_chat.request import lift_tool_call, lower_tool_call
from runtime.core.context import Context
from runtime.core.primitives import error_text, image_bytes, known, placed, timestamp, token_list, total

DIALECT = "ollama-chat"
DONE_REASON_LIFT = {None: None, "stop": "end_turn", "length": "max_tokens", "load": "end_turn", "unload": "end_turn"}
DONE_REASON_LOWER = {
    "end_turn": "stop",
    "max_tokens": "length",
    "tool_use": "stop",
    "stop_sequence": "stop",
    "context_window": "length",
    "malformed_tool_call": "stop",
    "pause": "stop",
    "refusal": "stop",
    "content_filter": "stop",
    "other": "stop",
}
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    402: "quota",
    403: "permission",
    404: "not_found",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    503: "overloaded",
    504: "timeout",
    408: "timeout",
    422: "invalid_request",
    502: "internal",
    529: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "quota": 402,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "timeout": 504,
    "truncated": 502,
}
decode_response = Decoder(w.ChatResponse).decode
decode_error = Decoder(w.ErrorEnvelope).decode
decode_models = Decoder(w.ModelList).decode
decode_look_up = Decoder(w.ShowRequest).decode
decode_shown = Decoder(w.ShownModel).decode
decode_running = Decoder(w.RunningModels).decode


def lift_chat_response(wire: w.ChatResponse, ctx: Context) -> c.Response:
    usage = None
    input = wire.prompt_eval_count
    if input is not None:
        usage = usage or c.Usage()
        usage.input = input
    output = wire.eval_count
    if output is not None:
        usage = usage or c.Usage()
        usage.output = output
    if wire.total_duration is not None:
        ctx.left(wire, "total_duration", "ChatResponse.total_duration")
    if wire.load_duration is not None:
        ctx.left(wire, "load_duration", "ChatResponse.load_duration")
    if wire.prompt_eval_duration is not None:
        ctx.left(wire, "prompt_eval_duration", "ChatResponse.prompt_eval_duration")
    if wire.eval_duration is not None:
        ctx.left(wire, "eval_duration", "ChatResponse.eval_duration")
    if wire.remote_model is not None:
        ctx.left(wire, "remote_model", "ChatResponse.remote_model")
    if wire.remote_host is not None:
        ctx.left(wire, "remote_host", "ChatResponse.remote_host")
    return c.Response(
        model=wire.model,
        created=None if wire.created_at is None else timestamp.lift(wire.created_at),
        candidates=[
            c.Candidate(
                index=0,
                blocks=[] if wire.message is None else lift_response_message(wire.message, 0, ctx),
                stop_reason=(DONE_REASON_LIFT.get(wire.done_reason, "other")) or ("end_turn" if wire.done else None),
                native_reason=wire.done_reason,
                logprobs=None if wire.logprobs is None else token_list.lift(wire.logprobs),
            )
        ],
        usage=usage,
    )


def lower_chat_response(value: c.Response, ctx: Context) -> w.ChatResponse:
    if value.id is not None:
        ctx.lose(value, "id", "ChatResponse.id")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "ChatResponse.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "ChatResponse.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ChatResponse.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].stop_sequence is not None:
        ctx.lose(value, "candidates.0.stop_sequence", "ChatResponse.candidates.0.stop_sequence")
    if value.usage and value.usage.cache_read is not None:
        ctx.rewritten(value, "usage.cache_read", "ChatResponse.usage.cache_read")
    if value.usage and value.usage.cache_write is not None:
        ctx.rewritten(value, "usage.cache_write", "ChatResponse.usage.cache_write")
    if value.usage and value.usage.cache_write_long is not None:
        ctx.lose(value, "usage.cache_write_long", "ChatResponse.usage.cache_write_long")
    if value.usage and value.usage.reasoning is not None:
        ctx.rewritten(value, "usage.reasoning", "ChatResponse.usage.reasoning")
    if value.usage and value.usage.input_audio is not None:
        ctx.lose(value, "usage.input_audio", "ChatResponse.usage.input_audio")
    if value.usage and value.usage.output_audio is not None:
        ctx.lose(value, "usage.output_audio", "ChatResponse.usage.output_audio")
    return w.ChatResponse(
        model=value.model,
        created_at=timestamp.lower(value.created or ctx.now),
        message=lower_response_message(value.candidates and value.candidates[0].blocks or [], ctx),
        done_reason=DONE_REASON_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        done=(value.candidates and value.candidates[0].stop_reason) is not None,
        prompt_eval_count=total(
            value.usage and value.usage.input,
            value.usage and value.usage.cache_read,
            value.usage and value.usage.cache_write,
        ),
        eval_count=total(value.usage and value.usage.output, value.usage and value.usage.reasoning),
        logprobs=None
        if (value.candidates and value.candidates[0].logprobs) is None
        else token_list.lower(value.candidates and value.candidates[0].logprobs),
    )


def lift_response_message(wire: w.ResponseMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.tool_name is not None:
        ctx.left(wire, "tool_name", "ResponseMessage.tool_name")
    if wire.thinking:
        blocks.append(c.Thinking(text=wire.thinking, role="assistant", turn=turn, part=0))
    if wire.content:
        blocks.append(c.Text(text=wire.content, role="assistant", turn=turn, part=0))
    if wire.images:
        blocks += placed([image_bytes.lift(item) for item in wire.images], "assistant", turn)
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_response_message(run: list[c.Block], ctx: Context) -> w.ResponseMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_RESPONSE_MESSAGE):
        ctx.unsaid(run, UNSAID_RESPONSE_MESSAGE, "ResponseMessage")
    if c.Image in kinds:
        for block in run:
            if type(block) is c.Image and block.detail:
                ctx.lose(block, "detail", "ResponseMessage.image.detail")
            if type(block) is c.Image and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    if c.Refusal in kinds:
        for block in run:
            if type(block) is c.Refusal and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "ResponseMessage.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "ResponseMessage.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    if c.Thinking in kinds:
        for block in run:
            if type(block) is c.Thinking and block.signature:
                ctx.lose(block, "signature", "ResponseMessage.thinking.signature")
            if type(block) is c.Thinking and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    thinking_blocks = [block for block in run if type(block) is c.Thinking] if c.Thinking in kinds else []
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    images_blocks = [block for block in run if type(block) is c.Image] if c.Image in kinds else []
    tool_calls_blocks = [block for block in run if type(block) is c.ToolCall] if c.ToolCall in kinds else []
    for block in content_blocks:
        if type(block) is not c.Text:
            ctx.reworded(block, "it is written as text")
    return w.ResponseMessage(
        role="assistant",
        thinking="".join([block.text for block in thinking_blocks]) or None if thinking_blocks else None,
        content="".join([block.text for block in content_blocks]),
        images=[
            item for block in images_blocks if (item := ctx.fits(image_bytes.lower(block), block, "source")) is not None
        ]
        or None,
        tool_calls=[part for block in tool_calls_blocks if (part := lower_tool_call(block, ctx)) is not None] or None
        if tool_calls_blocks
        else None,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.detail is not None:
        ctx.left(wire, "detail", "ErrorEnvelope.detail")
    if wire.signin_url is not None:
        ctx.left(wire, "signin_url", "ErrorEnvelope.signin_url")
    return c.Error(
        kind=ctx.kind_of_status(STATUS_LIFT),
        message=error_text.lift(ctx.needed(wire.error, wire, "error")),
    )


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    if value.code is not None:
        ctx.lose(value, "code", "ErrorEnvelope.code")
    if value.param is not None:
        ctx.lose(value, "param", "ErrorEnvelope.param")
    if value.native_kind is not None:
        ctx.lose(value, "native_kind", "ErrorEnvelope.native_kind")
    if value.status is not None:
        ctx.lose(value, "status", "ErrorEnvelope.status")
    return w.ErrorEnvelope(
        error=error_text.lower(value.message),
    )


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return c.ModelList(
        models=[lift_model(item, ctx) for item in wire.models],
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    if value.more:
        ctx.lose(value, "more", "ModelList.more")
    return w.ModelList(
        models=[one for item in value.models or () if (one := lower_model(item, ctx)) is not None],
    )


def lift_model(wire: w.Model, ctx: Context) -> c.Model:
    details = wire.details
    if wire.capabilities is not None:
        ctx.left(wire, "capabilities", "Model.capabilities")
    if wire.remote_model is not None:
        ctx.left(wire, "remote_model", "Model.remote_model")
    if wire.remote_host is not None:
        ctx.left(wire, "remote_host", "Model.remote_host")
    if (wire.details and wire.details.parent_model) is not None:
        ctx.left(wire, "details.parent_model", "Model.details.parent_model")
    if (wire.details and wire.details.families) is not None:
        ctx.left(wire, "details.families", "Model.details.families")
    if (wire.details and wire.details.embedding_length) is not None:
        ctx.left(wire, "details.embedding_length", "Model.details.embedding_length")
    return c.Model(
        id=ctx.needed(wire.model if wire.model is not None else wire.name, wire, "model or name"),
        created=None if wire.modified_at is None else timestamp.lift(wire.modified_at),
        max_input=details and details.context_length,
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.owner is not None:
        ctx.lose(value, "owner", "Model.owner")
    if value.title is not None:
        ctx.lose(value, "title", "Model.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "Model.max_output")
    if value.retired is not None:
        ctx.lose(value, "retired", "Model.retired")
    return w.Model(
        model=value.id,
        name=value.id,
        modified_at=None if value.created is None else timestamp.lower(value.created),
        size=0,
        digest="0000000000000000000000000000000000000000000000000000000000000000",
        details=w.ModelDetails(
            format="",
            family="",
            parameter_size="",
            quantization_level="",
            context_length=value.max_input,
        ),
    )


def lift_show_request(wire: w.ShowRequest, ctx: Context) -> c.Model:
    if wire.verbose is not None:
        ctx.left(wire, "verbose", "ShowRequest.verbose")
    if wire.system is not None:
        ctx.left(wire, "system", "ShowRequest.system")
    if wire.template is not None:
        ctx.left(wire, "template", "ShowRequest.template")
    if wire.options is not None:
        ctx.left(wire, "options", "ShowRequest.options")
    return c.Model(
        id=ctx.needed(wire.model if wire.model is not None else wire.name, wire, "model or name"),
    )


def lower_show_request(value: c.Model, ctx: Context) -> w.ShowRequest:
    if value.created is not None:
        ctx.lose(value, "created", "ShowRequest.created")
    if value.owner is not None:
        ctx.lose(value, "owner", "ShowRequest.owner")
    if value.title is not None:
        ctx.lose(value, "title", "ShowRequest.title")
    if value.max_input is not None:
        ctx.lose(value, "max_input", "ShowRequest.max_input")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "ShowRequest.max_output")
    if value.retired is not None:
        ctx.lose(value, "retired", "ShowRequest.retired")
    return w.ShowRequest(
        model=value.id,
        name=value.id,
    )


def lift_shown_model(wire: w.ShownModel, ctx: Context) -> c.Model:
    details = wire.details
    if wire.license is not None:
        ctx.left(wire, "license", "ShownModel.license")
    if wire.modelfile is not None:
        ctx.left(wire, "modelfile", "ShownModel.modelfile")
    if wire.parameters is not None:
        ctx.left(wire, "parameters", "ShownModel.parameters")
    if wire.template is not None:
        ctx.left(wire, "template", "ShownModel.template")
    if wire.system is not None:
        ctx.left(wire, "system", "ShownModel.system")
    if wire.renderer is not None:
        ctx.left(wire, "renderer", "ShownModel.renderer")
    if wire.parser is not None:
        ctx.left(wire, "parser", "ShownModel.parser")
    if wire.requires is not None:
        ctx.left(wire, "requires", "ShownModel.requires")
    if wire.messages is not None:
        ctx.left(wire, "messages", "ShownModel.messages")
    if wire.projector_info is not None:
        ctx.left(wire, "projector_info", "ShownModel.projector_info")
    if wire.tensors is not None:
        ctx.left(wire, "tensors", "ShownModel.tensors")
    if wire.remote_model is not None:
        ctx.left(wire, "remote_model", "ShownModel.remote_model")
    if wire.remote_host is not None:
        ctx.left(wire, "remote_host", "ShownModel.remote_host")
    if (wire.details and wire.details.parent_model) is not None:
        ctx.left(wire, "details.parent_model", "ShownModel.details.parent_model")
    if (wire.details and wire.details.families) is not None:
        ctx.left(wire, "details.families", "ShownModel.details.families")
    if (wire.details and wire.details.embedding_length) is not None:
        ctx.left(wire, "details.embedding_length", "ShownModel.details.embedding_length")
    return c.Model(
        id=ctx.model,
        created=None if wire.modified_at is None else timestamp.lift(wire.modified_at),
        max_input=details and details.context_length,
    )


def lower_shown_model(value: c.Model, ctx: Context) -> w.ShownModel:
    if value.owner is not None:
        ctx.lose(value, "owner", "ShownModel.owner")
    if value.title is not None:
        ctx.lose(value, "title", "ShownModel.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "ShownModel.max_output")
    if value.retired is not None:
        ctx.lose(value, "retired", "ShownModel.retired")
    return w.ShownModel(
        modified_at=None if value.created is None else timestamp.lower(value.created),
        capabilities=["completion", "tools"],
        model_info=Raw(b"{}"),
        details=w.ModelDetails(
            format="",
            family="",
            parameter_size="",
            quantization_level="",
            context_length=value.max_input,
        ),
    )


def lift_running_models(wire: w.RunningModels, ctx: Context) -> c.ModelList:
    return c.ModelList(
        models=[lift_running_model(item, ctx) for item in wire.models],
    )


def lower_running_models(value: c.ModelList, ctx: Context) -> w.RunningModels:
    if value.more:
        ctx.lose(value, "more", "RunningModels.more")
    return w.RunningModels(
        models=[one for item in value.models or () if (one := lower_running_model(item, ctx)) is not None],
    )


def lift_running_model(wire: w.RunningModel, ctx: Context) -> c.Model:
    if wire.size is not None:
        ctx.left(wire, "size", "RunningModel.size")
    if wire.size_vram is not None:
        ctx.left(wire, "size_vram", "RunningModel.size_vram")
    if wire.digest is not None:
        ctx.left(wire, "digest", "RunningModel.digest")
    if wire.details is not None:
        ctx.left(wire, "details", "RunningModel.details")
    if wire.expires_at is not None:
        ctx.left(wire, "expires_at", "RunningModel.expires_at")
    return c.Model(
        id=ctx.needed(wire.model if wire.model is not None else wire.name, wire, "model or name"),
        max_input=wire.context_length,
    )


def lower_running_model(value: c.Model, ctx: Context) -> w.RunningModel:
    if value.created is not None:
        ctx.lose(value, "created", "RunningModel.created")
    if value.owner is not None:
        ctx.lose(value, "owner", "RunningModel.owner")
    if value.title is not None:
        ctx.lose(value, "title", "RunningModel.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "RunningModel.max_output")
    if value.retired is not None:
        ctx.lose(value, "retired", "RunningModel.retired")
    return w.RunningModel(
        model=value.id,
        name=value.id,
        context_length=value.max_input,
    )


UNSAID_RESPONSE_MESSAGE = {
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Audio,
    c.Video,
    c.Document,
    c.CustomCall,
    c.ToolResult,
}


def lift_response(wire: w.ChatResponse, ctx: Context) -> c.Response:
    return lift_chat_response(wire, ctx)


def lower_response(value: c.Response, ctx: Context) -> w.ChatResponse:
    return lower_chat_response(value, ctx)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)


def lift_models(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return lift_model_list(wire, ctx)


def lower_models(value: c.ModelList, ctx: Context) -> w.ModelList:
    return lower_model_list(value, ctx)


def lift_look_up(wire: w.ShowRequest, ctx: Context) -> c.Model:
    return lift_show_request(wire, ctx)


def lower_look_up(value: c.Model, ctx: Context) -> w.ShowRequest:
    return lower_show_request(value, ctx)


def lift_shown(wire: w.ShownModel, ctx: Context) -> c.Model:
    return lift_shown_model(wire, ctx)


def lower_shown(value: c.Model, ctx: Context) -> w.ShownModel:
    return lower_shown_model(value, ctx)


def lift_running(wire: w.RunningModels, ctx: Context) -> c.ModelList:
    return lift_running_models(wire, ctx)


def lower_running(value: c.ModelList, ctx: Context) -> w.RunningModels:
    return lower_running_models(value, ctx)
