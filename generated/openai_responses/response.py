# Generated from specs/dialects/openai_responses/mapping.yaml. Edit the spec, then `make generate`.
# Response <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec import Raw
from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_responses import wire as w
from generated.openai_responses.request import (
    lift_custom_tool_call,
    lift_function_call,
    lift_output_text,
    lift_reasoning_item,
    lift_refusal_part,
    lift_sealed_thinking,
    lower_custom_tool_call,
    lower_function_call,
    lower_output_text,
    lower_reasoning_item,
    lower_refusal_part,
    lower_sealed_thinking,
)
from runtime.core.context import Context
from runtime.core.primitives import Ways, any_of, first, given, known, placed, rounded, text, total, whole

DIALECT = "openai-responses"
STATUS_LIFT = {
    400: "invalid_request",
    401: "authentication",
    403: "permission",
    404: "not_found",
    413: "too_large",
    429: "rate_limit",
    500: "internal",
    503: "overloaded",
    504: "timeout",
    402: "quota",
    408: "timeout",
    422: "invalid_request",
    502: "internal",
    529: "overloaded",
}
STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "timeout": 504,
    "quota": 429,
    "truncated": 502,
}
ENDED_LIFT = {
    None: None,
    "completed": "end_turn",
    "incomplete": "max_tokens",
    "failed": "other",
    "cancelled": "other",
    "in_progress": "pause",
    "queued": "pause",
}
ENDED_LOWER = {
    "end_turn": "completed",
    "max_tokens": "incomplete",
    "context_window": "incomplete",
    "content_filter": "incomplete",
    "tool_use": "completed",
    "stop_sequence": "completed",
    "malformed_tool_call": "completed",
    "pause": "completed",
    "refusal": "completed",
    "other": "completed",
}
CUT_LIFT = {
    None: None,
    "max_output_tokens": "max_tokens",
    "content_filter": "content_filter",
    "max_messages": "other",
    "steered": "other",
}
CUT_LOWER = {
    "max_tokens": "max_output_tokens",
    "content_filter": "content_filter",
    "context_window": "max_output_tokens",
}
ERROR_KIND_LIFT = {
    "invalid_request_error": "invalid_request",
    "authentication_error": "authentication",
    "permission_error": "permission",
    "not_found_error": "not_found",
    "insufficient_quota": "quota",
    "rate_limit_error": "rate_limit",
    "timeout_error": "timeout",
    "server_error": "internal",
    "tokens": "rate_limit",
    "requests": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "invalid_api_key": "authentication",
    "not_found": "not_found",
    "overloaded_error": "overloaded",
    "exceed_context_size_error": "invalid_request",
    "unavailable_error": "overloaded",
    "BadRequestError": "invalid_request",
    "NotFoundError": "not_found",
    "not_supported_error": "invalid_request",
    "image_parse_error": "invalid_request",
}
ERROR_KIND_LOWER = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "quota": "insufficient_quota",
    "rate_limit": "rate_limit_error",
    "timeout": "timeout_error",
    "internal": "server_error",
    "too_large": "invalid_request_error",
    "overloaded": "server_error",
    "truncated": "server_error",
}
FAILURE_LIFT = {
    None: None,
    "server_error": "internal",
    "rate_limit_exceeded": "rate_limit",
    "invalid_prompt": "invalid_request",
    "vector_store_timeout": "timeout",
    "invalid_image": "invalid_request",
    "invalid_image_format": "invalid_request",
    "invalid_base64_image": "invalid_request",
    "invalid_image_url": "invalid_request",
    "image_too_large": "invalid_request",
    "image_too_small": "invalid_request",
    "image_parse_error": "invalid_request",
    "image_content_policy_violation": "invalid_request",
    "invalid_image_mode": "invalid_request",
    "image_file_too_large": "invalid_request",
    "unsupported_image_media_type": "invalid_request",
    "empty_image_file": "invalid_request",
    "failed_to_download_image": "invalid_request",
    "image_file_not_found": "invalid_request",
    "data_residency_mismatch": "permission",
    "bio_policy": "invalid_request",
    "misalignment_policy_violation": "invalid_request",
}
FAILURE_LOWER = {
    "internal": "server_error",
    "rate_limit": "rate_limit_exceeded",
    "invalid_request": "invalid_prompt",
    "authentication": "server_error",
    "permission": "server_error",
    "not_found": "server_error",
    "too_large": "invalid_prompt",
    "quota": "rate_limit_exceeded",
    "overloaded": "server_error",
    "timeout": "server_error",
    "truncated": "server_error",
}
decode_output_item = Decoder(w.OutputItem).decode
decode_response = Decoder(w.Response).decode
decode_error = Decoder(w.ErrorEnvelope).decode
decode_count = Decoder(w.InputTokensCount).decode
decode_models = Decoder(w.ModelList).decode
decode_model = Decoder(w.Model).decode


