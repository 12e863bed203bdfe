# Generated from specs/dialects/gemini_embed/mapping.yaml. Edit the spec, then `make generate`.
# What gemini-embed loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "gemini-embed"

# rule -> (policy, why)
WHY = {
    "EmbedContentRequest.model": ("usual", "the path names it"),
    "EmbedContentRequest.title": ("drop", "the title of one text"),
    "EmbedContentRequest.embedContentConfig.title": ("drop", "the title of one text"),
    "EmbedContentRequest.embedContentConfig.documentOcr": ("drop", "how one vendor looks at media"),
    "EmbedContentRequest.embedContentConfig.audioTrackExtraction": ("drop", "how one vendor looks at media"),
    "EmbedContentRequest.encoding": ("usual", "numbers are written as numbers here"),
    "EmbedContentRequest.end_user": ("drop", "no such parameter"),
    "EmbedContentRequest.truncate": ("drop", "this model or provider does not take it (auto_truncate)"),
    "EmbedContentResponse.truncated": ("drop", "no such field elsewhere"),
    "EmbedContentResponse.embedding.statistics": ("drop", "counts of one vendor"),
    "EmbedContentResponse.model": ("usual", "the client has named it"),
    "EmbedContentResponse.id": ("drop", "no such field"),
    "EmbedContentResponse.created": ("drop", "no such field"),
    "UsageMetadata.cachedContentTokenCount": ("drop", "nothing is cached"),
    "UsageMetadata.candidatesTokenCount": ("drop", "no text is written"),
    "UsageMetadata.thoughtsTokenCount": ("drop", "no text is written"),
    "UsageMetadata.toolUsePromptTokenCount": ("drop", "no tool is used"),
    "UsageMetadata.cacheTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.candidatesTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.promptTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.toolUsePromptTokensDetails": ("drop", "counts by medium"),
    "UsageMetadata.trafficType": ("drop", "billing of one vendor"),
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
    "EmbedRequest.texts": "content",
    "EmbedRequest.purpose": "embedContentConfig.taskType|taskType",
    "EmbedRequest.dimensions": "embedContentConfig.outputDimensionality|outputDimensionality",
    "EmbedRequest.truncate": "embedContentConfig.autoTruncate",
    "EmbedResponse.embeddings.0.values": "embedding.values",
    "EmbedResponse.usage": "usageMetadata",
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
