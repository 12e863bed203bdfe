"""What holds for every value of every wire type, in one dialect and between any two.

Values come in two ways: `examples` puts every value a schema allows at every place it allows it, one at a time;
Hypothesis draws whole messages from the same schemas.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runtime.core.catalogue import completes, dialect
from runtime.core.context import Refusal
from runtime.core.normalise import normalise
from runtime.core.own_answers import error_answer
from runtime.core.primitives import TranslationError
from tests.laws import meaning
from tests.laws.schemas import ABSENT, CHATS, DIALECTS, PAIRS, Place, canonical, examples, places, roots, schema
from tests.laws.sending import Sent, answer, encode, names, send, stands, translation
from tests.laws.values import holds_of_drawn, message, quick, reached, wanted

WAYS = [(client, upstream, kind) for client, upstream in PAIRS for kind in ("request", "response")]
OWN_WAYS = [(name, name, kind) for name in DIALECTS for kind in ("request", "response")]
MESSAGES = ("request", "response")
MINTED = re.compile(rb"\bid\d+")

ECHOES = [
    "background",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
]
ITEMS = [
    "InputMessage",
    "OutputMessage",
    "FunctionCall",
    "FunctionCallOutput",
    "CustomToolCall",
    "CustomToolCallOutput",
    "ReasoningItem",
]

ON = {"ChatRequest.parallel_tool_calls", "ResponsesRequest.parallel_tool_calls"}  # flags of which only off is a wish

# Leaves that say nothing of their own, so that nothing is lost when they are not passed on.
SAID_OTHERWISE = {
    "ChatRequest.model": "the route chooses the model",
    "MessagesRequest.model": "the route chooses the model",
    "EmbeddingsRequest.model": "the route chooses the model",
    "EmbedRequest.model": "the route chooses the model",
    "RerankRequest.model": "the route chooses the model",
    "EmbeddingsRequest.encoding_format": "the answer is written so",
    "EmbedRequest.embedding_types": "the answer is written so",
    "Embeddings.model": "the client has named it",
    "EmbedResponse.model": "the client has named it",
    "RerankResponse.model": "the client has named it",
    "Embedding.index": "its place in the list says it",
    "GenerateRequest.model": "the route chooses the model",
    "CompletionRequest.model": "the route chooses the model",
    "FimRequest.model": "the route chooses the model",
    "InfillRequest.model": "the route chooses the model",
    "InfillAnswer.index": "there is one candidate",
    "InfillAnswer.stop": "stop_type says it too",
    "ToolCall.index": "a call's place in the list says it",
    "FunctionCall.index": "a call's place in the list says it",
    "StreamOptions.include_usage": "it asks for frames of the answer; the upstream is not told",
    "CustomCall.index": "a call's place in the list says it",
    "AssistantMessage.prefix": "an assistant message at the end is continued without it",
    "ThinkingPart.closed": "reasoning at the end is continued without it",
    "Citation.text": "its place in the answer says it",
    "Citation.content_index": "it stands at the part that it is of",
    "Choice.index": "a choice's place in the list says it",
    "Usage.total_tokens": "the sum of two others",
    "ToolMessage.name": "the call it answers has the name",
    "FunctionResponse.name": "the call it answers has the name",
    "FunctionCallOutput.name": "the call it answers has the name",
    "FunctionCallOutput.namespace": "the call it answers has it",
    "ReasoningText.text": "it is read where there is no summary",
    "ToolMessage.tool_name": "the call it answers has the name",
    "ChatResponse.done": "done_reason says it too",
    "PromptFeedback.blockReason": "an answer with candidates says it there",
    "Candidate.index": "a candidate's place in the list says it",
    "UsageMetadata.totalTokenCount": "the sum of others",
    "GenerateContentResponse.candidates.content.role": "an answer is the model's",
    "GenerateContentRequest.systemInstruction.role": "it stands apart",
    "GenerateContentRequest.model": "the path says it",
    "EmbedContentRequest.model": "the path says it",
    "GenerateResponse.done": "done_reason says it too",
    "Usage.totalTokens": "the sum of others",
    "ConverseResponse.metrics": "how long one vendor took",
    "ConverseResponse.output.message.role": "an answer is the model's",
    "ToolChoice.any": "an object in which nothing stands",
    "ToolChoice.auto": "an object in which nothing stands",
    "ResponsesRequest.model": "the route chooses the model",
    "Response.completed_at": "the answer is whole when it is read",
    "Response.object": "it has one word",
    "ResponseError.type": "the code says more",
    **{f"Response.{name}": "an echo of the request" for name in ECHOES},
    **{f"{item}.id": "names it to its vendor" for item in ITEMS},
    **{f"{item}.status": "what is said is complete" for item in ITEMS},
}

# The same of some receivers only.
SAID_TO = {
    "ollama-chat": {
        "Base64Source.media_type": "the bytes say it themselves",
        "BytesSource.media_type": "the bytes say it themselves",
        "ImageBlock.format": "the bytes say it themselves",
    },
    "openai-chat": {"AudioBlock.format": "the request has said how an answer is spoken"},
    "gemini-generate": {
        f"{asks}.{field}": "the path says it"
        for asks in (
            "Request",
            "ChatRequest",
            "CompletionRequest",
            "FimRequest",
            "GenerateRequest",
            "InfillRequest",
            "MessagesRequest",
            "ResponsesRequest",
        )
        for field in ("model", "stream")
    },
}
SAID_TO["bedrock-converse"] = SAID_TO["gemini-generate"] | {
    f"{answer}.{field}": "the client has named it"
    for answer, field in (
        *((name, "model") for name in ("ChatCompletion", "ChatResponse", "Completion", "FimCompletion")),
        *((name, "model") for name in ("GenerateResponse", "InfillAnswer", "Message", "Response")),
        ("GenerateContentResponse", "modelVersion"),
    )
}
SAID_TO["ollama-generate"] = SAID_TO["ollama-chat"]
ANSWERS = (
    "ChatCompletion",
    "ChatResponse",
    "Completion",
    "FimCompletion",
    "GenerateResponse",
    "InfillAnswer",
    "Message",
    "Response",
)
SAID_TO["cohere-chat"] = {f"{answer}.model": "the client has named it" for answer in ANSWERS}
SAID_TO["cohere-chat"]["GenerateContentResponse.modelVersion"] = "the client has named it"
for one in ("llamacpp-infill", "mistral-fim", "ollama-generate", "openai-completions"):
    SAID_TO[one] = SAID_TO.get(one, {}) | {
        "Content.role": "one prompt is the user's",
        "Message.role": "one prompt is the user's",
        "InputMessage.role": "what is said with a prompt is reported where it stands",
    }
SAID_TO["tei-rerank"] = {f"RerankRequest.{top}": "the answer is cut to so many here" for top in ("top_n", "top_k")} | {
    "RerankResponse.model": "the client has named it"
}
GROUPED = {f"{one}.group": "its name says it, and the answer has it again" for one in ("ToolCall", "CustomCall")} | {
    "ToolGroup.name": "the names of its tools say it, and the answer has it again"
}
SAID_TO["mistral-chat"] = {
    "AudioData.format": "the bytes say it themselves",
    "InputAudio.format": "the bytes say it themselves",
    "AudioBlock.format": "the bytes say it themselves",
    "BytesSource.media_type": "the bytes of what is heard say it themselves",
}


def beside(name: str) -> int:
    """How many messages stand before and behind one under test: none, where the receiver takes one prompt."""
    return 0 if completes(name) else 1


class Way(NamedTuple):
    """From one dialect to another: a request from client to upstream, or an answer back."""

    client: str
    upstream: str
    kind: str

    @property
    def sender(self) -> str:
        return self.client if self.kind == "request" else self.upstream

    @property
    def receiver(self) -> str:
        return self.upstream if self.kind == "request" else self.client

    def send(self, value: Any) -> Sent:
        return (send if self.kind == "request" else answer)(self.client, self.upstream, value)


class Trial(NamedTuple):
    """A place in a message, one value there, and the message."""

    place: Place
    value: Any
    message: Any


Tried = list[list[tuple[Trial, Sent]]]


@cache
def trials(name: str, kind: str, around: int) -> list[list[Trial]]:
    """Every place of a message with each of its values; the same for all receivers."""
    return [
        [Trial(place, value, place.put(value)) for value in [ABSENT] * place.optional + place.options]
        for place in places(schema(name), roots(name)[kind], around)
    ]


@pytest.fixture(scope="module", params=[Way(*way) for way in WAYS], ids="-".join)
def way(request: pytest.FixtureRequest) -> Way:
    """One after another: what is sent on a way is sent once for all its laws."""
    return request.param


@pytest.fixture(scope="module")
def sent(way: Way) -> Tried:
    """Every trial on its way, by place."""
    made = trials(way.sender, way.kind, beside(way.receiver))
    return [[(trial, way.send(trial.message)) for trial in of_place] for of_place in made if of_place]


# values


@pytest.mark.parametrize("name", DIALECTS)
def test_values_reach_every_field_case_and_word(name: str) -> None:
    types = schema(name)
    for kind, root in roots(name).items():
        found: set[str] = set()
        for value in examples(types, root):
            reached(types, root, value, found)
        assert not wanted(types, root) - found, f"never made in a {kind}"


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", MESSAGES)
def test_drawn_values_are_wide(name: str, kind: str) -> None:
    """Drawing alone meets half of all fields, cases and words, and a quarter of all pairs of a message's fields."""
    types, root, found, pairs = schema(name), roots(name)[kind], set[str](), set[tuple[str, str]]()

    @settings(quick, max_examples=max(600, 3 * len(wanted(types, root))))
    @given(message(name, kind))
    def draw(value: Any) -> None:
        reached(types, root, value, found)
        pairs.update((a, b) for a in value for b in value if a < b)

    draw()
    missing = wanted(types, root) - found
    assert len(missing) < len(wanted(types, root)) // 2, sorted(missing)
    fields = len(types.defs[root].fields)
    assert fields < 2 or len(pairs) > fields * (fields - 1) // 8


