# Generated from specs/dialects/bedrock_titan_embed/mapping.yaml. Edit the spec, then `make generate`.
# What bedrock-titan-embed loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "bedrock-titan-embed"

# rule -> (policy, why)
WHY = {
    "EmbedRequest.normalize": ("carry", "whether one vendor scales its vectors"),
    "EmbedRequest.embeddingTypes": ("carry", "forms of one vendor's numbers"),
    "EmbedRequest.model": ("usual", "the path names it"),
    "EmbedRequest.encoding": ("usual", "numbers are written as numbers here"),
    "EmbedRequest.purpose": ("drop", "no such parameter"),
    "EmbedRequest.truncate": ("drop", "no such parameter"),
    "EmbedRequest.end_user": ("drop", "no such parameter"),
    "EmbedResponse.embeddingsByType": ("drop", "the same in other forms"),
    "EmbedResponse.model": ("usual", "the client has named it"),
    "EmbedResponse.id": ("drop", "no such field"),
    "EmbedResponse.created": ("drop", "no such field"),
    "EmbedResponse.usage.output": ("drop", "no text is written"),
    "EmbedResponse.usage.reasoning": ("drop", "no such count"),
    "EmbedResponse.usage.cache_read": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write_long": ("drop", "no such count"),
    "EmbedResponse.usage.input_audio": ("drop", "no such count"),
    "EmbedResponse.usage.output_audio": ("drop", "no such count"),
    "ErrorEnvelope.code": ("drop", "no such field"),
    "ErrorEnvelope.param": ("drop", "no such field"),
    "ErrorEnvelope.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "EmbedRequest.texts": "inputText",
    "EmbedRequest.dimensions": "dimensions",
    "EmbedResponse.embeddings.0.values": "embedding",
    "EmbedResponse.usage.input": "inputTextTokenCount",
    "Error.message": "message",
    "Error.kind": "__type",
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
