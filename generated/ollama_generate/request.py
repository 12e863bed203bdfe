# Generated from specs/dialects/ollama_generate/mapping.yaml. Edit the spec, then `make generate`.
# GenerateRequest <-> Request: `lift_*` reads the wire into the canonical model, `lower_*` writes it back.
from __future__ import annotations

from msgspec.json import Decoder

from generated import canonical as c
from generated.ollama_generate import wire as w
from runtime.core.context import Context
from runtime.core.primitives import any_of, format, image_bytes, placed, spoken, think

DIALECT = "ollama-generate"
decode_request = Decoder(w.GenerateRequest).decode


def lift_generate_request(wire: w.GenerateRequest, ctx: Context) -> c.Request:
    options = wire.options
    if wire.keep_alive is not None:
        ctx.left(wire, "keep_alive", "GenerateRequest.keep_alive")
    if wire.truncate is not None:
        ctx.left(wire, "truncate", "GenerateRequest.truncate")
    if wire.shift is not None:
        ctx.left(wire, "shift", "GenerateRequest.shift")
    ctx.left_in(
        wire,
        wire.options,
        "options",
        [
            "num_ctx",
            "repeat_penalty",
            "repeat_last_n",
            "typical_p",
            "tfs_z",
            "mirostat",
            "mirostat_tau",
            "mirostat_eta",
            "penalize_newline",
            "num_keep",
            "num_batch",
            "num_gpu",
            "num_thread",
            "draft_num_predict",
            "main_gpu",
            "numa",
            "low_vram",
            "f16_kv",
            "logits_all",
            "vocab_only",
            "use_mmap",
            "use_mlock",
            "embedding_only",
        ],
    )
    return c.Request(
        model=wire.model,
        blocks=[*spoken([c.Text(text=wire.system)] if wire.system else None, "system"), *lift_prompt(wire, 0, ctx)],
        suffix=wire.suffix,
        output_format=None if wire.format is None else format.lift(wire.format),
        reasoning=None if wire.think is None else think.lift(wire.think),
        stream=True if wire.stream is None else wire.stream,
        logprobs=wire.logprobs,
        top_logprobs=wire.top_logprobs,
        max_tokens=options and options.num_predict,
        temperature=options and options.temperature,
        top_p=options and options.top_p,
        top_k=options and options.top_k,
        min_p=options and options.min_p,
        seed=options and options.seed,
        stop=options and options.stop,
        presence_penalty=options and options.presence_penalty,
        frequency_penalty=options and options.frequency_penalty,
        carried=ctx.keep(wire, KEPT_GENERATE_REQUEST) if HELD_GENERATE_REQUEST(wire) else None,
    )


