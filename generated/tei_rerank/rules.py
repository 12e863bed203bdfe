# Generated from specs/dialects/tei_rerank/mapping.yaml. Edit the spec, then `make generate`.
# What tei-rerank loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "tei-rerank"

# rule -> (policy, why)
WHY = {
    "RerankRequest.truncate": ("carry", "whether an engine cuts what is too long"),
    "RerankRequest.truncation_direction": ("carry", "where it cuts"),
    "RerankRequest.raw_scores": ("carry", "scores of one engine's scale"),
    "RerankRequest.return_text": ("drop", "the client has them"),
    "RerankRequest.top": ("usual", "the answer is cut to so many here"),
    "RerankRequest.max_document_tokens": ("drop", "how much is read of a document is the model's"),
    "RerankResponse.model": ("usual", "the client has named it"),
    "RerankResponse.id": ("drop", "no such field"),
    "RerankResponse.usage.input": ("drop", "no counts are said"),
    "RerankResponse.usage.output": ("drop", "no counts are said"),
    "RerankResponse.usage.reasoning": ("drop", "no counts are said"),
    "RerankResponse.usage.cache_read": ("drop", "no counts are said"),
    "RerankResponse.usage.cache_write": ("drop", "no counts are said"),
    "RerankResponse.usage.cache_write_long": ("drop", "no counts are said"),
    "RerankResponse.usage.input_audio": ("drop", "no counts are said"),
    "RerankResponse.usage.output_audio": ("drop", "no counts are said"),
    "Rank.text": ("drop", "the client has it"),
    "ErrorEnvelope.code": ("drop", "no such field"),
    "ErrorEnvelope.param": ("drop", "no such field"),
    "ErrorEnvelope.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "RerankRequest.model": "model",
    "RerankRequest.query": "query",
    "RerankRequest.documents": "texts",
    "RerankResponse.results": "results",
    "Ranked.index": "index",
    "Ranked.score": "score",
    "Error.message": "error",
    "Error.kind": "error_type",
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
