"""Which values of a flat graph say where to look: weights of attention, one row for each query, that sum to 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..ops import Spec
from .flatten import End, FlatNode

PRODUCTS = ("MatMul", "Einsum")
PASSING = ("Dropout", "Mul")  # between the weights and the product: what drops or masks some


class Attention(NamedTuple):
    """The weights, and what looks at what: ends on which queries and keys depend, where that can be told."""

    weights: End
    query: End | None
    key: End | None


def attentions(nodes: Mapping[str, FlatNode], specs: Mapping[End, Spec]) -> Iterator[Attention]:
    """Those of nodes that give `weights`, and of a softmax over the last axis by which a product mixes something."""
    mixing = _mixing(nodes)
    for key, node in nodes.items():
        if node.op is None:
            continue
        if node.op.category == "Attention" and (key, "weights") in specs:
            query = node.inputs.get("query")
            yield Attention((key, "weights"), query, node.inputs.get("key", query))
        elif key in mixing and node.op_name == "Softmax" and _is_of_last_axis(node, specs.get((key, "y"))):
            yield Attention((key, "y"), *_scored(nodes, node))


def _mixing(nodes: Mapping[str, FlatNode]) -> set[str]:
    """The nodes whose value goes into a product of matrices, as it is or in part."""
    found: set[str] = set()
    for key, node in reversed(list(nodes.items())):
        if node.op_name in PRODUCTS or (node.op_name in PASSING and key in found):
            found.update(source for source, _ in node.inputs.values())
    return found


def _is_of_last_axis(node: FlatNode, spec: Spec | None) -> bool:
    """Whether each row of rows is a distribution: …×queries×keys."""
    assert node.op is not None
    return spec is not None and spec.ndim >= 3 and node.op.params["dim"] in (-1, spec.ndim - 1)


def _scored(nodes: Mapping[str, FlatNode], node: FlatNode) -> tuple[End | None, End | None]:
    """What was multiplied to get the scores, queries and keys; None where they are no such product."""
    here: FlatNode | None = node
    while here is not None:
        wired = list(here.inputs.values())
        if here.op_name in PRODUCTS and len(wired) == 2:
            return wired[0], wired[1]
        here = nodes.get(wired[0][0]) if wired else None  # scaled, masked, reshaped
    return None, None
