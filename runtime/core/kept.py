"""Answers that are kept for who asked for them: found again by their id, gone on from, listed, deleted.

What is kept is bytes, whose form is this gateway's own; where they are kept is the shell's. The dialect's mapping says
under `http: kept` by which fields it speaks of them. An answer that its upstream keeps itself is known here by the account
alone: whoever asks for it is sent there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from generated import canonical as c
from generated.providers import PROVIDERS
from runtime.core.bound import Owner
from runtime.core.context import Loss
from runtime.core.framing import FRAMINGS
from runtime.core.primitives import given
from runtime.core.translate import Refused, dialect, encode, fields_of

LISTED, LISTED_MOST = 20, 100  # items of a page
_items_of = msgspec.json.Decoder(list[Raw]).decode
_decode = msgspec.json.decode


class Kept(msgspec.Struct, omit_defaults=True):
    """An answer as its client got it, or who has it."""

    owner: Owner | None = None
    answer: Raw = Raw(b"null")
    items: list[Raw] = []  # what it answers, what was said before it first


read = msgspec.json.Decoder(Kept).decode


class Earlier(msgspec.Struct):
    """The answer that a request goes on from, if there is one of this id."""

    id: str
    kept: Kept | None


def form(name: str) -> dict[str, Any] | None:
    """How a dialect speaks of answers that are kept; None if it does not."""
    return dialect(name).http.get("kept")


def previous(name: str, body: bytes) -> str | None:
    """The id of the answer that a request goes on from."""
    if (kept := form(name)) is None or (field := kept["previous"]["field"]).encode() not in body:
        return None
    try:
        found = _decode(fields_of(body).get(field, b"null"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # whoever reads the whole says what is wrong with it
    return found if isinstance(found, str) else None


def keeps(provider: str, name: str) -> bool:
    """Whether a provider keeps the answers in a dialect itself, and has them found again."""
    return (kept := form(name)) is not None and kept["path"] in PROVIDERS[provider].get("passes", {}).get(name, ())


class Keeping:
    """What is to become of the answer to a request: `body` is what an upstream is asked."""

    def __init__(self, name: str, body: bytes, whose: str, earlier: Earlier | None) -> None:
        """Raises Refused where nothing is known of the earlier answer."""
        self.form, self.whose, self.body = form(name), whose, body
        self.owner: Owner | None = None  # of the earlier answer: whoever has it knows what was said before
        self.said: dict[str, Any] = {}  # by the answer, of this
        self._name = name
        unless = self.form["unless"]
        self.wanted = f'"{unless}"'.encode() not in body or _decode(fields_of(body).get(unless, b"null")) is not False
        if earlier is not None:
            if earlier.kept is None:
                raise Refused(_unknown_previous(self.form["previous"], earlier.id))
            self.owner = earlier.kept.owner
            self.said[self.form["previous"]["field"]] = earlier.id
            if self.owner is None:
                self.body = gone_on(name, body, earlier.kept)
        if self.wanted:
            self.said[unless] = True

    def record(
        self, answer: bytes, streamed: bool, provider: str, spoken: str, owner: Owner
    ) -> tuple[str, bytes] | None:
        """The answer's id, and what is to be kept; None where the answer is not to be found again.

        `owner` is the account that answered, in the dialect `spoken`.
        """
        answer = self._streamed(answer) if streamed else answer
        fields = fields_of(answer)
        if not isinstance(id := _decode(fields.get("id", b"null")), str):
            return None
        if spoken == self._name and keeps(provider, spoken):
            return id, encode(Kept(owner))
        if _decode(fields.get("status", b"null")) not in self.form["states"]:
            return None
        return id, encode(Kept(None, Raw(answer), _asked(self.form, fields_of(self.body))))

    def loss(self) -> Loss:
        """What is said where it could not be kept."""
        return Loss(self.form["unless"], f"{self._name}:kept", "the answer could not be kept")

    def _streamed(self, out: bytes) -> bytes:
        """The answer that the last frames of a stream hold."""
        stream, rules = dialect(self._name).stream, dialect(self._name).rules
        for _, frame in reversed(FRAMINGS[rules.STREAM["framing"]].reader().feed(out)):
            if (found := given(fields_of(frame).get(stream.FRAMES.answer))) is not None:
                return bytes(found)
        return b"{}"


def gone_on(name: str, body: bytes, kept: Kept) -> bytes:
    """A request that goes on from an answer, with all that was said before it."""
    known, fields = form(name), fields_of(body)
    answered = _items_of(fields_of(kept.answer)[known["answered"]])
    del fields[known["previous"]["field"]]
    fields[known["asked"]] = Raw(encode([*kept.items, *answered, *_asked(known, fields)]))
    return encode(fields)


def _asked(known: Mapping[str, Any], fields: Mapping[str, Raw]) -> list[Raw]:
    """The items of a request."""
    asked = given(fields.get(known["asked"]))
    if asked is None:
        return []
    if memoryview(asked)[0] != ord('"'):
        return _items_of(asked)
    return [Raw(encode({key: asked if value == "{}" else value for key, value in known["bare"].items()}))]


# what is asked of them


def unknown(name: str, id: str) -> c.Error:
    return c.Error("invalid_request", form(name)["unknown"].replace("{id}", id), status=404)


def _unknown_previous(known: Mapping[str, str], id: str) -> c.Error:
    message = known["unknown"].replace("{id}", id)
    return c.Error("invalid_request", message, code=known["code"], param=known["field"], status=400)


def uncancelled(name: str) -> c.Error:
    return c.Error("invalid_request", form(name)["cancel"]["refused"], status=400)


def deleted(name: str, id: str) -> bytes:
    return encode({"id": id, **form(name)["deleted"]})


def page(name: str, id: str, kept: Kept, query: Mapping[str, str]) -> bytes:
    """What an answer was asked, a page of it. Raises Refused where the query makes no sense."""
    items = _listed(form(name), id, kept.items)
    if (order := query.get("order", "desc")) not in ("asc", "desc"):
        raise Refused(c.Error("invalid_request", f"order: `{order}` is neither asc nor desc", param="order"))
    if order == "desc":
        items.reverse()
    limit = query.get("limit", str(LISTED))
    if not limit.isdecimal() or not 1 <= int(limit) <= LISTED_MOST:
        message = f"limit: `{limit}` is no number from 1 to {LISTED_MOST}"
        raise Refused(c.Error("invalid_request", message, param="limit"))
    if (after := query.get("after")) is not None:
        names = [item["id"] for item in items]
        if after not in names:
            raise Refused(c.Error("invalid_request", f"after: no item here has the id `{after}`", param="after"))
        items = items[names.index(after) + 1 :]
    shown = items[: int(limit)]
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {"first_id": "", "last_id": ""}
    return encode({"object": "list", "data": shown, **ends, "has_more": len(items) > len(shown)})


def _listed(known: Mapping[str, Any], id: str, items: list[Raw]) -> list[dict[str, Any]]:
    """Items in full, with an id that is the same whenever they are listed."""
    found = []
    for number, raw in enumerate(items):
        item = _decode(raw)
        least = {key: _numbered(value, id, number) for key, value in known["item"].items()}
        item = {**least, **{key: value for key, value in item.items() if value is not None}}
        if isinstance(text := item.get("content"), str):
            texts = known["texts"]
            item["content"] = [{"type": texts.get(item.get("role"), texts["*"]), "text": text}]
        found.append(item)
    return found


def _numbered(text: str, id: str, number: int) -> str:
    return text.replace("{id}", f"{id.rpartition('_')[2]}_{number}")