def lower_generate_request(value: c.Request, ctx: Context) -> w.GenerateRequest:
    if value.reasoning and value.reasoning.budget is not None:
        ctx.lose(value, "reasoning.budget", "GenerateRequest.reasoning.budget")
    if value.reasoning and value.reasoning.visibility is not None:
        ctx.lose(value, "reasoning.visibility", "GenerateRequest.reasoning.visibility")
    if value.output_format and value.output_format.name is not None:
        ctx.lose(value, "output_format.name", "GenerateRequest.output_format.name")
    if value.output_format and value.output_format.description is not None:
        ctx.lose(value, "output_format.description", "GenerateRequest.output_format.description")
    if value.output_format and value.output_format.strict:
        ctx.lose(value, "output_format.strict", "GenerateRequest.output_format.strict")
    if value.min_tokens is not None:
        ctx.lose(value, "min_tokens", "GenerateRequest.min_tokens")
    if value.verbosity is not None:
        ctx.lose(value, "verbosity", "GenerateRequest.verbosity")
    if value.prediction:
        ctx.lose(value, "prediction", "GenerateRequest.prediction")
    if value.service_tier is not None:
        ctx.lose(value, "service_tier", "GenerateRequest.service_tier")
    if value.metadata is not None:
        ctx.lose(value, "metadata", "GenerateRequest.metadata")
    if value.end_user is not None:
        ctx.lose(value, "end_user", "GenerateRequest.end_user")
    if value.store:
        ctx.lose(value, "store", "GenerateRequest.store")
    if value.moderation is not None:
        ctx.lose(value, "moderation", "GenerateRequest.moderation")
    if value.cache_key is not None:
        ctx.lose(value, "cache_key", "GenerateRequest.cache_key")
    if value.cache_retention is not None:
        ctx.lose(value, "cache_retention", "GenerateRequest.cache_retention")
    if value.n is not None:
        ctx.refuse(value, "n", "GenerateRequest.n")
    if value.tools:
        ctx.refuse(value, "tools", "GenerateRequest.tools")
    if value.tool_choice is not None:
        ctx.refuse(value, "tool_choice", "GenerateRequest.tool_choice")
    if value.modalities:
        ctx.refuse(value, "modalities", "GenerateRequest.modalities")
    if value.audio_output is not None:
        ctx.refuse(value, "audio_output", "GenerateRequest.audio_output")
    if value.cache is not None:
        ctx.lose(value, "cache", "GenerateRequest.cache")
    options_num_predict = value.max_tokens
    options_temperature = value.temperature
    options_top_p = value.top_p
    options_top_k = value.top_k
    options_min_p = (
        None if value.min_p is None else ctx.needs("min_p_option", value, "min_p", value.min_p, "GenerateRequest.min_p")
    )
    options_seed = value.seed
    options_stop = value.stop or None
    options_presence_penalty = value.presence_penalty
    options_frequency_penalty = value.frequency_penalty
    options = (
        w.Options(
            num_predict=options_num_predict,
            temperature=options_temperature,
            top_p=options_top_p,
            top_k=options_top_k,
            min_p=options_min_p,
            seed=options_seed,
            stop=options_stop,
            presence_penalty=options_presence_penalty,
            frequency_penalty=options_frequency_penalty,
        )
        if options_num_predict is not None
        or options_temperature is not None
        or options_top_p is not None
        or options_top_k is not None
        or options_min_p is not None
        or options_seed is not None
        or options_stop is not None
        or options_presence_penalty is not None
        or options_frequency_penalty is not None
        else None
    )
    wire = w.GenerateRequest(
        model=value.model,
        system=ctx.joined(ctx.turns.instructions, "\n"),
        **lower_prompt(ctx.turns.only, ctx),
        suffix=value.suffix,
        format=None if value.output_format is None else format.lower(value.output_format),
        think=None if value.reasoning is None else think.lower(value.reasoning),
        stream=False if value.stream is None else value.stream,
        logprobs=value.logprobs,
        top_logprobs=value.top_logprobs,
        options=options,
    )
    if value.carried:
        ctx.restore(wire, value)
    return wire


def lift_prompt(wire: w.GenerateRequest, turn: int, ctx: Context) -> list[c.Block]:
    blocks: list[c.Block] = []
    if wire.prompt:
        blocks.append(c.Text(text=wire.prompt, role="user", turn=turn, part=0))
    if wire.images:
        blocks += placed([image_bytes.lift(item) for item in wire.images], "user", turn)
    return blocks


def lower_prompt(run: list[c.Block], ctx: Context) -> dict:
    kinds = set(map(type, run))
    if not kinds.isdisjoint(UNSAID_PROMPT):
        ctx.unsaid(run, UNSAID_PROMPT, "Prompt")
    if c.Image in kinds:
        for block in run:
            if type(block) is c.Image and block.detail:
                ctx.lose(block, "detail", "Prompt.image.detail")
            if type(block) is c.Image and block.cache:
                ctx.lose(block, "cache", "Prompt.cache")
    if c.Text in kinds:
        for block in run:
            if type(block) is c.Text and block.citations:
                ctx.lose(block, "citations", "Prompt.text.citations")
            if type(block) is c.Text and block.logprobs:
                ctx.lose(block, "logprobs", "Prompt.text.logprobs")
            if type(block) is c.Text and block.cache:
                ctx.lose(block, "cache", "Prompt.cache")
    prompt_blocks = [block for block in run if type(block) is c.Text] if c.Text in kinds else []
    images_blocks = [block for block in run if type(block) is c.Image] if c.Image in kinds else []
    return dict(
        prompt="\n".join([block.text for block in prompt_blocks]) or None if prompt_blocks else None,
        images=[
            item for block in images_blocks if (item := ctx.fits(image_bytes.lower(block), block, "source")) is not None
        ]
        or None,
    )


KEPT_GENERATE_REQUEST = ["raw", "template", "context", "width", "height", "steps"]
HELD_GENERATE_REQUEST = any_of("raw", "template", "context", "width", "height", "steps")
UNSAID_PROMPT = {
    c.Thinking,
    c.SealedThinking,
    c.HostedCall,
    c.HostedResult,
    c.Unknown,
    c.Refusal,
    c.SearchResult,
    c.Audio,
    c.Video,
    c.Document,
    c.ToolCall,
    c.CustomCall,
    c.ToolResult,
}


def lift_request(wire: w.GenerateRequest, ctx: Context) -> c.Request:
    return lift_generate_request(wire, ctx)


def lower_request(value: c.Request, ctx: Context) -> w.GenerateRequest:
    return lower_generate_request(value, ctx)