def lift_whole_hosted_call_turn(wire: w.OutputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.HostedCall(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_whole_hosted_result_turn(wire: w.OutputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.HostedResult(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_whole_unknown_turn(wire: w.OutputItem, turn: int, ctx: Context) -> list[c.Block]:
    return placed([c.Unknown(origin=DIALECT, raw=whole(wire))], "assistant", turn)


def lift_output_item(wire: w.OutputItem, turn: int, ctx: Context) -> list[c.Block]:
    lift = LIFT_OUTPUT_ITEM.get(type(wire))
    return lift(wire, turn, ctx) if lift else ctx.unread(wire, "OutputItem")


def lift_function_call_turn(wire: w.FunctionCall, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_function_call(wire, ctx)], "assistant", turn)


def lower_function_call_run(run: list[c.Block], ctx: Context) -> w.FunctionCall:
    return lower_function_call(run[0], ctx)


def lift_custom_tool_call_turn(wire: w.CustomToolCall, turn: int, ctx: Context) -> list[c.Block]:
    return placed([lift_custom_tool_call(wire, ctx)], "assistant", turn)


def lower_custom_tool_call_run(run: list[c.Block], ctx: Context) -> w.CustomToolCall:
    return lower_custom_tool_call(run[0], ctx)


def lift_reasoning_item_turn(wire: w.ReasoningItem, turn: int, ctx: Context) -> list[c.Block]:
    lift = lift_reasoning_item if wire.summary or wire.content else lift_sealed_thinking
    return placed([lift(wire, ctx)], "assistant", turn)


def lower_reasoning_item_run(run: list[c.Block], ctx: Context) -> w.ReasoningItem:
    return lower_reasoning_item(run[0], ctx)


def lower_sealed_thinking_run(run: list[c.Block], ctx: Context) -> w.ReasoningItem:
    return lower_sealed_thinking(run[0], ctx)


def lower_output_item_unsaid_run(run: list[c.Block], ctx: Context) -> None:
    ctx.unlowered(run[0], "OutputItem")


def lower_whole_output_item_run(run: list[c.Block], ctx: Context) -> w.OutputItem | None:
    block = run[0]
    return decode_output_item(block.raw) if block.origin == DIALECT else ctx.unlowered(block, "OutputItem")


def lift_output_message(wire: w.OutputMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.phase is not None:
        ctx.left(wire, "phase", "OutputMessage.phase")
    if wire.annotations is not None:
        ctx.left(wire, "annotations", "OutputMessage.annotations")
    if wire.content:
        blocks += known(placed(ctx.each(lift_output_part, wire.content), "assistant", turn))
    return blocks


def lower_output_message(run: list[c.Block], ctx: Context) -> w.OutputMessage | None:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_OUTPUT_MESSAGE):
        ctx.unsaid(run, UNSAID_OUTPUT_MESSAGE, "OutputMessage")
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Refusal)] if c.Text in kinds or c.Refusal in kinds else []
    )
    if not (content_blocks):
        return None
    return w.OutputMessage(
        id=ctx.fresh("msg_{id}"),
        role="assistant",
        status="incomplete" if ctx.cut else "completed",
        content=[part for block in content_blocks if (part := LOWER_OUTPUT_PART[type(block)](block, ctx)) is not None],
    )


def lift_output_part(wire: w.OutputPart, ctx: Context) -> c.Block:
    return LIFT_OUTPUT_PART[type(wire)](wire, ctx)


def lower_output_part(value: c.Block, ctx: Context) -> w.OutputPart | None:
    return LOWER_OUTPUT_PART[type(value)](value, ctx)


def lift_response(wire: w.Response, ctx: Context) -> c.Response:
    incomplete_details = wire.incomplete_details
    if wire.error is not None:
        raise ctx.failed(lift_response_error(wire.error, ctx), "error")
    if wire.input_transformations is not None:
        ctx.left(wire, "input_transformations", "Response.input_transformations")
    if wire.ec_transfer_params is not None:
        ctx.left(wire, "ec_transfer_params", "Response.ec_transfer_params")
    if wire.kv_transfer_params is not None:
        ctx.left(wire, "kv_transfer_params", "Response.kv_transfer_params")
    if wire.timings is not None:
        ctx.left(wire, "timings", "Response.timings")
    return c.Response(
        id=wire.id,
        created=rounded(wire.created_at),
        model=wire.model or None,
        usage=None if (wire.usage or None) is None else lift_usage(wire.usage or None, ctx),
        service_tier=wire.service_tier,
        metadata=given(wire.metadata),
        moderation=given(wire.moderation),
        candidates=[
            c.Candidate(
                index=0,
                stop_reason=first(
                    CUT_LIFT.get(incomplete_details and incomplete_details.reason, "other"),
                    ENDED_LIFT.get(wire.status, "other"),
                ),
                native_reason=incomplete_details and incomplete_details.reason,
                blocks=ctx.blocks(lift_output_item, wire.output or []),
            )
        ],
        carried=ctx.keep(wire, KEPT_RESPONSE) if HELD_RESPONSE(wire) else None,
    )


