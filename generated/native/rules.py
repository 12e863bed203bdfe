# Generated from specs/canonical/protocol.yaml. Edit the spec, then `make generate`.
# What canonical loses and why, where canonical values stand on its wire, and how it wants turns, HTTP and streams.

DIALECT = "canonical"

# rule -> (policy, why)
WHY = {}

# canonical field -> wire path, for reports
ORIGIN = {}

# (role, block kind) -> wire path of a block, for reports
PLACES = {}

TURNS = {"roles": {}, "prefill": True}
HTTP = {
    "prefix": "/canonical",
    "generate": {"method": "POST", "path": "/v1/canonical"},
    "count": {"method": "POST", "path": "/v1/canonical/count", "takes": [], "fill": {}},
    "models": {"method": "GET", "path": "/v1/models"},
    "model": {"method": "GET", "path": "/v1/models/{model}"},
    "recognise": {"header": "isogloss-protocol"},
    "mistaken": {
        "messages": "a chat request; send it to /v1/chat/completions or /v1/messages",
        "input": "a Responses request; send it to /v1/responses",
        "contents": "a Gemini request; send it to /v1beta/models/MODEL:generateContent",
    },
}
VERSIONS = {}
STREAM = {"framing": "sse_named", "done": None, "default": False, "sequential": False}
