# Generated from specs/dialects/llamacpp_infill/mapping.yaml. Edit the spec, then `make generate`.
# InfillRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.llamacpp_infill import wire as w
from runtime.core.context import Context
from runtime.core.primitives import any_of

DIALECT = "llamacpp-infill"
decode_request = Decoder(w.InfillRequest).decode


def lift_infill_request(wire: w.InfillRequest, ctx: Context) -> c.Request:
    if wire.n_probs is not None:
        ctx.left(wire, "n_probs", "InfillRequest.n_probs")
    if wire.n_indent is not None:
        ctx.left(wire, "n_indent", "InfillRequest.n_indent")
    if wire.n_keep is not None:
        ctx.left(wire, "n_keep", "InfillRequest.n_keep")
    if wire.n_cache_reuse is not None:
        ctx.left(wire, "n_cache_reuse", "InfillRequest.n_cache_reuse")
    if wire.min_keep is not None:
        ctx.left(wire, "min_keep", "InfillRequest.min_keep")
    if wire.id_slot is not None:
        ctx.left(wire, "id_slot", "InfillRequest.id_slot")
    if wire.t_max_prompt_ms is not None:
        ctx.left(wire, "t_max_prompt_ms", "InfillRequest.t_max_prompt_ms")
    if wire.t_max_predict_ms is not None:
        ctx.left(wire, "t_max_predict_ms", "InfillRequest.t_max_predict_ms")
    if wire.cache_prompt is not None:
        ctx.left(wire, "cache_prompt", "InfillRequest.cache_prompt")
    if wire.ignore_eos is not None:
        ctx.left(wire, "ignore_eos", "InfillRequest.ignore_eos")
    if wire.return_tokens is not None:
        ctx.left(wire, "return_tokens", "InfillRequest.return_tokens")
    if wire.post_sampling_probs is not None:
        ctx.left(wire, "post_sampling_probs", "InfillRequest.post_sampling_probs")
    if wire.timings_per_token is not None:
        ctx.left(wire, "timings_per_token", "InfillRequest.timings_per_token")
    if wire.return_progress is not None:
        ctx.left(wire, "return_progress", "InfillRequest.return_progress")
    if wire.response_fields is not None:
        ctx.left(wire, "response_fields", "InfillRequest.response_fields")
    if wire.samplers is not None:
        ctx.left(wire, "samplers", "InfillRequest.samplers")
    if wire.lora is not None:
        ctx.left(wire, "lora", "InfillRequest.lora")
    if wire.logit_bias is not None:
        ctx.left(wire, "logit_bias", "InfillRequest.logit_bias")
    if wire.dynatemp_range is not None:
        ctx.left(wire, "dynatemp_range", "InfillRequest.dynatemp_range")
    if wire.dynatemp_exponent is not None:
        ctx.left(wire, "dynatemp_exponent", "InfillRequest.dynatemp_exponent")
    if wire.typical_p is not None:
        ctx.left(wire, "typical_p", "InfillRequest.typical_p")
    if wire.repeat_penalty is not None:
        ctx.left(wire, "repeat_penalty", "InfillRequest.repeat_penalty")
    if wire.repeat_last_n is not None:
        ctx.left(wire, "repeat_last_n", "InfillRequest.repeat_last_n")
    if wire.dry_multiplier is not None:
        ctx.left(wire, "dry_multiplier", "InfillRequest.dry_multiplier")
    if wire.dry_base is not None:
        ctx.left(wire, "dry_base", "InfillRequest.dry_base")
    if wire.dry_allowed_length is not None:
        ctx.left(wire, "dry_allowed_length", "InfillRequest.dry_allowed_length")
    if wire.dry_penalty_last_n is not None:
        ctx.left(wire, "dry_penalty_last_n", "InfillRequest.dry_penalty_last_n")
    if wire.dry_sequence_breakers is not None:
        ctx.left(wire, "dry_sequence_breakers", "InfillRequest.dry_sequence_breakers")
    if wire.xtc_probability is not None:
        ctx.left(wire, "xtc_probability", "InfillRequest.xtc_probability")
    if wire.xtc_threshold is not None:
        ctx.left(wire, "xtc_threshold", "InfillRequest.xtc_threshold")
    if wire.mirostat is not None:
        ctx.left(wire, "mirostat", "InfillRequest.mirostat")
    if wire.mirostat_tau is not None:
        ctx.left(wire, "mirostat_tau", "InfillRequest.mirostat_tau")
    if wire.mirostat_eta is not None:
        ctx.left(wire, "mirostat_eta", "InfillRequest.mirostat_eta")
    return c.Request(
        blocks=lift_prefix(wire, 0, ctx),
        suffix=wire.input_suffix or None,
        model="" if wire.model is None else wire.model,
        stream=wire.stream,
        max_tokens=wire.n_predict,
        temperature=wire.temperature,
        top_k=wire.top_k,
        top_p=wire.top_p,
        min_p=wire.min_p,
        stop=wire.stop,
        seed=wire.seed,
        presence_penalty=wire.presence_penalty,
        frequency_penalty=wire.frequency_penalty,
        carried=ctx.keep(wire, KEPT_INFILL_REQUEST) if HELD_INFILL_REQUEST(wire) else None,
    )


