"""A trial's values put into a document: what stands where, then params and settings, then how often in a row."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import GraphError, SettingsError, UnknownOpError
from ..ops import get, known, names
from . import edits, groups, parts, promoting, rewire, swapping, targets
from .document import Document, Edge, Node
from .groups import definition_of, is_use, sheet
from .in_row import in_row
from .searched import place_of
from .sweep import COPIES, OP, ROWS

_LEFT = (ROWS, "seed")  # what the training is told, and no document holds


def apply(document: Document, values: Mapping[str, Any]) -> Document:
    """The document with those values, by the text of what is searched: {"hidden.units": 16, "lr": 0.01}.

    `rows` and `seed` are checked, and leave it as it is. What the operation chosen for a node does not have (the slope
    of a ReLU) is passed over. The document's own values give the same network. GraphlabError: a value is impossible.
    """
    found = {targets.end_of(document, text): value for text, value in values.items()}
    settings = {name: _setting(name, value) for (node, name), value in found.items() if not node}
    document = edits.configure(document, **{n: v for n, v in settings.items() if n not in _LEFT})
    by_node: dict[str, dict[str, Any]] = {}
    for (node, name), value in found.items():
        if node:
            by_node.setdefault(node, {})[name] = value
    for node, given in by_node.items():
        for name in given:
            if OP not in given:
                targets.target_of(document, node, name)  # ParamError: there is nothing such
    order = {definition: k for k, definition in enumerate(groups.inner_first(document))}
    inner_first = sorted(by_node.items(), key=lambda item: order[place_of(item[0])[0]])
    for step in (_choose, _set, _repeat):
        for node, given in inner_first:
            document = _within(document, node, step, given)
    return document


def _setting(name: str, value: Any) -> Any:
    return targets.taken(targets.setting_param(name), value, name, SettingsError)


def _within(
    document: Document,
    node: str,
    step: Callable[[Document, Node, dict[str, Any]], Document],
    given: dict[str, Any],
) -> Document:
    """With a step done on the sheet that the node stands on."""
    definition, node_id = place_of(node)
    there = sheet(document, definition)
    changed = step(there, there.node(node_id), given)
    return document if changed is there else groups.put(document, definition, changed)


def _choose(there: Document, node: Node, given: dict[str, Any]) -> Document:
    return with_op(there, node.id, given[OP])[0] if _has(there, node, given, OP) else there


def _set(there: Document, node: Node, given: dict[str, Any]) -> Document:
    """With all params of a node at once, since some fit together only; and all settings of a group."""
    own = targets.params_of(node)
    inner = definition_of(there, node) if is_use(node) else None
    params = {n: targets.taken(own[n], value, f"{node.name}.{n}") for n, value in given.items() if n in own}
    now = node.make().params if params else {}
    params = {name: value for name, value in params.items() if not _same(value, now[name])}
    there = edits.set_params(there, node.id, params) if params else there
    if inner is None:
        return there
    settings = {n: value for n, value in given.items() if n in inner.promoted and n not in own}
    others = _others(there, inner, node, settings)
    return groups.set_settings(there, node.id, others) if others else there


def _others(there: Document, inner: Document, node: Node, settings: dict[str, Any]) -> dict[str, Any]:
    """Those settings of a group that are other than what they are now."""
    now, found = groups.settings_of(there, node), {}
    for name, value in settings.items():
        end = promoting.sets(inner, name)[0]
        param = promoting.param_of(inner, end.node, end.param)
        plain = targets.plain_value(param, value)
        if not _same(plain, now.get(name)):
            found[name] = plain
    return found


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _repeat(there: Document, node: Node, given: dict[str, Any]) -> Document:
    if not _has(there, node, given, COPIES):
        return there
    return in_row(there, node.id, targets.taken(targets.COUNT, given[COPIES], f"{node.name}.{COPIES}"))


def _has(there: Document, node: Node, given: dict[str, Any], name: str) -> bool:
    return name in given and targets.is_structure(there, node, name)


def with_op(there: Document, node_id: str, value: Any) -> tuple[Document, str]:
    """A sheet with that in the place of a node, and its name as it is kept.

    value: an operation, else the name (or id) of a group of the document, else the key of a ready-made part. Wires,
    and params of like name, stay; GraphError: it has no place for one of the wires. UnknownOpError: there is none.
    """
    node, word = there.node(node_id), str(value)
    if word == targets.what_stands(there, node):
        return there, word
    group = next((i for i, inner in there.definitions.items() if word in (i, inner.name)), "")
    if known(word):
        word = get(word).__name__
        after, lost = rewire.replace(there, node_id, word)
    elif group:
        word = there.definitions[group].name
        after, lost = (swapping.swap if is_use(node) else swapping.become)(there, node_id, group)
    else:
        word = _part(there, word)
        after, lost = swapping.swap_for_part(there, node_id, word)
    if lost:
        raise GraphError(
            f"{word} cannot stand at {node.name}: it has no place for {_told(there, lost)}.",
            hint="Take it off the list, or cut the wire.",
            node=node.name,
        )
    return after, word


def _part(there: Document, word: str) -> str:
    """The key of a part, by key or title. UnknownOpError, with the nearest operation, group or part, for none."""
    found = parts.parts()
    for key, each in found.items():
        if word.lower() in (key, each.title.lower()):
            return key
    words = {name.lower(): name for name in names()} | {key: key for key in found}
    words |= {inner.name.lower(): inner.name for inner in there.definitions.values()}
    near = [words[word.lower()]] if word.lower() in words else []
    near = near or [words[each] for each in difflib.get_close_matches(word.lower(), words, n=1)]
    raise UnknownOpError(
        f"There is no operation, group or part '{word}'.",
        hint=f"Did you mean {near[0]}?" if near else "`graphlab.ops` lists the operations.",
    )


def _told(there: Document, lost: tuple[Edge, ...]) -> str:
    edge = lost[0]
    wire = f"the wire {there.nodes[edge.source].name}.{edge.output} → {there.nodes[edge.target].name}.{edge.input}"
    return wire if len(lost) == 1 else f"{wire}, and {len(lost) - 1} more"
