# Generated from specs/dialects/ollama_generate/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from msgspec import Raw

from runtime.core.wire import Strict


class Options(Strict):
    num_ctx: int | None = None
    num_predict: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    stop: list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repeat_penalty: float | None = None
    repeat_last_n: int | None = None
    typical_p: float | None = None
    tfs_z: float | None = None
    mirostat: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None
    penalize_newline: bool | None = None
    num_keep: int | None = None
    num_batch: int | None = None
    num_gpu: int | None = None
    num_thread: int | None = None
    draft_num_predict: int | None = None
    main_gpu: int | None = None
    numa: bool | None = None
    low_vram: bool | None = None
    f16_kv: bool | None = None
    logits_all: bool | None = None
    vocab_only: bool | None = None
    use_mmap: bool | None = None
    use_mlock: bool | None = None
    embedding_only: bool | None = None


class GenerateResponse(Strict):
    model: str | None = None
    created_at: str | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    context: Raw = None
    logprobs: Raw = None
    tool_calls: Raw = None
    image: str | None = None
    completed: int | None = None
    total: int | None = None
    remote_model: str | None = None
    remote_host: str | None = None


class GenerateChunk(Strict):
    model: str | None = None
    created_at: str | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    context: Raw = None
    logprobs: Raw = None
    tool_calls: Raw = None
    image: str | None = None
    completed: int | None = None
    total: int | None = None
    remote_model: str | None = None
    remote_host: str | None = None
    error: str | None = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    code: int | str | None = None


class GenerateRequest(Strict):
    model: str
    prompt: str | None = None
    suffix: str | None = None
    system: str | None = None
    template: str | None = None
    raw: bool | None = None
    context: Raw = None
    images: list[str] | None = None
    format: Raw = None
    options: Options | None = None
    stream: bool | None = None
    think: bool | str | None = None
    keep_alive: float | str | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    truncate: bool | None = None
    shift: bool | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail | None = None
    detail: str | None = None
    signin_url: str | None = None
