# Generated from specs/dialects/mistral_fim/mapping.yaml. Edit the spec, then `make generate`.
# FimRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.mistral_fim import wire as w
from runtime.core.context import Context
from runtime.core.primitives import given

DIALECT = "mistral-fim"
decode_request = Decoder(w.FimRequest).decode


def lift_fim_request(wire: w.FimRequest, ctx: Context) -> c.Request:
    return c.Request(
        model=wire.model,
        blocks=lift_prompt(wire, 0, ctx),
        suffix=wire.suffix,
        stream=wire.stream,
        max_tokens=wire.max_tokens,
        min_tokens=wire.min_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        stop=[wire.stop] if type(wire.stop) is str else wire.stop,
        seed=wire.random_seed,
        metadata=given(wire.metadata),
        cache_key=wire.prompt_cache_key,
    )


def lower_fim_request(value: c.Request, ctx: Context) -> w.FimRequest:
    if value.top_k is not None:
        ctx.lose(value, "top_k", "FimRequest.top_k")
    if value.min_p is not None:
        ctx.lose(value, "min_p", "FimRequest.min_p")
    if value.presence_penalty is not None:
        ctx.lose(value, "presence_penalty", "FimRequest.presence_penalty")
    if value.frequency_penalty is not None:
        ctx.lose(value, "frequency_penalty", "FimRequest.frequency_penalty")
    if value.logprobs:
        ctx.lose(value, "logprobs", "FimRequest.logprobs")
    if value.top_logprobs is not None:
        ctx.lose(value, "top_logprobs", "FimRequest.top_logprobs")
    if value.reasoning and value.reasoning.mode is not None:
        ctx.lose(value, "reasoning.mode", "FimRequest.reasoning.mode")
    if value.reasoning and value.reasoning.effort is not None:
        ctx.lose(value, "reasoning.effort", "FimRequest.reasoning.effort")
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "FimRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "FimRequest.reasoning.visibility")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "FimRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "FimRequest.prediction")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "FimRequest.service_tier")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "FimRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "FimRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "FimRequest.moderation")
    if value.cache is not None:
        ctx.lose(value, "cache", "FimRequest.cache")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "FimRequest.cache_retention")
    if value.n is not None:
        ctx.refuse(value, "n", "FimRequest.n")
    if value.tools:
        ctx.refuse(value, "tools", "FimRequest.tools")
    if value.tool_choice is not None:
        ctx.refuse(value, "tool_choice", "FimRequest.tool_choice")
    if value.output_format is not None:
        ctx.refuse(value, "output_format", "FimRequest.output_format")
    if value.modalities:
        ctx.refuse(value, "modalities", "FimRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "FimRequest.audio_output")
    return w.FimRequest(
        model=value.model,
        **lower_prompt(ctx.turns.only, ctx),
        suffix=value.suffix,
        stream=value.stream,
        max_tokens=value.max_tokens,
        min_tokens=value.min_tokens,
        temperature=value.temperature,
        top_p=value.top_p,
        stop=value.stop[0] if value.stop and len(value.stop) == 1 else value.stop or None,
        random_seed=value.seed,
        metadata=value.metadata,
        prompt_cache_key=value.cache_key,
    )


def lift_prompt(wire: w.FimRequest, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.prompt:
        blocks.append(c.Text(text=wire.prompt, role="user", turn=turn, part=0))
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
        prompt="\n".join([block.text for block in prompt_blocks]),
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


def lift_request(wire: w.FimRequest, ctx: Context) -> c.Request:
    return lift_fim_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.FimRequest:
    return lower_fim_request(value, ctx)