def lower_infill_request(value: c.Request, ctx: Context) -> w.InfillRequest:
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "InfillRequest.min_tokens")
    if value.logprobs:
        ctx.lose(value, "logprobs", "InfillRequest.logprobs")
    if value.top_logprobs is not None:
        ctx.lose(value, "top_logprobs", "InfillRequest.top_logprobs")
    if value.reasoning and value.reasoning.mode is not None:
        ctx.lose(value, "reasoning.mode", "InfillRequest.reasoning.mode")
    if value.reasoning and value.reasoning.effort is not None:
        ctx.lose(value, "reasoning.effort", "InfillRequest.reasoning.effort")
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "InfillRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "InfillRequest.reasoning.visibility")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "InfillRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "InfillRequest.prediction")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "InfillRequest.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "InfillRequest.metadata")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "InfillRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "InfillRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "InfillRequest.moderation")
    if value.cache is not None:
        ctx.lose(value, "cache", "InfillRequest.cache")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "InfillRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "InfillRequest.cache_retention")
    if value.n is not None:
        ctx.refuse(value, "n", "InfillRequest.n")
    if value.tools:
        ctx.refuse(value, "tools", "InfillRequest.tools")
    if value.tool_choice is not None:
        ctx.refuse(value, "tool_choice", "InfillRequest.tool_choice")
    if value.output_format is not None:
        ctx.refuse(value, "output_format", "InfillRequest.output_format")
    if value.modalities:
        ctx.refuse(value, "modalities", "InfillRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "InfillRequest.audio_output")
    wire = w.InfillRequest(
        **lower_prefix(ctx.turns.only, ctx),
        input_suffix="" if value.suffix is None else value.suffix,
        model="" if value.model is None else value.model,
        stream=value.stream,
        n_predict=value.max_tokens,
        temperature=value.temperature,
        top_k=value.top_k,
        top_p=value.top_p,
        min_p=value.min_p,
        stop=value.stop or None,
        seed=value.seed,
        presence_penalty=value.presence_penalty,
        frequency_penalty=value.frequency_penalty,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_prefix(wire: w.InfillRequest, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.input_prefix:
        blocks.append(c.Text(text=wire.input_prefix, role="user", turn=turn, part=0))
    return blocks


def lower_prefix(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_PREFIX):
        ctx.unsaid(run, UNSAID_PREFIX, "Prefix")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "Prefix.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "Prefix.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "Prefix.text.cache")
    input_prefix_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    return dict(
        input_prefix="\n".join([block.text for block in input_prefix_blocks]),
    )


KEPT_INFILL_REQUEST = ["input_extra", "prompt", "grammar", "json_schema", "n_cmpl"]
HELD_INFILL_REQUEST = any_of("input_extra", "prompt", "grammar", "json_schema", "n_cmpl")
UNSAID_PREFIX = {
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


def lift_request(wire: w.InfillRequest, ctx: Context) -> c.Request:
    return lift_infill_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.InfillRequest:
    return lower_infill_request(value, ctx)
