# Generated from specs/dialects/cohere_chat/mapping.yaml. Edit the spec, then `make generate`.
# ChatResponse <-> Response: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.cohere_chat import wire as w
from generated.cohere_chat.request import lift_thinking_part, lift_tool_call, lower_thinking_part, lower_tool_call
from runtime.core.context import Context
from runtime.core.primitives import Ways, as_text, attach, cited_sources, first, given, known, placed, rounded, total

DIALECT = "cohere-chat"
FINISH_REASON_LIFT = {
    None: None,
    "COMPLETE": "end_turn",
    "STOP_SEQUENCE": "stop_sequence",
    "MAX_TOKENS": "max_tokens",
    "TOOL_CALL": "tool_use",
    "ERROR": "other",
    "TIMEOUT": "other",
}
FINISH_REASON_LOWER = {
    "end_turn": "COMPLETE",
    "stop_sequence": "STOP_SEQUENCE",
    "max_tokens": "MAX_TOKENS",
    "tool_use": "TOOL_CALL",
    "other": "ERROR",
    "context_window": "MAX_TOKENS",
    "malformed_tool_call": "ERROR",
    "pause": "COMPLETE",
    "refusal": "COMPLETE",
    "content_filter": "ERROR",
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
decode_model = Decoder(w.Model).decode


def lift_chat_response(wire: w.ChatResponse, ctx: Context) -> c.Response:
    return c.Response(
        id=wire.id,
        usage=None if wire.usage is None else lift_usage(wire.usage, ctx),
        candidates=[
            c.Candidate(
                index=0,
                blocks=lift_response_message(wire.message, 0, ctx),
                stop_reason=FINISH_REASON_LIFT.get(wire.finish_reason, "other"),
                native_reason=wire.finish_reason,
            )
        ],
        carried=ctx.keep(wire, ["logprobs"]) if wire.logprobs is not None else None,
    )


def lower_chat_response(value: c.Response, ctx: Context) -> w.ChatResponse:
    if value.created is not None:
        ctx.lose(value, "created", "ChatResponse.created")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "ChatResponse.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "ChatResponse.metadata")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "ChatResponse.moderation")
    if value.candidates and value.candidates[0] and value.candidates[0].stop_sequence is not None:
        ctx.lose(value, "candidates.0.stop_sequence", "ChatResponse.candidates.0.stop_sequence")
    if value.candidates and value.candidates[0] and value.candidates[0].logprobs is not None:
        ctx.lose(value, "candidates.0.logprobs", "ChatResponse.candidates.0.logprobs")
    wire = w.ChatResponse(
        id=value.id or ctx.mint("{id}"),
        message=lower_response_message(value.candidates and value.candidates[0].blocks or [], ctx),
        finish_reason=FINISH_REASON_LOWER.get(value.candidates and value.candidates[0].stop_reason),
        usage=w.Usage(
            billed_units={"input_tokens": 0, "output_tokens": 0}, tokens={"input_tokens": 0, "output_tokens": 0}
        )
        if value.usage is None
        else lower_usage(value.usage, ctx),
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_response_message(wire: w.ResponseMessage, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.content:
        blocks += known(placed(ctx.each(lift_answer_part, wire.content), "assistant", turn))
    if wire.tool_plan:
        blocks.append(c.Text(text=wire.tool_plan, role="assistant", turn=turn, part=0))
    if wire.citations:
        attach(
            blocks,
            c.Text,
            "citations",
            [one for item in wire.citations if (one := lift_citation(item, ctx)) is not None],
        )
    if wire.tool_calls:
        blocks += known(placed(ctx.each(lift_tool_call, wire.tool_calls), "assistant", turn))
    return blocks


def lower_response_message(run: list[c.Block], ctx: Context) -> w.ResponseMessage:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_RESPONSE_MESSAGE):
        ctx.unsaid(run, UNSAID_RESPONSE_MESSAGE, "ResponseMessage")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "ResponseMessage.cache")
    content_blocks = (
        [block for block in run if type(block) in (c.Text, c.Thinking, c.Refusal)]
        if c.Text in kinds or c.Thinking in kinds or c.Refusal in kinds
        else []
    )
    tool_plan_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    citations_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    tool_calls_blocks = [block for block in run if type(block) is c.ToolCall] if c.ToolCall in kinds else []
    if tool_calls_blocks:
        content_blocks = [block for block in content_blocks if type(block) is not c.Text]
    tool_plan_blocks = [block for block in tool_plan_blocks if block.text] if tool_calls_blocks else []
    return w.ResponseMessage(
        role="assistant",
        content=[part for block in content_blocks if (part := LOWER_ANSWER_PART[type(block)](block, ctx)) is not None]
        or None
        if content_blocks
        else None,
        tool_plan="\n".join([block.text for block in tool_plan_blocks]) or None if tool_plan_blocks else None,
        citations=[
            part
            for block in citations_blocks
            for item in block.citations or ()
            if (part := lower_citation(item, ctx)) is not None
        ]
        or None,
        tool_calls=[part for block in tool_calls_blocks if (part := lower_tool_call(block, ctx)) is not None] or None
        if tool_calls_blocks
        else None,
    )


def lift_answer_part(wire: w.AnswerPart, ctx: Context) -> c.Block:
    return LIFT_ANSWER_PART[type(wire)](wire, ctx)


def lower_answer_part(value: c.Block, ctx: Context) -> w.AnswerPart | None:
    return LOWER_ANSWER_PART[type(value)](value, ctx)


def lift_answer_text(wire: w.AnswerText, ctx: Context) -> c.Text:
    return c.Text(
        text=wire.text,
    )


def lower_answer_text(value: c.Text, ctx: Context) -> w.AnswerText:
    if value.logprobs is not None:
        ctx.lose(value, "logprobs", "AnswerText.logprobs")
    if value.cache is not None:
        ctx.lose(value, "cache", "AnswerText.cache")
    return w.AnswerText(
        text=value.text,
    )


def lift_citation(wire: w.Citation, ctx: Context) -> c.Citation:
    lift = LIFT_CITATION.get(wire.type)
    return lift(wire, ctx) if lift else ctx.unlifted(wire, "Citation")


def lower_citation(value: c.Citation, ctx: Context) -> w.Citation | None:
    return LOWER_CITATION[value.kind](value, ctx)


def lift_citation_search(wire: w.Citation, ctx: Context) -> c.Citation:
    sources_said = cited_sources.lift(given(wire.sources))
    if (wire.type if wire.type != "TEXT_CONTENT" else None) is not None:
        ctx.left(wire, "type", "Citation.type")
    return c.Citation(
        kind="search",
        said_start=wire.start,
        said_end=wire.end,
        said=wire.text,
        said_part=wire.content_index,
        title=sources_said.title,
        url=sources_said.url,
        index=sources_said.index,
        cited_text=sources_said.cited_text,
    )


def lower_citation_search(value: c.Citation, ctx: Context) -> w.Citation:
    if value.start is not None:
        ctx.lose(value, "start", "Citation.start")
    if value.end is not None:
        ctx.lose(value, "end", "Citation.end")
    if value.file_id is not None:
        ctx.lose(value, "file_id", "Citation.file_id")
    if value.encrypted_index is not None:
        ctx.lose(value, "encrypted_index", "Citation.encrypted_index")
    return w.Citation(
        start=value.said_start,
        end=value.said_end,
        text=value.said,
        content_index=value.said_part,
        type="TEXT_CONTENT" if (value.said_part) is not None else None,
        sources=cited_sources.lower(value),
    )


def lift_usage(wire: w.Usage, ctx: Context) -> c.Usage:
    tokens = wire.tokens
    billed_units = wire.billed_units
    cache_read = rounded(wire.cached_tokens)
    if (wire.billed_units and wire.billed_units.search_units) is not None:
        ctx.left(wire, "billed_units.search_units", "Usage.billed_units.search_units")
    if (wire.billed_units and wire.billed_units.classifications) is not None:
        ctx.left(wire, "billed_units.classifications", "Usage.billed_units.classifications")
    return c.Usage(
        input=first(
            rounded(ctx.less("tokens.input_tokens", tokens and tokens.input_tokens, cache_read=cache_read)),
            rounded(
                ctx.less("billed_units.input_tokens", billed_units and billed_units.input_tokens, cache_read=cache_read)
            ),
        ),
        output=first(
            rounded(tokens and tokens.output_tokens),
            rounded(billed_units and billed_units.output_tokens),
        ),
        cache_read=cache_read,
    )


def lower_usage(value: c.Usage, ctx: Context) -> w.Usage:
    if value.cache_write is not None:
        ctx.rewritten(value, "cache_write", "Usage.cache_write")
    if value.cache_write_long is not None:
        ctx.lose(value, "cache_write_long", "Usage.cache_write_long")
    if value.reasoning is not None:
        ctx.rewritten(value, "reasoning", "Usage.reasoning")
    if value.input_audio is not None:
        ctx.lose(value, "input_audio", "Usage.input_audio")
    if value.output_audio is not None:
        ctx.lose(value, "output_audio", "Usage.output_audio")
    tokens_input_tokens = (
        0
        if (total(value.input, value.cache_read, value.cache_write)) is None
        else total(value.input, value.cache_read, value.cache_write)
    )
    tokens_output_tokens = 0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    tokens = (
        w.TokenCounts(input_tokens=tokens_input_tokens, output_tokens=tokens_output_tokens)
        if tokens_input_tokens is not None or tokens_output_tokens is not None
        else None
    )
    billed_units_input_tokens = (
        0
        if (total(value.input, value.cache_read, value.cache_write)) is None
        else total(value.input, value.cache_read, value.cache_write)
    )
    billed_units_output_tokens = (
        0 if (total(value.output, value.reasoning)) is None else total(value.output, value.reasoning)
    )
    billed_units = (
        w.BilledUnits(input_tokens=billed_units_input_tokens, output_tokens=billed_units_output_tokens)
        if billed_units_input_tokens is not None or billed_units_output_tokens is not None
        else None
    )
    return w.Usage(
        tokens=tokens,
        billed_units=billed_units,
        cached_tokens=value.cache_read,
    )


def lift_error_envelope(wire: w.ErrorEnvelope, ctx: Context) -> c.Error:
    if wire.id is not None:
        ctx.left(wire, "id", "ErrorEnvelope.id")
    return c.Error(
        kind=ctx.kind_of_status(STATUS_LIFT),
        message="" if wire.message is None else wire.message,
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
        message="" if value.message is None else value.message,
    )


def lift_model_list(wire: w.ModelList, ctx: Context) -> c.ModelList:
    if wire.next_page_token is not None:
        ctx.left(wire, "next_page_token", "ModelList.next_page_token")
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
    if wire.default_endpoints is not None:
        ctx.left(wire, "default_endpoints", "Model.default_endpoints")
    if wire.is_deprecated is not None:
        ctx.left(wire, "is_deprecated", "Model.is_deprecated")
    if wire.finetuned is not None:
        ctx.left(wire, "finetuned", "Model.finetuned")
    if wire.tokenizer_url is not None:
        ctx.left(wire, "tokenizer_url", "Model.tokenizer_url")
    if wire.features is not None:
        ctx.left(wire, "features", "Model.features")
    if wire.sampling_defaults is not None:
        ctx.left(wire, "sampling_defaults", "Model.sampling_defaults")
    return c.Model(
        id=ctx.needed(wire.name, wire, "name"),
        max_input=rounded(wire.context_length),
    )


def lower_model(value: c.Model, ctx: Context) -> w.Model:
    if value.created is not None:
        ctx.lose(value, "created", "Model.created")
    if value.owner is not None:
        ctx.lose(value, "owner", "Model.owner")
    if value.title is not None:
        ctx.lose(value, "title", "Model.title")
    if value.max_output is not None:
        ctx.lose(value, "max_output", "Model.max_output")
    if value.retired is not None:
        ctx.lose(value, "retired", "Model.retired")
    return w.Model(
        name=value.id,
        context_length=value.max_input,
        endpoints=["chat"],
    )


UNSAID_RESPONSE_MESSAGE = {
    c.SealedThinking,
    c.SearchResult,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.CustomCall,
    c.ToolResult,
}
LIFT_ANSWER_PART = Ways(
    {
        w.AnswerText: lift_answer_text,
        w.ThinkingPart: lift_thinking_part,
    },
    lambda wire, ctx: ctx.unlifted(wire, "AnswerPart"),
)
LOWER_ANSWER_PART = Ways(
    {
        c.Text: lower_answer_text,
        c.Thinking: lower_thinking_part,
        c.Refusal: as_text(lower_answer_text, "AnswerPart"),
    },
    lambda value, ctx: ctx.unlowered(value, "AnswerPart"),
)
LIFT_CITATION = {
    "TEXT_CONTENT": lift_citation_search,
    None: lift_citation_search,
    "THINKING_CONTENT": lift_citation_search,
    "PLAN": lift_citation_search,
}
LOWER_CITATION = Ways(
    {
        "search": lower_citation_search,
        "url": lower_citation_search,
        "web": lower_citation_search,
        "char": lower_citation_search,
        "page": lower_citation_search,
        "block": lower_citation_search,
    },
    lambda value, ctx: ctx.unlowered(value, "Citation"),
)


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
