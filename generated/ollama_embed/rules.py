# Generated from specs/dialects/ollama_embed/mapping.yaml. Edit the spec, then `make generate`.
# What ollama-embed loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "ollama-embed"

# rule -> (policy, why)
WHY = {
    "EmbedRequest.truncate": ("drop", "no such parameter"),
    "EmbedRequest.keep_alive": ("carry", "how long this engine keeps a model loaded"),
    "EmbedRequest.options": ("carry", "an engine's own settings"),
    "EmbedRequest.encoding": ("usual", "numbers are written as numbers here"),
    "EmbedRequest.purpose": ("drop", "no such parameter"),
    "EmbedRequest.end_user": ("drop", "no such parameter"),
    "EmbedResponse.done": ("drop", "it is done"),
    "EmbedResponse.done_reason": ("drop", "it is done"),
    "EmbedResponse.total_duration": ("drop", "an engine's own measurements"),
    "EmbedResponse.load_duration": ("drop", "an engine's own measurements"),
    "EmbedResponse.prompt_eval_duration": ("drop", "an engine's own measurements"),
    "EmbedResponse.eval_count": ("drop", "no text is written"),
    "EmbedResponse.eval_duration": ("drop", "an engine's own measurements"),
    "EmbedResponse.id": ("drop", "no such field"),
    "EmbedResponse.usage.output": ("drop", "no text is written"),
    "EmbedResponse.usage.reasoning": ("drop", "no such count"),
    "EmbedResponse.usage.cache_read": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write": ("drop", "no such count"),
    "EmbedResponse.usage.cache_write_long": ("drop", "no such count"),
    "EmbedResponse.usage.input_audio": ("drop", "no such count"),
    "EmbedResponse.usage.output_audio": ("drop", "no such count"),
    "ErrorEnvelope.detail": ("drop", "said where error is not"),
    "ErrorEnvelope.signin_url": ("drop", "an account of one vendor"),
    "ErrorEnvelope.kind": ("usual", "the answer's status line says it"),
    "ErrorEnvelope.code": ("drop", "no such field"),
    "ErrorEnvelope.param": ("drop", "no such field"),
    "ErrorEnvelope.native_kind": ("drop", "no such field"),
    "ErrorEnvelope.status": ("drop", "the answer's status line says it"),
}

# canonical field -> wire path, for reports
ORIGIN = {
    "EmbedRequest.model": "model",
    "EmbedRequest.texts": "input",
    "EmbedRequest.dimensions": "dimensions",
    "EmbedResponse.model": "model",
    "EmbedResponse.embeddings": "embeddings",
    "EmbedResponse.created": "created_at",
    "EmbedResponse.usage.input": "prompt_eval_count",
    "Error.message": "error",
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
