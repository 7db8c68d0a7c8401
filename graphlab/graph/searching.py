"""Searches as people write them: a text and a space become one, if the document has that and takes those values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from ..errors import GraphlabError, ParamError, SettingsError
from .applying import apply, with_op
from .document import Document
from .groups import put, sheet
from .searched import place_of, with_search, with_sweep_settings, without_search
from .spaces import as_space, space_text
from .sweep import Search, Space
from .targets import Target, end_of, taken, target_of, targets, text_of


def search_of(document: Document, text: str, space: Space | str | Sequence[Any]) -> Search:
    """The search that a text and a space (or its text, or its values) mean.

    Raises:
        UnknownNodeError, ParamError: there is no such node, or it has nothing of that name.
        SettingsError: there is no such training setting, or the space is none, empty, or does not fit.
    """
    target = target_of(document, *end_of(document, text))
    return Search(target.node, target.name, fitted(document, target, as_space(space)))


def read_search(document: Document, text: str) -> Search:
    """The search that "hidden.units=8,16,32" means; names of nodes may hold equals signs. The errors of `search_of`."""
    cuts = [k for k, letter in enumerate(text) if letter == "="]
    if not cuts:
        raise SettingsError(f"'{text}' names no values.", hint="Write hidden.units=8,16,32.")
    for cut in cuts[1:]:
        try:
            return search_of(document, text[:cut], text[cut + 1 :])
        except GraphlabError:
            continue
    return search_of(document, text[: cuts[0]], text[cuts[0] + 1 :])


def target_text(document: Document, search: Search) -> str:
    """What people write for what is searched: "hidden.units", "lr". Ids where names are gone."""
    return text_of(document, search.node, search.name)


def fitted(document: Document, target: Target, space: Space) -> Space:
    """The space with its values as the target has them. SettingsError, ParamError: it does not take one of them."""
    if space.kind in ("list", "choice"):
        values = tuple(checked(document, target, value) for value in space.values)
        return dataclasses.replace(space, values=values)
    if not target.is_number:
        raise SettingsError(f"{target.text} is no number, so it has no range.", hint=_example(target))
    if target.is_whole and space.kind != "integer":
        space = _whole(target, space)
    cast = int if space.kind == "integer" else float
    for end in (space.low, space.high):
        checked(document, target, cast(end))
    return space


def _whole(target: Target, space: Space) -> Space:
    """A range between whole numbers as one of whole numbers. SettingsError: its ends are none."""
    if not (space.low.is_integer() and space.high.is_integer()):
        raise SettingsError(
            f"{target.text} takes whole numbers, and {space_text(space)} has others.",
            hint=f"Write such as {target.text}=int:{math.ceil(space.low)}:{math.floor(space.high)}.",
        )
    return Space("integer", (), space.low, space.high, log=space.is_log)


def checked(document: Document, target: Target, value: Any) -> Any:
    """A value of a finite space as a file can hold it. ParamError, SettingsError: the target does not take it."""
    if target.is_op:
        definition, node_id = place_of(target.node)
        there, name = with_op(sheet(document, definition), node_id, value)
        if definition:
            put(document, definition, there)  # GraphError: the group would contain itself
        return name
    found = taken(target.param, value, target.text, ParamError if target.node else SettingsError)
    return value if isinstance(found, tuple) else found


def fault(document: Document, search: Search) -> str:
    """Why a search cannot be tried now; "" when it can."""
    try:
        fitted(document, target_of(document, search.node, search.name), search.space)
    except GraphlabError as error:
        return str(error)
    return ""


def _example(target: Target) -> str:
    words = target.param.choices[:2] if target.param.choices else ("ReLU", "Tanh")
    values = "true,false" if target.param.kind == "bool" else ",".join(words)
    return f"Name what it may be, such as {target.text}={values}."


__all__ = [
    "apply",
    "checked",
    "fault",
    "fitted",
    "read_search",
    "search_of",
    "target_text",
    "targets",
    "with_search",
    "with_sweep_settings",
    "without_search",
]
