# Generated from specs/dialects/ollama_chat/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import TypeAlias

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


class SystemMessage(Strict, tag_field="role", tag="system"):
    content: str | None = None
    images: list[str] | None = None


class UserMessage(Strict, tag_field="role", tag="user"):
    content: str | None = None
    images: list[str] | None = None


class ToolMessage(Strict, tag_field="role", tag="tool"):
    content: str | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None
    images: list[str] | None = None


class FunctionDefinition(Strict):
    name: str | None = None
    description: str | None = None
    parameters: Raw = None
    strict: bool | None = None


class FunctionCall(Strict):
    name: str
    arguments: Raw
    index: int | None = None
    description: str | None = None


class ErrorDetail(Strict):
    message: str | None = None
    type: str | None = None
    code: int | str | None = None


class ModelDetails(Strict):
    parent_model: str | None = None
    format: str | None = None
    family: str | None = None
    families: list[str] | None = None
    parameter_size: str | None = None
    quantization_level: str | None = None
    context_length: int | None = None
    embedding_length: int | None = None


class ShowRequest(Strict):
    model: str
    name: str | None = None
    verbose: bool | None = None
    system: str | None = None
    template: str | None = None
    options: Raw = None


class ShownModel(Strict):
    details: ModelDetails | None = None
    capabilities: list[str] | None = None
    model_info: Raw = None
    modified_at: str | None = None
    license: str | None = None
    modelfile: str | None = None
    parameters: str | None = None
    template: str | None = None
    system: str | None = None
    renderer: str | None = None
    parser: str | None = None
    requires: str | None = None
    messages: Raw = None
    projector_info: Raw = None
    tensors: Raw = None
    remote_model: str | None = None
    remote_host: str | None = None


class RunningModel(Strict):
    model: str | None = None
    name: str | None = None
    size: int | None = None
    size_vram: int | None = None
    digest: str | None = None
    details: ModelDetails | None = None
    expires_at: str | None = None
    context_length: int | None = None


class Version(Strict):
    version: str


class Tool(Strict):
    type: str | None = None
    function: FunctionDefinition | None = None
    items: Raw = None


class ToolCall(Strict):
    function: FunctionCall
    id: str | None = None
    type: str | None = None


class ResponseMessage(Strict):
    role: str | None = None
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_name: str | None = None


class ChatChunk(Strict):
    model: str | None = None
    created_at: str | None = None
    message: ResponseMessage | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    logprobs: Raw = None
    remote_model: str | None = None
    remote_host: str | None = None
    error: str | None = None


class ErrorEnvelope(Strict):
    error: str | ErrorDetail | None = None
    detail: str | None = None
    signin_url: str | None = None


class Model(Strict):
    name: str | None = None
    model: str | None = None
    modified_at: str | None = None
    size: int | None = None
    digest: str | None = None
    details: ModelDetails | None = None
    capabilities: list[str] | None = None
    remote_model: str | None = None
    remote_host: str | None = None


class RunningModels(Strict):
    models: list[RunningModel]


class AssistantMessage(Strict, tag_field="role", tag="assistant"):
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[ToolCall] | None = None


class ChatResponse(Strict):
    message: ResponseMessage
    model: str | None = None
    created_at: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    logprobs: Raw = None
    remote_model: str | None = None
    remote_host: str | None = None


class ModelList(Strict):
    models: list[Model]


class ChatRequest(Strict):
    model: str
    messages: list[Message] | None = None
    tools: list[Tool] | None = None
    format: Raw = None
    options: Options | None = None
    stream: bool | None = None
    think: bool | str | None = None
    keep_alive: float | str | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    truncate: bool | None = None
    shift: bool | None = None


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage
