# Generated from specs/dialects/openai_embeddings/mapping.yaml. Edit the spec, then `make generate`.
# What openai-embeddings loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "openai-embeddings"

# rule -> (policy, why)
WHY = {
    "EmbeddingsRequest.metadata": ("carry", "one vendor has it here"),
    "EmbeddingsRequest.output_dtype": ("carry", "number forms of single vendors"),
    "EmbeddingsRequest.truncate": ("drop", "no such parameter"),
    "EmbeddingsRequest.truncation": ("carry", "a switch of one vendor"),
    "EmbeddingsRequest.purpose": ("drop", "this model or provider does not take it (embedding_purpose)"),
    "Embeddings.id": ("drop", "no such field"),
    "Embeddings.created": ("drop", "no such field"),
    "Embedding.encoding_format": ("drop", "the numbers say it"),
    "Usage.completion_tokens": ("drop", "no text is written"),
    "Usage.prompt_audio_seconds": ("drop", "no audio on this wire"),
    "Usage.prompt_tokens_details": ("drop", "counts of single vendors"),
    "Usage.output": ("drop", "no text is written"),
    "Usage.reasoning": ("drop", "no such count"),
    "Usage.cache_read": ("drop", "no such count"),
    "Usage.cache_write": ("drop", "no such count"),
    "Usage.cache_write_long": ("drop", "no such count"),
    "Usage.input_audio": ("drop", "no such count"),
    "Usage.output_audio": ("drop", "no such count"),
    "ErrorDetail.misalignment": ("drop", "a verdict of one vendor"),
    "ErrorDetail.n_ctx": ("drop", "an engine's own extra"),
    "ErrorDetail.n_prompt_tokens": ("drop", "an engine's own extra"),
    "ErrorDetail.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "EmbedRequest.model": "model",
    "EmbedRequest.texts": "input",
    "EmbedRequest.dimensions": "dimensions|output_dimension",
    "EmbedRequest.encoding": "encoding_format",
    "EmbedRequest.end_user": "user",
    "EmbedRequest.purpose": "input_type",
    "EmbedResponse.embeddings": "data",
    "EmbedResponse.model": "model",
    "EmbedResponse.usage": "usage",
    "Embedding.index": "index",
    "Embedding.values": "embedding",
    "Usage.input": "prompt_tokens",
    "Error.message": "error.message",
    "Error.kind": "error.type",
    "Error.code": "error.code",
    "Error.param": "error.param",
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
