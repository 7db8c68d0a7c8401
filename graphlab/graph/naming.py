"""Names of nodes: unique, readable, and safe to write as `node.socket`."""

from __future__ import annotations

import re
from collections.abc import Container

from ..errors import NameTakenError, ParamError
from ..ops import get, known
from .document import Document

LONGEST = 60
_PORTS = {"port in": "input", "port out": "output"}  # the name is that of the group's socket
_ID = re.compile(r"[nt]\d+")  # an id may be written wherever a name may, so the two must differ
_FORBIDDEN = re.compile(r"[./\\:\x00-\x1f\x7f\ud800-\udfff]|^\s|\s$")  # half characters cannot be saved


def check_name(document: Document, name: str, *, but: str = "") -> str:
    """The name, when node `but` (or a new node) may have it. ParamError, NameTakenError."""
    check_form(name)
    owner = document.ids_by_name.get(name)
    if owner is not None and owner != but:
        raise NameTakenError(
            f"There is a node '{name}' already.", hint=f"'{free_name(document.ids_by_name, name)}' is free."
        )
    return name


def check_form(name: str) -> None:
    """Returns quietly when a node can have that name at all. ParamError."""
    if not name or len(name) > LONGEST or _FORBIDDEN.search(name):
        raise ParamError(
            f"A node cannot be named {name[:LONGEST]!r}.",
            hint=f"A name has 1 to {LONGEST} characters, none of them a dot, slash, colon or line break.",
        )
    if _ID.fullmatch(name):
        raise ParamError(
            f"A node cannot be named {name}: such are the ids.", hint=f"'{name[0]}_{name[1:]}' is free."
        )


def default_name(document: Document, op: str) -> str:
    """A free name for a new node: the op's own word, numbered from the second on."""
    return free_name(document.ids_by_name, _word(op), document.taken_numbers)


def _word(op: str) -> str:
    if not known(op):
        return op.lower()
    cls = get(op)
    return "loss" if cls.scalar_loss else _PORTS.get(cls.role) or op.lower()


def free_name(taken: Container[str], wish: str, known: dict[str, int] | None = None) -> str:
    """`wish`, or `wish` with the smallest number that makes it free: hidden, hidden2, hidden3 …

    `known` says of beginnings up to which number all are taken, and is told what is found out.
    """
    if wish not in taken:
        return wish
    stem = re.sub(r"\d+$", "", wish) or wish
    known = {} if known is None else known
    number = known.get(stem, 1) + 1
    while f"{stem}{number}" in taken:
        number += 1
    known[stem] = number - 1
    return f"{stem}{number}"