# in one dialect


@pytest.mark.parametrize("client, upstream, kind", OWN_WAYS)
def test_a_message_in_its_own_dialect_is_passed_on_byte_for_byte(client: str, upstream: str, kind: str) -> None:
    @settings(quick, max_examples=50)
    @given(message(client, kind), st.sampled_from([(",", ":"), (" ,  ", " : ")]))
    def law(value: Any, separators: tuple[str, str]) -> None:
        assume(kind == "request" or value.get("error") is None)  # an answer that failed is none
        body = encode(value, separators)
        going = translation(client, upstream, model="m" if value.get("model") is None else value["model"])
        out = going.request(body).body if kind == "request" else going.answer(body)
        assert out == body
        assert not going.losses

    law()


@pytest.mark.parametrize("name", DIALECTS)
def test_only_the_models_name_changes_where_the_route_says_so(name: str) -> None:
    @settings(quick, max_examples=50)
    @given(message(name, "request"))
    def law(value: Any) -> None:
        fields = msgspec.json.decode(encode(value), type=dict[str, msgspec.Raw])
        going = translation(name, name, model="other").request(encode(value))
        out = msgspec.json.decode(going.body, type=dict[str, msgspec.Raw])
        assert list(out) == list(fields)
        named = {"model": b'"other"'} if "model" in fields or "other" not in going.path else {}
        for inside in dialect(name).http.get("named", ())[:1]:  # the objects of a list name it again
            named[inside] = bytes(fields[inside]).replace(b'"models/m"', b'"models/other"')
        assert {k: bytes(v) for k, v in out.items()} == {k: bytes(v) for k, v in fields.items()} | named

    law()


