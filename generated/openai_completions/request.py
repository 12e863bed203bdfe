# Generated from specs/dialects/openai_completions/mapping.yaml. Edit the spec, then `make generate`.
# CompletionRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.openai_completions import wire as w
from runtime.core.context import Context
from runtime.core.primitives import text

DIALECT = "openai-completions"
decode_request = Decoder(w.CompletionRequest).decode


def lift_completion_request(wire: w.CompletionRequest, ctx: Context) -> c.Request:
    stream_options = wire.stream_options
    if (wire.stream_options and wire.stream_options.include_obfuscation) is not None:
        ctx.left(wire, "stream_options.include_obfuscation", "CompletionRequest.stream_options.include_obfuscation")
    if wire.logit_bias is not None:
        ctx.left(wire, "logit_bias", "CompletionRequest.logit_bias")
    return c.Request(
        model=wire.model,
        blocks=lift_prompt(wire, 0, ctx),
        suffix=wire.suffix,
        max_tokens=wire.max_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_k=wire.top_k,
        min_p=wire.min_p,
        stop=[wire.stop] if type(wire.stop) is str else wire.stop,
        seed=wire.seed,
        presence_penalty=wire.presence_penalty,
        frequency_penalty=wire.frequency_penalty,
        top_logprobs=wire.logprobs,
        logprobs=None if wire.logprobs is None else True,
        n=wire.n,
        stream=wire.stream,
        stream_usage=stream_options and stream_options.include_usage,
        end_user=wire.user,
        carried=ctx.keep(wire, ["echo", "best_of"]) if wire.echo is not None or wire.best_of is not None else None,
    )


def lower_completion_request(value: c.Request, ctx: Context) -> w.CompletionRequest:
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "CompletionRequest.min_tokens")
    if value.reasoning and value.reasoning.mode is not None:
        ctx.lose(value, "reasoning.mode", "CompletionRequest.reasoning.mode")
    if value.reasoning and value.reasoning.effort is not None:
        ctx.lose(value, "reasoning.effort", "CompletionRequest.reasoning.effort")
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "CompletionRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "CompletionRequest.reasoning.visibility")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "CompletionRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "CompletionRequest.prediction")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "CompletionRequest.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "CompletionRequest.metadata")
    if value.store:
        ctx.lose(value, "store", "CompletionRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "CompletionRequest.moderation")
    if value.cache is not None:
        ctx.lose(value, "cache", "CompletionRequest.cache")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "CompletionRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "CompletionRequest.cache_retention")
    if value.tools:
        ctx.refuse(value, "tools", "CompletionRequest.tools")
    if value.tool_choice is not None:
        ctx.refuse(value, "tool_choice", "CompletionRequest.tool_choice")
    if value.output_format is not None:
        ctx.refuse(value, "output_format", "CompletionRequest.output_format")
    if value.modalities:
        ctx.refuse(value, "modalities", "CompletionRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "CompletionRequest.audio_output")
    stream_options_include_usage = value.stream_usage
    stream_options = (
        w.StreamOptions(include_usage=stream_options_include_usage)
        if stream_options_include_usage is not None
        else None
    )
    wire = w.CompletionRequest(
        model=value.model,
        **lower_prompt(ctx.turns.only, ctx),
        suffix=value.suffix,
        max_tokens=value.max_tokens,
        temperature=value.temperature,
        top_p=value.top_p,
        top_k=None
        if value.top_k is None
        else ctx.needs("top_k", value, "top_k", value.top_k, "CompletionRequest.top_k"),
        min_p=None
        if value.min_p is None
        else ctx.needs("min_p", value, "min_p", value.min_p, "CompletionRequest.min_p"),
        stop=value.stop[0] if value.stop and len(value.stop) == 1 else value.stop or None,
        seed=value.seed,
        presence_penalty=value.presence_penalty,
        frequency_penalty=value.frequency_penalty,
        logprobs=value.top_logprobs if value.top_logprobs is not None else 0 if value.logprobs else None,
        n=value.n,
        stream=value.stream,
        stream_options=stream_options,
        user=value.end_user,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_prompt(wire: w.CompletionRequest, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.prompt:
        blocks.append(c.Text(text=ctx.read(text, wire.prompt, wire, "prompt"), role="user", turn=turn, part=0))
    return blocks


def lower_prompt(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_PROMPT):
        ctx.unsaid(run, UNSAID_PROMPT, "Prompt")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "Prompt.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "Prompt.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "Prompt.text.cache")
    prompt_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    return dict(
        prompt=text.lower("\n".join([block.text for block in prompt_blocks])),
    )


UNSAID_PROMPT = {
    c.Thinking,
    c.SealedThinking,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Image,
    c.Audio,
    c.Video,
    c.Document,
    c.SearchResult,
    c.Refusal,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
}


def lift_request(wire: w.CompletionRequest, ctx: Context) -> c.Request:
    return lift_completion_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.CompletionRequest:
    return lower_completion_request(value, ctx)
