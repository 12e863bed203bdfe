"""The base classes of generated structs. What they hold is a tree, so nothing of it is looked through for cycles."""

from typing import ClassVar

import msgspec


class Strict(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A wire type. What it does not know makes decoding fail; the tolerant second walk then finds and keeps it."""

    untagged: ClassVar[bool] = False  # whether it may come without its tag


class Canonical(msgspec.Struct, omit_defaults=True, gc=False):
    """A canonical type. An absent field is None."""