def again(name: str, kind: str, value: Any) -> Any:
    """Decoded, lifted, laid out, lowered and decoded again, in one dialect; None where it is refused."""
    going = translation(name, name)
    ctx, module = going.ctx, going.to.request if kind == "request" else going.to.response
    try:
        wire = getattr(module, f"decode_{kind}")(encode(value))
        ctx.root = wire
        lifted = getattr(module, f"lift_{kind}")(wire, ctx)
        ctx.value = lifted
        if kind == "request":
            normalise(lifted, ctx)
        lowered = getattr(module, f"lower_{kind}")(lifted, ctx)
        ctx.settle()
    except (Refusal, TranslationError):
        return None
    return msgspec.json.decode(msgspec.json.encode(lowered))


def second_trip(name: str, kind: str, value: Any) -> bool:
    once = again(name, kind, value)
    if once is None:
        return False
    assert again(name, kind, once) == once
    return True


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", MESSAGES)
def test_a_second_trip_changes_nothing(name: str, kind: str) -> None:
    made = [second_trip(name, kind, value) for value in examples(schema(name), roots(name)[kind])]
    assert sum(made) > len(made) * 0.9

    holds_of_drawn(lambda value: second_trip(name, kind, value), name, kind)


# between dialects


def arrives_whole(way: Way, value: Any, going: Sent) -> bool:
    """What comes out is a message of the other dialect, and every path that is reported leads somewhere in this one."""
    for loss in going.losses:
        assert loss.kind == "supplied" or stands(loss.path, value), (loss, value)
        assert loss.why and loss.rule.partition(":")[0] in DIALECTS
    if going.out is None:
        assert going.param, f"refused without a place: {going.refusal}"
        return False
    module = getattr(dialect(way.receiver), way.kind)
    getattr(module, f"decode_{way.kind}")(going.out)
    return True


def test_what_comes_out_is_of_the_targets_type(way: Way, sent: Tried) -> None:
    made = [arrives_whole(way, trial.message, going) for of_place in sent for trial, going in of_place]
    assert sum(made) > len(made) * (0.55 if beside(way.receiver) else 0.25)
    holds_of_drawn(lambda value: arrives_whole(way, value, way.send(value)), way.sender, way.kind)


