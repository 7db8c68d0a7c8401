"""Why a number of a run is what it is, in one line: with the names of the nodes, then with their numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run
from ..errors import GraphlabError
from ..ops.explanation import Origin, Term
from ..ops.explanation_text import Explanation, figure, in_numbers, in_symbols
from ..ops.places import bracketed

Array = npt.NDArray[Any]
LONGEST = 64  # letters of the names; beyond, the numbers alone are told
KEPT = 8  # terms that are looked at one by one


def because(run: Run, name: str, array: Array, kind: str = "value") -> tuple[tuple[int, ...], str] | None:
    """(which element, "a + b = 2 + 1") for the one number, or the largest of an array.

    None where nothing is to be said: the number is fed, learnt, or (in an array) just handed on.
    """
    if not array.size:
        return None
    at = tuple(int(i) for i in np.unravel_index(int(np.abs(np.nan_to_num(array)).argmax()), array.shape))
    try:
        found = run.explain(name, at, kind, KEPT)
    except GraphlabError:
        return None
    if not np.isfinite(found.shown):
        return None
    origin = found.term.origin
    if not found.term.parts:
        return (at, name_of(origin, run)) if origin is not None and kind == "grad" and not at else None
    term = _named(found.term, run, name)
    names, figures = in_symbols(term), _shortened(found)
    if names == figures or len(names) > LONGEST:
        return at, figures
    return at, f"{names} = {figures}"


def _shortened(found: Explanation) -> str:
    """The numbers with four figures each, as everywhere in a story."""
    return re.sub(r"\d+\.\d+(?:e[−+]?\d+)?", lambda match: _four(match[0]), in_numbers(found.term))


def _four(text: str) -> str:
    return f"{float(text.replace('−', '-')):.4g}".replace("-", "−")


def _named(term: Term, run: Run, asked: str) -> Term:
    """The term with its elements called by the nodes that they are of, and slopes by what changes with what.

    `asked`: what the number that is explained is called.
    """
    parts = tuple(_named(part, run, asked) for part in term.parts)
    symbols = term.symbols
    for before, after in zip(term.parts, parts, strict=True):
        if before.label and before.how == "element":
            symbols = re.sub(
                rf"(?<![\w∂]){re.escape(before.label)}(?![^\W²³]|\[)", partial(_literally, after), symbols
            )
    label = term.label
    if term.origin is not None:
        label = name_of(term.origin, run)
    elif term.how == "element":
        label = ""  # a number that was typed into the node
    if term.how == "product":
        parts = _with_slopes(term, parts, run, asked)
    return replace(term, parts=parts, label=label, symbols=symbols)


def _literally(part: Term, _: re.Match[str]) -> str:
    return part.label or figure(part.value)


def _with_slopes(term: Term, parts: tuple[Term, ...], run: Run, asked: str) -> tuple[Term, ...]:
    """ "∂y/∂x" beside a gradient of act is "∂act/∂x"; x is what was asked about."""
    behind = next((part.origin.node for part in term.parts if part.origin and part.origin.kind == "grad"), "")
    node = run.plan.nodes.get(behind)
    if node is None:
        return parts
    return tuple(
        replace(part, label=f"∂{node.path}/∂{asked}") if re.fullmatch(r"∂\w+/∂\w+", part.label) else part
        for part in parts
    )


def name_of(origin: Origin, run: Run) -> str:
    """ "hidden.weight[3, 1]"; of a node's only output without its name: "hidden[0, 3]"; a gradient is "∂hidden"."""
    node = run.plan.nodes.get(origin.node)
    path = node.path if node is not None else origin.node
    is_only = node is not None and run.plan.op(origin.node).results() == (origin.name,)
    socket = "" if is_only else f".{origin.name}"
    return f"{'' if origin.kind == 'value' else '∂'}{path}{socket}{bracketed(origin.index)}"
