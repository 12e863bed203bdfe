# Generated from specs/dialects/cohere_rerank/mapping.yaml. Edit the spec, then `make generate`.
# What cohere-rerank loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "cohere-rerank"

# rule -> (policy, why)
WHY = {
    "RerankRequest.priority": ("carry", "a tier of one vendor"),
    "RerankRequest.return_documents": ("carry", "the client has them"),
    "RerankRequest.relevant_spans": ("carry", "spans of one vendor"),
    "RerankRequest.rank_fields": ("carry", "fields of older clients"),
    "RerankResponse.object": ("drop", "engines have it"),
    "RerankResponse.model": ("usual", "the client has named it"),
    "RerankResponse.usage.total_tokens": ("drop", "the same as usage.prompt_tokens"),
    "RerankResponse.meta.api_version": ("drop", "a version of one vendor"),
    "RerankResponse.meta.tokens.output_tokens": ("drop", "no text is written"),
    "RerankResponse.meta.cached_tokens": ("drop", "bills of one vendor"),
    "RerankResponse.meta.warnings": ("drop", "advice of one vendor"),
    "RerankResponse.meta.billed_units": ("drop", "bills of one vendor"),
    "RerankResponse.usage.output": ("drop", "no text is written"),
    "RerankResponse.usage.reasoning": ("drop", "no such count"),
    "RerankResponse.usage.cache_read": ("drop", "no such count"),
    "RerankResponse.usage.cache_write": ("drop", "no such count"),
    "RerankResponse.usage.cache_write_long": ("drop", "no such count"),
    "RerankResponse.usage.input_audio": ("drop", "no such count"),
    "RerankResponse.usage.output_audio": ("drop", "no such count"),
    "Result.relevant_spans": ("carry", "spans of one vendor"),
    "Result.document": ("carry", "the client has it"),
    "ErrorEnvelope.id": ("drop", "names the upstream call"),
    "ErrorEnvelope.error": ("drop", "an engine's form"),
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
    "RerankRequest.top": "top_n",
    "RerankRequest.max_document_tokens": "max_tokens_per_doc",
    "RerankResponse.id": "id",
    "RerankResponse.results": "results",
    "RerankResponse.usage.input": "meta.tokens.input_tokens|usage.prompt_tokens",
    "Ranked.index": "index",
    "Ranked.score": "relevance_score",
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