def test_every_leaf_arrives_or_is_reported(way: Way, sent: Tried) -> None:
    """Each leaf of a message is set and changed: what comes out changes, or the report names the leaf."""
    known, checked = SAID_OTHERWISE | SAID_TO.get(way.receiver, {}), 0
    for tried in sent:
        place = tried[0][0].place
        if {place.leaf, place.name} & known.keys() or len(place.options) == 1:  # a field of one word says nothing
            continue
        for trial, going in tried:
            others = [other for _, other in tried if other is not going]
            silent = trial.value is False and place.leaf not in ON
            assert silent or seen(place, going, others), f"{place.name}: {trial.value!r} vanishes unreported"
        said = [going for _, going in tried if going.out is not None and lost(place, going)]
        assert len({MINTED.sub(b"", going.out) for going in said}) <= 1, (
            f"{place.name} is reported as lost, and arrives"
        )
        checked += 1
    least = 2 if way.sender in ("bedrock-titan-embed", "tei-rerank", "voyage-rerank") else 5  # which have so few fields
    assert checked > (least if way.sender not in CHATS else 12 if beside(way.sender) else 10)


def seen(place: Place, going: Sent, others: list[Sent]) -> bool:
    """Whether a value makes a difference to another one, or either of the two is spoken of."""
    if spoken_of(place, going):
        return True
    return any(
        spoken_of(place, other)
        or (None not in (going.out, other.out) and going.out != other.out and going.json != other.json)
        for other in others
    )


def spoken_of(place: Place, going: Sent) -> bool:
    reported = [loss.path for loss in going.losses if loss.kind != "supplied"] + [going.param or ""]
    if going.out is None and place.leaf.endswith("<>"):  # a case may be refused for what it holds
        return any(names(path, place.path) or names(place.path, path) for path in reported if path)
    return any(names(path, place.path) for path in reported)


def lost(place: Place, going: Sent) -> bool:
    return any(loss.kind == "lost" and names(loss.path, place.path) for loss in going.losses)


# from what is meant, by itself

# Canonical values that say the same as others, or nothing in the company they are tried in.
SAID_BY_OTHERS = {
    "Request.stream_usage": "read by the answer's stream",
    "ToolChoice.mode": "a tool's name beside another mode says nothing",
    "ToolChoice.parallel": "what a wire means that does not speak of it",
    "ToolChoice.allowed": "says nothing beside another mode",
    "ToolChoice.demand": "says nothing beside another mode",
    "AllowedTool.kind": "says nothing beside another mode",
    "AllowedTool.name": "says nothing beside another mode",
    "ToolFormat.kind": "a grammar beside another kind says nothing",
    "OutputFormat.kind": "a name beside another kind says nothing",
    "Reasoning.mode": "written as an effort",
    "ToolResult.name": "the call it answers has the name",
    "UrlSource.media_type": "what stands there says it",
}


NO_EFFORT = ("Reasoning.effort", "none")  # read back as the mode off
MEANT_BY_SILENCE = {"openai-responses": [("Reasoning.visibility", "omitted")]}


@pytest.mark.parametrize("name", CHATS)
def test_what_a_dialect_can_say_is_read_back_as_it_was_meant(name: str) -> None:
    """Each canonical leaf is written on the wire: reading gives it back, or it is reported or refused."""
    said = 0
    for place in places(canonical(), "Request"):
        elsewhere = SAID_BY_OTHERS | SAID_TO.get(name, {}) | ({} if name == "openai-responses" else GROUPED)
        if place.leaf in elsewhere or place.leaf.rpartition(".")[2] in meaning.PLACING:
            continue
        for value in place.options:
            if (place.leaf, value) in MEANT_BY_SILENCE.get(name, ()) or (place.leaf, value) == NO_EFFORT:
                continue
            request = meaning.conversation(place.put(value), beside(name))
            body, losses = meaning.written(name, request)
            if body is None or value is False or any(loss.kind != "supplied" for loss in losses):
                continue
            assert meaning.holds(request, meaning.read(name, body)), (place.name, value, body)
            said += 1
    assert said > (40 if beside(name) else 20)


# errors and models


@pytest.mark.parametrize("client, upstream", [*PAIRS, *((name, name) for name in DIALECTS)])
def test_an_error_keeps_its_message_and_finds_a_status(client: str, upstream: str) -> None:
    types, root = schema(upstream), roots(upstream)["error"]
    for value in examples(types, root):
        for status in (400, 401, 403, 404, 413, 422, 429, 500, 503, 529):
            error = translation(client, upstream).error(status, {}, encode(value))
            said = value.get("error")
            said = said.get("message") if isinstance(said, dict) else said
            assert error.message == said or not said
            out, body = error_answer(client, error)
            assert 400 <= out < 600 and out // 100 == status // 100
            wire = dialect(client).response.decode_error(body)
            assert error.message in repr(wire)


@pytest.mark.parametrize("name", [name for name in DIALECTS if "models" in roots(name)])
def test_a_list_of_models_is_stable(name: str) -> None:
    made = [second_trip(name, "models", value) for value in examples(schema(name), roots(name)["models"])]
    assert made.count(False) <= 1  # what has no name is no model
