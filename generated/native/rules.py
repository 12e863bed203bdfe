# Generated from specs/canonical/protocol.yaml. Edit the spec, then `make generate`.
# What canonical loses and why, where canonical values stand on its wire, and how it wants turns and streams.

DIALECT = "canonical"

# rule -> (policy, why)
WHY = {}

# canonical field -> wire path, for reports
ORIGIN = {}

# (role, block kind) -> wire path of a block, for reports
PLACES = {}

# reasons to stop that read on this wire as the end of a whole answer
HUSHED = []

# whether the input of a call is a JSON object here, and no text
WHOLE_INPUTS = True

TURNS = {"roles": {}, "prefill": True}
VERSIONS = {}
STREAM = {"framing": "sse_named", "done": None, "default": False, "sequential": False}
