# Generated from specs/dialects/gemini_embed_batch/schema.yaml. Edit the spec, then `make generate`.

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw, field

from runtime.core.wire import Strict


class EmbedContentConfig(Strict):
    audio_track_extraction: bool | None = field(name="audioTrackExtraction", default=None)
    auto_truncate: bool | None = field(name="autoTruncate", default=None)
    document_ocr: bool | None = field(name="documentOcr", default=None)
    output_dimensionality: int | None = field(name="outputDimensionality", default=None)
    task_type: str | None = field(name="taskType", default=None)
    title: str | None = None
    ALSO: ClassVar[dict[str, str]] = {
        "audio_track_extraction": "audioTrackExtraction",
        "auto_truncate": "autoTruncate",
        "document_ocr": "documentOcr",
        "output_dimensionality": "outputDimensionality",
        "task_type": "taskType",
    }


class Embedding(Strict):
    values: Raw
    statistics: Raw = None


class UsageMetadata(Strict):
    cache_tokens_details: Raw = field(name="cacheTokensDetails", default=None)
    cached_content_token_count: int | None = field(name="cachedContentTokenCount", default=None)
    prompt_token_count: int | None = field(name="promptTokenCount", default=None)
    prompt_tokens_details: Raw = field(name="promptTokensDetails", default=None)
    thoughts_token_count: int | None = field(name="thoughtsTokenCount", default=None)
    tool_use_prompt_token_count: int | None = field(name="toolUsePromptTokenCount", default=None)
    tool_use_prompt_tokens_details: Raw = field(name="toolUsePromptTokensDetails", default=None)
    total_token_count: int | None = field(name="totalTokenCount", default=None)
    traffic_type: str | None = field(name="trafficType", default=None)
    response_token_count: int | None = field(name="responseTokenCount", default=None)
    response_tokens_details: Raw = field(name="responseTokensDetails", default=None)
    service_tier: str | None = field(name="serviceTier", default=None)


class ErrorDetail(Strict):
    code: int | None = None
    message: str | None = None
    status: str | None = None
    details: Raw = None


class EmbedContentRequest(Strict):
    content: Raw
    model: str | None = None
    task_type: str | None = field(name="taskType", default=None)
    title: str | None = None
    output_dimensionality: int | None = field(name="outputDimensionality", default=None)
    embed_content_config: EmbedContentConfig | None = field(name="embedContentConfig", default=None)
    ALSO: ClassVar[dict[str, str]] = {
        "task_type": "taskType",
        "output_dimensionality": "outputDimensionality",
        "embed_content_config": "embedContentConfig",
    }


class BatchEmbedContentsResponse(Strict):
    embeddings: list[Embedding]
    metadata: Raw = None
    usage_metadata: UsageMetadata | None = field(name="usageMetadata", default=None)


class ErrorEnvelope(Strict):
    error: ErrorDetail


class BatchEmbedContentsRequest(Strict):
    requests: list[EmbedContentRequest]
