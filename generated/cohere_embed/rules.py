# Generated from specs/dialects/cohere_embed/mapping.yaml. Edit the spec, then `make generate`.
# What cohere-embed loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "cohere-embed"

# rule -> (policy, why)
WHY = {
    "EmbedRequest.max_tokens": ("carry", "a limit of one vendor"),
    "EmbedRequest.priority": ("carry", "a tier of one vendor"),
    "EmbedRequest.images": ("refuse", "pictures are embedded by one vendor only"),
    "EmbedRequest.inputs": ("refuse", "inputs of several parts are known to one vendor only"),
    "EmbedRequest.end_user": ("drop", "no such parameter"),
    "EmbedResponse.response_type": ("drop", "its form says it"),
    "EmbedResponse.texts": ("drop", "the client has them"),
    "EmbedResponse.images": ("drop", "the client has them"),
    "EmbedResponse.meta.api_version": ("drop", "a version of one vendor"),
    "EmbedResponse.meta.tokens": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.cached_tokens": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.warnings": ("drop", "advice of one vendor"),
    "EmbedResponse.meta.billed_units.classifications": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.image_tokens": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.images": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.output_tokens": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.search_units": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.text_tokens": ("drop", "bills of one vendor"),
    "EmbedResponse.meta.billed_units.pages": ("drop", "bills of one vendor"),
    "EmbedResponse.model": ("usual", "the client has named it"),
    "EmbedResponse.created": ("drop", "no such field"),
    "EmbedResponse.usage.output": ("drop", "no text is written"),
    "EmbedResponse.usage.reasoning": ("drop", "no such count"),
    "EmbedResponse.usage.cache_read": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write_long": ("drop", "no such count"),
    "EmbedResponse.usage.input_audio": ("drop", "no such count"),
    "EmbedResponse.usage.output_audio": ("drop", "no such count"),
    "ErrorEnvelope.id": ("drop", "names the upstream call"),
    "ErrorEnvelope.kind": ("usual", "the answer's status line says it"),
    "ErrorEnvelope.code": ("drop", "no such field"),
    "ErrorEnvelope.param": ("drop", "no such field"),
    "ErrorEnvelope.native_kind": ("drop", "no such field"),
    "ErrorEnvelope.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "EmbedRequest.model": "model",
    "EmbedRequest.texts": "texts",
    "EmbedRequest.purpose": "input_type",
    "EmbedRequest.encoding": "embedding_types",
    "EmbedRequest.dimensions": "output_dimension",
    "EmbedRequest.truncate": "truncate",
    "EmbedResponse.id": "id",
    "EmbedResponse.embeddings": "embeddings",
    "EmbedResponse.usage.input": "meta.billed_units.input_tokens",
    "Error.message": "message",
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
