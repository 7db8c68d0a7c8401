"""Which parts there are, and how one gets into a document: as a group, once, however often it is used."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...errors import ParamError, UnknownNodeError
from ...ops.unroll import carried_by_name
from ..document import Document, Node, Point
from ..graph import Graph
from ..groups import add_use, checked, set_setting, sockets_of
from ..guests import take_in
from ..naming import free_name

Draw = Callable[[Graph], None]
_GUEST = "g0"  # no group of a document has that id


@dataclass(frozen=True)
class Part:
    """One of them. `key`: a word for commands and files; `title`: what the group is called; `about`: its help.

    `family`: the heading that it stands under, which comes after the operations of the category `beside`. `formula`:
    what it computes, in a line. `year`: when it was published; in a family those that have one come in that order.
    `takes`, `gives`: its sockets, where they are known without drawing it: of large ones, so that they can be offered.
    `axes`: how many axes what it takes has, where that is always the same; 4 are pictures N×C×H×W.
    """

    key: str
    title: str
    family: str
    beside: str
    formula: str
    about: str
    synonyms: tuple[str, ...]
    draw: Draw
    year: int = 0
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    axes: int = 0

    @property
    def document(self) -> Document:
        """What is inside, as a sheet with ports; groups that it uses are among its definitions."""
        return _drawn(self.draw, self.title)

    @property
    def sockets(self) -> dict[str, tuple[str, ...]]:
        """What a use of it takes and gives."""
        return {"takes": self.takes, "gives": self.gives} if self.takes else sockets_of(self.document)

    @property
    def is_cell(self) -> bool:
        """Whether it can be repeated along a sequence: one of its outputs becomes one of its inputs."""
        return bool(carried_by_name(**self.sockets))


_shelf: dict[str, Part] = {}


def part(
    key: str,
    title: str,
    family: str,
    beside: str,
    formula: str,
    synonyms: tuple[str, ...] = (),
    year: int = 0,
    takes: tuple[str, ...] = (),
    gives: tuple[str, ...] = (),
    axes: int = 0,
) -> Callable[[Draw], Draw]:
    """Decorator: the function draws the part into an empty graph, its docstring is the help."""

    def enter(draw: Draw) -> Draw:
        about = inspect.getdoc(draw) or ""
        _shelf[key] = Part(
            key, title, family, beside, formula, about, synonyms, draw, year, takes, gives, axes
        )
        return draw

    return enter


@cache
def _drawn(draw: Draw, title: str) -> Document:
    graph = Graph(title)
    draw(graph)
    return graph.document


@cache
def parts() -> Mapping[str, Part]:
    """All parts by key, in the order in which they are offered."""
    package = __package__ or ""
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(found.name)
    return {each.key: each for each in sorted(_shelf.values(), key=lambda each: each.year)}


def named(key: str) -> Part:
    """The part of that key, or of that title. UnknownNodeError, with the nearest key, for none."""
    found = parts()
    if key in found:
        return found[key]
    for each in found.values():
        if each.title.lower() == key.lower():
            return each
    near = difflib.get_close_matches(key.lower(), found, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(found)}."
    raise UnknownNodeError(f"There is no part '{key}'.", hint=hint)


def definition(document: Document, key: str) -> tuple[Document, str]:
    """The document with that part among its groups, and the group's id. UnknownNodeError.

    A group that is the part, whatever it is called by now, is taken; one that was changed inside is somebody's own, and
    the part comes in beside it.
    """
    return taken(document, named(key).document)


def taken(document: Document, guest: Document) -> tuple[Document, str]:
    """The document with that sheet among its groups, as `definition` takes a part in, and the group's id."""
    for i, own in document.definitions.items():
        if (
            own.with_(name=guest.name, definitions={}) == guest.with_(definitions={})
            and not guest.definitions
        ):
            return document, i
    after, moved = take_in(document, {**guest.definitions, _GUEST: guest})
    if moved[_GUEST] in document.definitions:
        return after, moved[_GUEST]
    name = free_name({own.name for own in document.definitions.values()}, guest.name)
    document, moved = take_in(document, {**guest.definitions, _GUEST: guest.with_(name=name)})
    return document, moved[_GUEST]


def settings_among(part: Part, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a part's settings that are given. ParamError for a word that is neither a setting nor a socket of it."""
    known, sockets = part.document.promoted, part.sockets["takes"]
    for word in given:
        if word not in known and word not in sockets:
            raise ParamError(
                f"{part.title} has no setting or socket '{word}'.",
                hint=f"It has: {', '.join((*known, *sockets))}.",
            )
    return {word: value for word, value in given.items() if word in known}


def add(
    document: Document, key: str, place: Point, name: str | None = None, **settings: object
) -> tuple[Document, Node]:
    """With one more use of a part, as a node. UnknownNodeError, ParamError, NameTakenError.

    `settings`: what the part lets a use set, such as hidden=64.
    """
    return add_sheet(document, named(key).document, place, name, **settings)


def add_sheet(
    document: Document, guest: Document, place: Point, name: str | None = None, **settings: object
) -> tuple[Document, Node]:
    """The same of a sheet with ports that is no part by itself, such as a stage of a network."""
    document, found = taken(document, guest)
    document, node = add_use(document, found, place, name)
    for setting, value in settings.items():
        document = set_setting(document, node.id, setting, value)
    return checked(document), document.nodes[node.id]
