"""Media as a wire takes them: in which forms, of which types, and what a file is by its name or its first bytes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generated import canonical as c

if TYPE_CHECKING:
    from runtime.core.context import Context

MEDIA = {c.Image: "image", c.Audio: "audio", c.Video: "video", c.Document: "document"}
SOURCES = {c.BytesSource: "bytes", c.UrlSource: "url", c.TextSource: "text", c.BoundRef: "bound"}
EXTENSIONS = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "heic": "image/heic", "wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac",
    "aac": "audio/aac", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mpeg": "video/mpeg",
    "pdf": "application/pdf", "txt": "text/plain", "html": "text/html", "csv": "text/csv", "md": "text/markdown",
}  # fmt: skip
# base64 of the first bytes of a file -> what it is
SIGNS = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "R0lGOD": "image/gif", "UklGR": "image/webp",
         "JVBERi0": "application/pdf", "SUQz": "audio/mpeg", "//uQ": "audio/mpeg", "//vQ": "audio/mpeg",
         "T2dnUw": "audio/ogg", "ZkxhQw": "audio/flac"}  # fmt: skip
WAVE = "QVZF"  # in the twelfth place, of a file that begins as a picture of WebP does


def usable(block: Any, grammar: Mapping[str, Any], ctx: Context) -> bool:
    """Media must come in a form that this wire takes; ids of kept files mean something to their vendor only."""
    if type(block) not in MEDIA:
        return True
    if ctx.source is not ctx.target:
        _known(block, grammar)
    kind, form = MEDIA[type(block)], SOURCES[type(block.source)]
    allowed = grammar.get("sources", {}).get(kind, (form,))
    foreign = form == "bound" and ctx.source is not ctx.target
    if form == "text" and kind == "document" or form in allowed and not foreign:
        return True
    if form == "url" and "bytes" in allowed and ctx.may_fetch(block.source.url):
        return _fetched(block, ctx)
    wanted = " or ".join(word for word in allowed if word != "bound") or "nothing"
    ctx.unusable(block, f"this {kind} must be given here as {wanted}, not as {_form(form)}")
    return False


def typed(block: Any, grammar: Mapping[str, Any], ctx: Context) -> None:
    """Media with a type, on a wire that tells by it what they are."""
    if (types := grammar.get("types")) is not None and type(block) in MEDIA and ctx.source is not ctx.target:
        _taken(block, types.get(MEDIA[type(block)]), ctx)
    usual = grammar.get("media")
    if usual is None or type(block) not in MEDIA or type(block.source) is c.TextSource:
        return
    source, kind = block.source, MEDIA[type(block)]
    given = source.media_type
    if given and (kind == "document" or given.startswith(kind + "/")):
        return
    if type(source) is c.BytesSource:
        found = kind_of(source.data)
    else:
        name = source.url if type(source) is c.UrlSource else source.id
        found = EXTENSIONS.get(name.partition("?")[0].rpartition(".")[2].lower())
    if found is None or kind != "document" and not found.startswith(kind + "/"):
        found = usual[kind]
        if not given:
            ctx.supplied(block, "source", f"its type is needed here: {found}")
    if given:
        ctx.rewritten(block, "source", f"its type is needed here: {found}")
    if kind == "document" and found.partition("/")[0] in usual:
        ctx.rewritten(block, "source", f"what its name stands for is sent: {found}")
    source.media_type = found


def _taken(block: Any, types: list[str] | None, ctx: Context) -> None:
    """Bytes of a type that this wire takes; what they are by their first ones counts more than what they are called."""
    source = block.source
    if types is None or type(source) is not c.BytesSource or source.media_type in types:
        return
    if source.media_type is None:
        source.media_type = types[0]
        ctx.supplied(block, "source", f"its type is needed here: {types[0]}")
    elif (found := kind_of(source.data)) in types:
        ctx.rewritten(block, "source", f"its first bytes say that it is {found}")
        source.media_type = found
    else:
        ctx.unusable(block, f"this {MEDIA[type(block)]} must be given here as {' or '.join(types)}")


def _fetched(block: Any, ctx: Context) -> bool:
    """A medium as the bytes that were behind its link; else these are asked for, and all is done once more with them."""
    url = block.source.url
    if (source := ctx.fetched.get(url)) is None:
        ctx.wanted.append(url)
        return True
    ctx.reworded(block, "a link is not taken here: what it leads to is sent")
    block.source = c.BytesSource(media_type=source.media_type, data=source.data)
    return True


def _text(data: str) -> c.TextSource | None:
    """What base64 says; None if it is none, or not of UTF-8."""
    try:
        return c.TextSource(text=b64decode(data, validate=True).decode())
    except ValueError:
        return None


def kind_of(data: str) -> str | None:
    """The media type of a file by its first bytes, of which this is the base64."""
    kind = next((kind for sign, kind in SIGNS.items() if data.startswith(sign)), None)
    return "audio/wav" if kind == "image/webp" and data[12:16] == WAVE else kind


def _known(block: Any, grammar: Mapping[str, Any]) -> None:
    """Bytes of an unnamed kind by their first ones; a document that is text as text, where the wire takes it so."""
    source = block.source
    if type(source) is c.UrlSource and kind_of(source.url):  # base64 alone, where a data URL is usual
        source = block.source = c.BytesSource(data=source.url)
    if type(source) is not c.BytesSource:
        return
    if source.media_type is None:
        source.media_type = kind_of(source.data)
    else:
        source.media_type = source.media_type.lower()
    if type(block) is c.Document and (source.media_type or "").startswith("text/"):
        if "text" in grammar.get("sources", {}).get("document", ()):
            block.source = _text(source.data) or source


def _form(form: str) -> str:
    return {"bound": "the id of a file kept at another vendor", "url": "a link", "text": "plain text"}.get(form, form)
