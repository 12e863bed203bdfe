# Generated from specs/dialects/gemini_embed_batch/mapping.yaml. Edit the spec, then `make generate`.
# What gemini-embed-batch loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "gemini-embed-batch"

# rule -> (policy, why)
WHY = {
    "EmbedContentRequest.title": ("drop", "the title of one text"),
    "EmbedContentRequest.embedContentConfig.title": ("drop", "the title of one text"),
    "EmbedContentRequest.embedContentConfig.documentOcr": ("drop", "how one vendor looks at media"),
    "EmbedContentRequest.embedContentConfig.audioTrackExtraction": ("drop", "how one vendor looks at media"),
    "EmbedContentRequest.encoding": ("usual", "numbers are written as numbers here"),
    "EmbedContentRequest.end_user": ("drop", "no such parameter"),
    "EmbedContentRequest.truncate": ("drop", "this model or provider does not take it (auto_truncate)"),
    "BatchEmbedContentsResponse.metadata": ("drop", "billing of one vendor"),
    "BatchEmbedContentsResponse.model": ("usual", "the client has named it"),
    "BatchEmbedContentsResponse.id": ("drop", "no such field"),
    "BatchEmbedContentsResponse.created": ("drop", "no such field"),
    "Embedding.statistics": ("drop", "counts of one vendor"),
    "Embedding.index": ("usual", "its place says it"),
    "UsageMetadata.cachedContentTokenCount": ("drop", "nothing is cached"),
    "UsageMetadata.thoughtsTokenCount": ("drop", "no text is written"),
    "UsageMetadata.responseTokenCount": ("drop", "no text is written"),
    "UsageMetadata.toolUsePromptTokenCount": ("drop", "no tool is used"),
    "UsageMetadata.cacheTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.promptTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.toolUsePromptTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.responseTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.trafficType": ("drop", "billing of one vendor"),
    "UsageMetadata.serviceTier": ("drop", "a word of one vendor"),
    "UsageMetadata.output": ("drop", "no text is written"),
    "UsageMetadata.reasoning": ("drop", "no such count"),
    "UsageMetadata.cache_read": ("drop", "no such count"),
    "UsageMetadata.cache_write": ("drop", "no such count"),
    "UsageMetadata.cache_write_long": ("drop", "no such count"),
    "UsageMetadata.input_audio": ("drop", "no such count"),
    "UsageMetadata.output_audio": ("drop", "no such count"),
    "ErrorDetail.details": ("drop", "what one vendor says beside"),
    "ErrorDetail.code": ("drop", "no such field"),
    "ErrorDetail.param": ("drop", "no such field"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "EmbedRequest.model": "requests[0].model",
    "EmbedRequest.texts": "requests[0].content",
    "EmbedRequest.purpose": "requests[0].taskType|requests[0].embedContentConfig.taskType",
    "EmbedRequest.dimensions": "requests[0].outputDimensionality|requests[0].embedContentConfig.outputDimensionality",
    "EmbedRequest.truncate": "requests[0].embedContentConfig.autoTruncate",
    "EmbedResponse.embeddings": "embeddings",
    "EmbedResponse.usage": "usageMetadata",
    "Embedding.values": "values",
    "Usage.input": "promptTokenCount",
    "Error.status": "error.code",
    "Error.message": "error.message",
    "Error.kind": "error.status",
}

# (role, block kind) -> wire path of a block, for reports
PLACES = {}

# reasons to stop that read on this wire as the end of a whole answer
HUSHED = []

# whether the input of a call is a JSON object here, and no text
WHOLE_INPUTS = False

TURNS = {}
VERSIONS = {}
STREAM = {}