def lower_response(value: c.Response, ctx: Context) -> w.Response:
    if value.candidates and value.candidates[0] and value.candidates[0].stop_sequence is not None:
        ctx.lose(value, "candidates.0.stop_sequence", "Response.candidates.0.stop_sequence")
    if value.candidates and value.candidates[0] and value.candidates[0].logprobs is not None:
        ctx.lose(value, "candidates.0.logprobs", "Response.candidates.0.logprobs")
    incomplete_details_reason = CUT_LOWER.get(value.candidates and value.candidates[0].stop_reason)
    incomplete_details = (
        w.IncompleteDetails(reason=incomplete_details_reason) if incomplete_details_reason is not None else None
    )
    wire = w.Response(
        id=value.id or ctx.mint("resp_{id}"),
        object="response",
        created_at=value.created or ctx.now,
        model="" if value.model is None else value.model,
        incomplete_details=incomplete_details,
        status=ENDED_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        output=[
            one
            for role, run in ctx.runs(value.candidates and value.candidates[0])
            if (one := LOWER_OUTPUT_ITEM[role](run, ctx)) is not None
        ],
        usage=w.Usage(
            input_tokens=0,
            input_tokens_details={"cached_tokens": 0, "cache_write_tokens": 0},
            output_tokens=0,
            output_tokens_details={"reasoning_tokens": 0},
            total_tokens=0,
        )
        if value.usage is None
        else lower_usage(value.usage, ctx),
        service_tier=value.service_tier,
        metadata=value.metadata,
        moderation=value.moderation,
        background=ctx.echo("background", False),
        instructions=ctx.echo("instructions"),
        max_output_tokens=ctx.echo("max_output_tokens"),
        max_tool_calls=ctx.echo("max_tool_calls"),
        parallel_tool_calls=ctx.echo("parallel_tool_calls", True),
        previous_response_id=ctx.echo("previous_response_id"),
        prompt=ctx.echo("prompt"),
        prompt_cache_key=ctx.echo("prompt_cache_key"),
        prompt_cache_retention=ctx.echo("prompt_cache_retention"),
        reasoning=ctx.echo("reasoning"),
        safety_identifier=ctx.echo("safety_identifier"),
        store=ctx.echo("store"),
        temperature=ctx.echo("temperature"),
        text=ctx.echo("text", Raw(b'{"format":{"type":"text"}}')),
        tool_choice=ctx.echo("tool_choice", Raw(b'"auto"')),
        tools=ctx.echo("tools", Raw(b"[]")),
        top_logprobs=ctx.echo("top_logprobs"),
        top_p=ctx.echo("top_p"),
        truncation=ctx.echo("truncation", "disabled"),
        user=ctx.echo("user"),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_response_error(wire: w.ResponseError, ctx: Context) -> c.Error:
    if wire.param is not None:
        ctx.left(wire, "param", "ResponseError.param")
    if wire.misalignment is not None:
        ctx.left(wire, "misalignment", "ResponseError.misalignment")
    return c.Error(
        kind=FAILURE_LIFT.get(wire.code, "internal"),
        native_kind=wire.code,
        message="" if wire.message is None else wire.message,
    )


def lower_response_error(value: c.Error, ctx: Context) -> w.ResponseError:
    return w.ResponseError(
        code=FAILURE_LOWER.get(value.kind),
        message="" if value.message is None else value.message,
    )


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    input_tokens_details = wire.input_tokens_details
    output_tokens_details = wire.output_tokens_details
    cache_read = input_tokens_details and input_tokens_details.cached_tokens
    cache_write = input_tokens_details and input_tokens_details.cache_write_tokens
    reasoning = output_tokens_details and output_tokens_details.reasoning_tokens
    if (wire.input_tokens_details and wire.input_tokens_details.cache_write_tokens_details) is not None:
        ctx.left(
            wire,
            "input_tokens_details.cache_write_tokens_details",
            "Usage.input_tokens_details.cache_write_tokens_details",
        )
    if (wire.input_tokens_details and wire.input_tokens_details.input_tokens_per_turn) is not None:
        ctx.left(wire, "input_tokens_details.input_tokens_per_turn", "Usage.input_tokens_details.input_tokens_per_turn")
    if (wire.input_tokens_details and wire.input_tokens_details.cached_tokens_per_turn) is not None:
        ctx.left(
            wire, "input_tokens_details.cached_tokens_per_turn", "Usage.input_tokens_details.cached_tokens_per_turn"
        )
    if (wire.output_tokens_details and wire.output_tokens_details.tool_output_tokens) is not None:
        ctx.left(wire, "output_tokens_details.tool_output_tokens", "Usage.output_tokens_details.tool_output_tokens")
    if (wire.output_tokens_details and wire.output_tokens_details.output_tokens_per_turn) is not None:
        ctx.left(
            wire, "output_tokens_details.output_tokens_per_turn", "Usage.output_tokens_details.output_tokens_per_turn"
        )
    if (wire.output_tokens_details and wire.output_tokens_details.tool_output_tokens_per_turn) is not None:
        ctx.left(
            wire,
            "output_tokens_details.tool_output_tokens_per_turn",
            "Usage.output_tokens_details.tool_output_tokens_per_turn",
        )
    return c.Usage(
        input=ctx.less("input_tokens", wire.input_tokens, cache_read=cache_read, cache_write=cache_write),
        cache_read=cache_read,
        cache_write=cache_write,
        output=ctx.less("output_tokens", wire.output_tokens, reasoning=reasoning),
        reasoning=reasoning,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    input_tokens = (
        0
        if (total(value.input, value.cache_read, value.cache_write)) is None
        else total(value.input, value.cache_read, value.cache_write)
    )
    input_tokens_details_cached_tokens = 0 if value.cache_read is None else value.cache_read
    input_tokens_details_cache_write_tokens = 0 if value.cache_write is None else value.cache_write
    input_tokens_details = (
        w.InputTokensDetails(
            cached_tokens=input_tokens_details_cached_tokens, cache_write_tokens=input_tokens_details_cache_write_tokens
        )
        if input_tokens_details_cached_tokens is not None or input_tokens_details_cache_write_tokens is not None
        else None
    )
    output_tokens = 0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    output_tokens_details_reasoning_tokens = 0 if value.reasoning is None else value.reasoning
    output_tokens_details = (
        w.OutputTokensDetails(reasoning_tokens=output_tokens_details_reasoning_tokens)
        if output_tokens_details_reasoning_tokens is not None
        else None
    )
    return w.Usage(
        input_tokens=input_tokens,
        input_tokens_details=input_tokens_details,
        output_tokens=output_tokens,
        output_tokens_details=output_tokens_details,
        total_tokens=total(input_tokens, output_tokens),
    )


def lift_error_envelope(wire: w.ErrorEnvelope | str, ctx: Context) -> c.Error:
    if type(wire.error) is str:
        return c.Error(kind=ctx.kind_of_status(STATUS_LIFT), message=wire.error)
    return lift_error_detail(wire.error, ctx)


def lower_error_envelope(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return w.ErrorEnvelope(error=lower_error_detail(value, ctx))


def lift_error_detail(wire: w.ErrorDetail, ctx: Context) -> c.Error:
    if wire.misalignment is not None:
        ctx.left(wire, "misalignment", "ErrorDetail.misalignment")
    if wire.n_ctx is not None:
        ctx.left(wire, "n_ctx", "ErrorDetail.n_ctx")
    if wire.n_prompt_tokens is not None:
        ctx.left(wire, "n_prompt_tokens", "ErrorDetail.n_prompt_tokens")
    return c.Error(
        message="" if wire.message is None else wire.message,
        kind=ERROR_KIND_LIFT.get(wire.type) or ctx.kind_of_status(STATUS_LIFT),
        native_kind=wire.type,
        code=None if (wire.code or None) is None else text.lift(wire.code or None),
        param=wire.param or None,
    )


def lower_error_detail(value: c.Error, ctx: Context) -> w.ErrorDetail:
    if value.status is not None:
        ctx.lose(value, "status", "ErrorDetail.status")
    return w.ErrorDetail(
        message="" if value.message is None else value.message,
        type=ERROR_KIND_LOWER.get(value.kind),
        code=None if value.code is None else text.lower(value.code),
        param=value.param,
    )


def lift_input_tokens_count(wire: w.InputTokensCount, ctx: Context) -> c.TokenCount:
    return c.TokenCount(
        input=wire.input_tokens,
    )


def lower_input_tokens_count(value: c.TokenCount, ctx: Context) -> w.InputTokensCount:
    return w.InputTokensCount(
        object="response.input_tokens",
        input_tokens=value.input,
    )


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    if wire.models is not None:
        ctx.left(wire, "models", "ModelList.models")
    return c.ModelList(
        models=[lift_model(item, ctx) for item in wire.data],
    )


def lower_model_list(value: c.ModelList, ctx: Context) -> w.ModelList:
    if value.more:
        ctx.lose(value, "more", "ModelList.more")
    return w.ModelList(
        object="list",
        data=[one for item in value.models or () if (one := lower_model(item, ctx)) is not None],
    )


def lift_model(wire: w.Model, ctx: Context) -> c.Model:
    if wire.aliases is not None:
        ctx.left(wire, "aliases", "Model.aliases")
    if wire.architecture is not None:
        ctx.left(wire, "architecture", "Model.architecture")
    if wire.meta is not None:
        ctx.left(wire, "meta", "Model.meta")
    if wire.parent is not None:
        ctx.left(wire, "parent", "Model.parent")
    if wire.permission is not None:
        ctx.left(wire, "permission", "Model.permission")
    if wire.permissions is not None:
        ctx.left(wire, "permissions", "Model.permissions")
    if wire.root is not None:
        ctx.left(wire, "root", "Model.root")
    if wire.tags is not None:
        ctx.left(wire, "tags", "Model.tags")
    return c.Model(
        id=wire.id,
        created=wire.created,
        owner=wire.owned_by,
        retired=wire.shutdown_date,
        max_input=wire.max_model_len,
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.title is not None:
        ctx.lose(value, "title", "Model.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "Model.max_output")
    return w.Model(
        id=value.id,
        object="model",
        created=0 if value.created is None else value.created,
        owned_by="isogloss" if value.owner is None else value.owner,
        shutdown_date=value.retired,
        max_model_len=value.max_input,
    )


LIFT_OUTPUT_ITEM = {
    w.OutputMessage: lift_output_message,
    w.FunctionCall: lift_function_call_turn,
    w.CustomToolCall: lift_custom_tool_call_turn,
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
    w.Program: lift_whole_unknown_turn,
    w.ProgramOutput: lift_whole_unknown_turn,
}
LOWER_OUTPUT_ITEM = {
    "assistant": lower_output_message,
    "hosted_call": lower_whole_output_item_run,
    "hosted_result": lower_whole_output_item_run,
    "unknown": lower_whole_output_item_run,
    "tool_call": lower_function_call_run,
    "custom_call": lower_custom_tool_call_run,
    "thinking": lower_reasoning_item_run,
    "sealed_thinking": lower_sealed_thinking_run,
    "tool_result": lower_output_item_unsaid_run,
}
UNSAID_OUTPUT_MESSAGE = {
    c.Thinking,
    c.SealedThinking,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.SearchResult,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
}
LIFT_OUTPUT_PART = Ways(
    {
        w.OutputText: lift_output_text,
        w.RefusalPart: lift_refusal_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "OutputPart"),
)
LOWER_OUTPUT_PART = Ways(
    {
        c.Text: lower_output_text,
        c.Refusal: lower_refusal_part,
    },
    lambda value, ctx: ctx.unlowered(value, "OutputPart"),
)
KEPT_RESPONSE = [
    "access_programs",
    "conversation",
    "image",
    "prompt_cache_diagnostics",
    "prompt_cache_options",
    "tool_usage",
    "billing",
    "frequency_penalty",
    "presence_penalty",
    "input_messages",
    "output_messages",
]
HELD_RESPONSE = any_of(
    "access_programs",
    "conversation",
    "image",
    "prompt_cache_diagnostics",
    "prompt_cache_options",
    "tool_usage",
    "billing",
    "frequency_penalty",
    "presence_penalty",
    "input_messages",
    "output_messages",
)


def lift_error(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    return lift_error_envelope(wire, ctx)


def lower_error(value: c.Error, ctx: Context) -> w.ErrorEnvelope:
    return lower_error_envelope(value, ctx)


def lift_count(wire: w.InputTokensCount, ctx: Context) -> c.TokenCount:
    return lift_input_tokens_count(wire, ctx)


def lower_count(value: c.TokenCount, ctx: Context) -> w.InputTokensCount:
    return lower_input_tokens_count(value, ctx)


def lift_models(wire: w.ModelList, ctx: Context) -> c.ModelList:
    return lift_model_list(wire, ctx)


def lower_models(value: c.ModelList, ctx: Context) -> w.ModelList:
    return lower_model_list(value, ctx)
