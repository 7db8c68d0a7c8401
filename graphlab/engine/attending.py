"""Which values of a flat graph say where to look: weights of attention, one row for each query, that sum to 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..ops import Spec
from .flatten import End, FlatNode
from .unrolling import copy_of, step_of

PRODUCTS = ("MatMul", "Einsum")
SHARING = ("Softmax", "MaskedSoftmax")  # what makes shares of scores
PASSING = (
    "Dropout",
    "Mul",
    "Reshape",
    "Unsqueeze",
    "Squeeze",
    "Transpose",
)  # between the weights and the product


class Attention(NamedTuple):
    """The weights, and what looks at what: ends on which queries and keys depend, where that can be told.

    Of a cell that is repeated it is the first copy's; `steps_of` has all.
    """

    weights: End
    query: End | None
    key: End | None


def attentions(nodes: Mapping[str, FlatNode], specs: Mapping[End, Spec]) -> Iterator[Attention]:
    """Those of nodes that give `weights`, and of a softmax over the last axis by which a product mixes something."""
    mixing = _mixing(nodes)
    for key, node in nodes.items():
        if node.op is None:
            continue
        gives = node.op.category == "Attention" and (key, "weights") in specs
        shares = key in mixing and node.op_name in SHARING and _is_of_last_axis(node, specs.get((key, "y")))
        if not (gives or shares) or not _is_first(key):
            continue
        query = node.inputs.get("query")
        ends = (query, node.inputs.get("key", query)) if gives else _scored(nodes, node)
        yield Attention((key, "weights" if gives else "y"), *ends)


def _is_first(key: str) -> bool:
    """Whether it stands in no copy of a repeated cell but the first."""
    place = step_of(key)
    return place is None or not place[1]


def _mixing(nodes: Mapping[str, FlatNode]) -> set[str]:
    """The nodes whose value goes into a product of matrices, as it is or in part."""
    found: set[str] = set()
    for key, node in reversed(list(nodes.items())):
        if node.op_name in PRODUCTS or (node.op_name in PASSING and key in found):
            found.update(source for source, _ in node.inputs.values())
    return found


def _is_of_last_axis(node: FlatNode, spec: Spec | None) -> bool:
    """Whether each row of rows is a distribution: …×queries×keys; in a cell that is repeated, N×keys at each step."""
    assert node.op is not None
    least = 3 if step_of(node.key) is None else 2
    return spec is not None and spec.ndim >= least and node.op.params.get("dim", -1) in (-1, spec.ndim - 1)


def _scored(nodes: Mapping[str, FlatNode], node: FlatNode) -> tuple[End | None, End | None]:
    """What was multiplied to get the scores, queries and keys; None where they are no such product."""
    here: FlatNode | None = node
    while here is not None:
        wired = list(here.inputs.values())
        if here.op_name in (*PRODUCTS, "AttentionScores") and len(wired) == 2:
            return wired[0], wired[1]
        here = nodes.get(wired[0][0]) if wired else None  # scaled, masked, reshaped
    return None, None


def steps_of(nodes: Mapping[str, FlatNode], end: End) -> list[End]:
    """The end of the first copy of a cell, and its likes in the copies after it; of any other end that alone."""
    place = step_of(end[0])
    if place is None:
        return [end]
    unroll, _, inner = place
    found, step = [], 0
    while (key := f"{copy_of(unroll, step)}{inner}") in nodes:
        found.append((key, end[1]))
        step += 1
    return found
