"""Which conversation a request belongs to, and the account that it was with: there the vendor has its prompt cached."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import msgspec

SESSION_HEADERS = (
    "x-session-affinity",
    "x-session-id",
    "session-id",
    "session_id",
    "conversation_id",
    "x-conversation-id",
)
WORTH_CACHING = 4096  # bytes of a request: what is shorter no vendor caches
CROWD = 4  # requests in flight more than twice the mean, from which company counts more than a cache


class Affinity:
    """The account of each conversation; the one that was silent longest is forgotten first. Times in seconds."""

    __slots__ = ("_known", "max_entries", "ttl")

    def __init__(self, ttl: float = 3600.0, max_entries: int = 100_000) -> None:
        self.ttl, self.max_entries = ttl, max_entries
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str, now: float) -> str | None:
        """The name of the account; None if the conversation is new or was silent for `ttl`."""
        found = self._known.get(key)
        return found[0] if found is not None and now < found[1] else None

    def put(self, key: str, account: str, now: float) -> None:
        self._known[key] = (account, now + self.ttl)
        self._known.move_to_end(key)
        if len(self._known) > self.max_entries:
            self._known.popitem(last=False)

    def take_over(self, before: "Affinity") -> None:
        self._known = before._known
        while len(self._known) > self.max_entries:
            self._known.popitem(last=False)


ABSENT = msgspec.Raw(b"")


class _Body(msgspec.Struct):
    """What any protocol says about a conversation, undecoded where it is long."""

    prompt_cache_key: msgspec.Raw = ABSENT
    conversation: msgspec.Raw = ABSENT
    session_id: msgspec.Raw = ABSENT
    metadata: msgspec.Raw = ABSENT
    tools: msgspec.Raw = ABSENT
    system: msgspec.Raw = ABSENT
    instructions: msgspec.Raw = ABSENT
    systemInstruction: msgspec.Raw = ABSENT
    messages: msgspec.Raw = ABSENT
    contents: msgspec.Raw = ABSENT
    input: msgspec.Raw = ABSENT


class _Metadata(msgspec.Struct):
    user_id: str | None = None
    session_id: str | None = None


class _Message(msgspec.Struct):
    role: str | None = None


_body = msgspec.json.Decoder(_Body).decode
_metadata = msgspec.json.Decoder(_Metadata).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_message = msgspec.json.Decoder(_Message).decode


def key_of(body: bytes, headers: Mapping[str, str], client: str | None = None) -> str | None:
    """What a conversation's requests have in common, as a digest; None if nothing does. Conversations are a client's own.

    By what the client names: `prompt_cache_key`, a session header, `metadata.user_id`, ...; else by what does not change
    from turn to turn: tools, instructions and messages up to the first that is not an instruction.
    """
    try:
        said = _body(body)
    except msgspec.MsgspecError:
        return None
    named = _named(said, headers)
    if named is None and len(body) >= WORTH_CACHING:
        named = _prefix(said)
    if not named:
        return None
    digest = hashlib.blake2b((client or "").encode("utf-8", "replace") + b"\0", digest_size=16)
    for part in named:
        digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()


def _named(said: _Body, headers: Mapping[str, str]) -> list[bytes] | None:
    if said.prompt_cache_key:
        return [b"prompt_cache_key", said.prompt_cache_key]
    for name in SESSION_HEADERS:
        if value := headers.get(name):
            return [b"session", value.encode("utf-8", "replace")]
    for name in ("conversation", "session_id"):
        if value := getattr(said, name):
            return [name.encode(), value]
    if said.metadata:
        try:
            metadata = _metadata(said.metadata)
        except msgspec.MsgspecError:
            metadata = _Metadata()
        if value := metadata.session_id or metadata.user_id:
            return [b"metadata", value.encode("utf-8", "replace")]
    return None


def _prefix(said: _Body) -> list[bytes] | None:
    turns = said.messages or said.contents or said.input
    if not turns:
        return None
    parts = [said.tools, said.system, said.instructions, said.systemInstruction]
    try:
        messages = _items(turns)
    except msgspec.MsgspecError:
        messages = [turns]  # `input` may be one text
    for message in messages:
        parts.append(message)
        try:
            if _message(message).role not in ("system", "developer"):
                break
        except msgspec.MsgspecError:
            break
    return [b"prefix", *parts]
