# Generated from specs/dialects/llamacpp_infill/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import Raw

from runtime.core.wire import Strict


class InfillRequest(Strict):
    input_prefix: str
    input_suffix: str
    input_extra: Raw = None
    prompt: str | None = None
    model: str | None = None
    stream: bool | None = None
    n_predict: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    stop: list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n_probs: int | None = None
    n_cmpl: int | None = None
    n_indent: int | None = None
    n_keep: int | None = None
    n_cache_reuse: int | None = None
    min_keep: int | None = None
    id_slot: int | None = None
    t_max_prompt_ms: int | None = None
    t_max_predict_ms: int | None = None
    cache_prompt: bool | None = None
    ignore_eos: bool | None = None
    return_tokens: bool | None = None
    post_sampling_probs: bool | None = None
    timings_per_token: bool | None = None
    return_progress: bool | None = None
    response_fields: Raw = None
    samplers: Raw = None
    lora: Raw = None
    logit_bias: Raw = None
    grammar: str | None = None
    json_schema: Raw = None
    dynatemp_range: float | None = None
    dynatemp_exponent: float | None = None
    typical_p: float | None = None
    repeat_penalty: float | None = None
    repeat_last_n: int | None = None
    dry_multiplier: float | None = None
    dry_base: float | None = None
    dry_allowed_length: int | None = None
    dry_penalty_last_n: int | None = None
    dry_sequence_breakers: Raw = None
    xtc_probability: float | None = None
    xtc_threshold: float | None = None
    mirostat: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None


class InfillAnswer(Strict):
    content: str
    index: int | None = None
    model: str | None = None
    stop: bool | None = None
    stop_type: str | None = None
    stopping_word: str | None = None
    tokens_predicted: int | None = None
    tokens_evaluated: int | None = None
    tokens_cached: int | None = None
    truncated: bool | None = None
    has_new_line: bool | None = None
    id_slot: int | None = None
    prompt: str | None = None
    tokens: Raw = None
    generation_settings: Raw = None
    timings: Raw = None
    prompt_progress: Raw = None
    completion_probabilities: Raw = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    n_ctx: int | None = None
    n_prompt_tokens: int | None = None


class InfillFrame(Strict):
    index: int | None = None
    content: str | None = None
    model: str | None = None
    stop: bool | None = None
    stop_type: str | None = None
    stopping_word: str | None = None
    tokens_predicted: int | None = None
    tokens_evaluated: int | None = None
    tokens_cached: int | None = None
    truncated: bool | None = None
    has_new_line: bool | None = None
    id_slot: int | None = None
    prompt: str | None = None
    tokens: Raw = None
    generation_settings: Raw = None
    timings: Raw = None
    prompt_progress: Raw = None
    completion_probabilities: Raw = None
    error: str | ErrorDetail | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail
