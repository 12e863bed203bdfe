"""Answers that are kept for who asked for them: found again by their id, gone on from, listed, deleted.

What is kept is bytes, whose form is this gateway's own; where they are kept is the shell's. The dialect's mapping says
under `http: kept` by which fields it speaks of them. An answer that its upstream keeps itself is known here by the account
alone: whoever asks for it is sent there.

Of a conversation each answer has what was new, and the ids of what it goes on from. Those live as long as it does; one
that was deleted is not found any more, but stays for as long as another goes on from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from generated import canonical as c
from generated.providers import PROVIDERS
from runtime.core.bound import Owner
from runtime.core.catalogue import dialect
from runtime.core.context import Loss
from runtime.core.forms import encode, fields_of
from runtime.core.framing import FRAMINGS
from runtime.core.primitives import given
from runtime.core.translate import Refused

LISTED, LISTED_MOST = 20, 100  # items of a page
LINKS = 16  # of an answer to those before it: a conversation is read in so few steps, and no answer grows with it
_items_of = msgspec.json.Decoder(list[Raw]).decode
_decode = msgspec.json.decode


class Kept(msgspec.Struct, omit_defaults=True):
    """An answer as its client got it, or an item of one; or who has it."""

    owner: Owner | None = None
    value: Raw = Raw(b"null")
    items: list[Raw] | None = None  # what an answer answers, without what was said before it
    before: list[str] = []  # the last LINKS answers that it goes on from, the oldest first
    gone: bool = False  # it was deleted, and is only here for those that go on from it


read = msgspec.json.Decoder(Kept).decode
Found = Mapping[str, Kept | None]  # by id: what is named, and what that goes on from


def without(kept: Kept) -> bytes:
    """What stays of an answer that was deleted."""
    return encode(msgspec.structs.replace(kept, gone=True))


def missing(found: Found) -> list[str]:
    """What is still to be looked for, to know all that was said."""
    links = [id for kept in found.values() if kept is not None for id in kept.before]
    return [id for id in dict.fromkeys(links) if id not in found]


def there(found: Found, id: str) -> Kept | None:
    """What has this id, if it may be found."""
    kept = found.get(id)
    return None if kept is None or kept.gone else kept


def _turns(found: Found, id: str) -> list[str] | None:
    """The answers of a conversation up to this, the oldest first; None where one is missing."""
    turns = [id]
    while (first := found.get(turns[0])) is not None and first.before:
        turns[:0] = first.before
    return turns if all((turn := found.get(one)) is not None and turn.items is not None for one in turns) else None


def form(name: str) -> dict[str, Any] | None:
    """How a dialect speaks of answers that are kept; None if it does not."""
    return dialect(name).http.get("kept")


def named(name: str, body: bytes) -> list[str]:
    """The ids of what a request goes on from: an answer, and items of any."""
    if (known := form(name)) is None or not any(
        word.encode() in body for word in (known["previous"]["field"], known["reference"]["type"])
    ):
        return []
    try:
        fields = fields_of(body)
        found = [_previous(known, fields), *(_reference(known, item) for item in _asked(known, fields))]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []  # whoever reads the whole says what is wrong with it
    return [id for id in found if id is not None]


def keeps(provider: str, name: str) -> bool:
    """Whether a provider keeps the answers in a dialect itself, and has them found again."""
    return (kept := form(name)) is not None and kept["path"] in PROVIDERS[provider].get("passes", {}).get(name, ())


class Keeping:
    """What is to become of the answer to a request: `body` is what an upstream is asked."""

    def __init__(self, name: str, body: bytes, whose: str, found: Found) -> None:
        """Raises Refused where something that the request goes on from is not found."""
        self.form, self.whose = form(name), whose
        self.owner: Owner | None = None  # of what it goes on from: nobody else knows that
        self.after: list[str] = []  # the answers it goes on from that are kept here, the oldest first
        self._new: list[Raw] | None = None  # what it asks beside what they said
        self.said: dict[str, Any] = {}  # by the answer, of this
        self._name = name
        unless = self.form["unless"]
        self.wanted = f'"{unless}"'.encode() not in body or _decode(fields_of(body).get(unless, b"null")) is not False
        self.body = self._whole(body, found) if found else body
        if self.wanted:
            self.said[unless] = True

    def _whole(self, body: bytes, found: Found) -> bytes:
        """The request with all that it goes on from; what somebody else has is only named."""
        known, fields, before = self.form, fields_of(body), []
        field, asked = known["previous"]["field"], _asked(known, fields)
        if (id := _previous(known, fields)) is not None:
            earlier, turns = there(found, id), _turns(found, id)
            if earlier is None or earlier.owner is None and turns is None:
                raise Refused(_unknown(known["previous"], id, 400, field))
            self.said[field], self.owner = id, earlier.owner
            if self.owner is None:
                del fields[field]
                self.after, before = turns, _said(known, found, turns)
        items = self._new = [self._item(item, found) for item in asked]
        if not before and items == asked:
            return body
        fields[known["asked"]] = Raw(encode([*before, *items]))
        return encode(fields)

    def _item(self, item: Raw, found: Found) -> Raw:
        if (id := _reference(self.form, item)) is None:
            return item
        if (named := there(found, id)) is None:
            raise Refused(_unknown(self.form["reference"], id, 404, self.form["asked"]))
        if named.owner is not None:
            self.owner = self.owner or named.owner
            return item
        return named.value

    def records(self, answer: bytes, streamed: bool, provider: str, spoken: str, owner: Owner) -> dict[str, bytes]:
        """What is to be kept by its id: the answer first, and each of its items; nothing, if nobody shall find it again.

        `owner` is the account that answered, in the dialect `spoken`.
        """
        answer = self._streamed(answer) if streamed else answer
        fields = fields_of(answer)
        if not isinstance(id := _decode(fields.get("id", b"null")), str):
            return {}
        items = {name: item for item in _answered(self.form, answer) if (name := _id(item)) is not None}
        if spoken == self._name and keeps(provider, spoken):
            return dict.fromkeys((id, *items), encode(Kept(owner)))
        if any(_decode(fields.get(field, b"null")) not in words for field, words in self.form["states"].items()):
            return {}
        new = _asked(self.form, fields_of(self.body)) if self._new is None else self._new
        whole = Kept(None, Raw(answer), new, self.after[-LINKS:])
        return {id: encode(whole), **{name: encode(Kept(None, item)) for name, item in items.items()}}

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


def _asked(known: Mapping[str, Any], fields: Mapping[str, Raw]) -> list[Raw]:
    """The items of a request."""
    asked = given(fields.get(known["asked"]))
    if asked is None:
        return []
    if memoryview(asked)[0] != ord('"'):
        return _items_of(asked)
    return [Raw(encode({key: asked if value == "{}" else value for key, value in known["bare"].items()}))]


def _answered(known: Mapping[str, Any], answer: bytes | Raw) -> list[Raw]:
    """The items of an answer."""
    items = given(fields_of(answer).get(known["answered"]))
    return [] if items is None else _items_of(items)


def _said(known: Mapping[str, Any], found: Found, turns: list[str]) -> list[Raw]:
    """All that was said in these."""
    kept = [found[turn] for turn in turns]
    return [item for one in kept for item in (*one.items, *_answered(known, one.value))]


def _previous(known: Mapping[str, Any], fields: Mapping[str, Raw]) -> str | None:
    id = _decode(fields.get(known["previous"]["field"], b"null"))
    return id if isinstance(id, str) else None


def _reference(known: Mapping[str, Any], item: Raw) -> str | None:
    """The id of the item that this stands for."""
    kind = known["reference"]["type"]
    if kind.encode() not in bytes(item) or _decode(fields_of(item).get("type", b"null")) != kind:
        return None
    return _id(item)


def _id(item: Raw) -> str | None:
    id = _decode(fields_of(item).get("id", b"null"))
    return id if isinstance(id, str) else None


# what is asked of them


def unknown(name: str, id: str) -> c.Error:
    return _unknown(form(name), id, 404)


def _unknown(known: Mapping[str, str], id: str, status: int, field: str | None = None) -> c.Error:
    message = known["unknown"].replace("{id}", id)
    return c.Error("invalid_request", message, code=known.get("code"), param=field, status=status)


def ids(name: str, id: str, kept: Kept) -> list[str]:
    """All that goes with an answer."""
    found = [] if kept.owner is not None else [_id(item) for item in _answered(form(name), kept.value)]
    return [id, *(one for one in found if one is not None)]


def uncancelled(name: str) -> c.Error:
    return c.Error("invalid_request", form(name)["cancel"]["refused"], status=400)


def deleted(name: str, id: str) -> bytes:
    return encode({"id": id, **form(name)["deleted"]})


def page(name: str, id: str, found: Found, query: Mapping[str, str]) -> bytes:
    """What an answer was asked, a page of it. Raises Refused where the query makes no sense."""
    if (turns := _turns(found, id)) is None:
        raise Refused(unknown(name, id))
    items = _listed(form(name), id, [*_said(form(name), found, turns[:-1]), *found[id].items])
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
