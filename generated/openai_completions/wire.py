# Generated from specs/dialects/openai_completions/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType

from runtime.core.wire import Strict


class StreamOptions(Strict):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Choice(Strict):
    index: int | None = None
    text: str | None = None
    finish_reason: str | None | UnsetType = UNSET
    logprobs: Raw = None
    prompt_logprobs: Raw = None
    prompt_token_ids: Raw = None
    routed_experts: Raw = None
    stop_reason: str | int | None = None
    token_ids: Raw = None


class PromptTokensDetails(Strict):
    audio_tokens: int | None = None
    cache_write_tokens: int | None = None
    cached_tokens: int | None = None
    image_tokens: int | None = None
    text_tokens: int | None = None


class CompletionTokensDetails(Strict):
    accepted_prediction_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None
    rejected_prediction_tokens: int | None = None
    text_tokens: int | None = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    param: str | None | UnsetType = UNSET
    code: str | int | None | UnsetType = UNSET
    misalignment: Raw = None
    n_ctx: int | None = None
    n_prompt_tokens: int | None = None


class CompletionRequest(Strict):
    model: str
    prompt: str | list[str | int | list[int]] | None = None
    suffix: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    best_of: int | None = None
    echo: bool | None = None
    frequency_penalty: float | None = None
    logit_bias: Raw = None
    logprobs: int | None = None
    min_p: float | None = None
    n: int | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    top_k: int | None = None
    user: str | None = None


class Usage(Strict):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    prompt_cache_miss_tokens: int | None = None


class CompletionChunk(Strict):
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: Usage | None = None
    system_fingerprint: str | None = None
    ec_transfer_params: Raw = None
    kv_transfer_params: Raw = None
    metrics: Raw = None
    service_tier: str | None = None
    error: str | ErrorDetail | None = None
    timings: Raw = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail


class Completion(Strict):
    choices: list[Choice]
    id: str | None = None
    object: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Usage | None = None
    system_fingerprint: str | None = None
    ec_transfer_params: Raw = None
    kv_transfer_params: Raw = None
    metrics: Raw = None
    service_tier: str | None = None
    timings: Raw = None
