# Generated from specs/dialects/voyage_rerank/mapping.yaml. Edit the spec, then `make generate`.
# What voyage-rerank loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "voyage-rerank"

# rule -> (policy, why)
WHY = {
    "RerankRequest.truncation": ("carry", "whether one vendor cuts what is too long"),
    "RerankRequest.return_documents": ("drop", "the client has them"),
    "RerankRequest.max_document_tokens": ("drop", "how much is read of a document is the model's"),
    "RerankResponse.id": ("drop", "no such field"),
    "RerankResponse.usage.output": ("drop", "no text is written"),
    "RerankResponse.usage.reasoning": ("drop", "no such count"),
    "RerankResponse.usage.cache_read": ("drop", "no such count"),
    "RerankResponse.usage.cache_write": ("drop", "no such count"),
    "RerankResponse.usage.cache_write_long": ("drop", "no such count"),
    "RerankResponse.usage.input_audio": ("drop", "no such count"),
    "RerankResponse.usage.output_audio": ("drop", "no such count"),
    "Result.document": ("drop", "the client has it"),
    "ErrorEnvelope.kind": ("usual", "the answer's status line says it"),
    "ErrorEnvelope.code": ("drop", "no such field"),
    "ErrorEnvelope.param": ("drop", "no such field"),
    "ErrorEnvelope.native_kind": ("drop", "no such field"),
    "ErrorEnvelope.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "RerankRequest.model": "model",
    "RerankRequest.query": "query",
    "RerankRequest.documents": "documents",
    "RerankRequest.top": "top_k",
    "RerankResponse.results": "data",
    "RerankResponse.model": "model",
    "RerankResponse.usage.input": "usage.total_tokens",
    "Ranked.index": "index",
    "Ranked.score": "relevance_score",
    "Error.message": "detail",
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
