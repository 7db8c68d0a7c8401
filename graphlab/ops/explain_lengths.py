"""How lengths and distances explain their numbers: (Σ |x|ᵖ)^(1/p), of numbers or of differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .explanation import Array, Elements, Term, call, minus, number, rest, sum_of_products, total


def length_of(found: Elements, p: float, keep: int) -> Term:
    """The length of a vector of those elements."""
    return _rooted(found.term, found.values, p, keep)


def distance_of(a: Elements, b: Elements, p: float, keep: int, eps: float = 0.0) -> Term:
    """The length of the difference of two vectors; `eps` is added to each difference."""
    extra = [number(eps, "ε")] if eps else []

    def apart(k: int) -> Term:
        return total([a.term(k), minus(b.term(k)), *extra])

    return _rooted(apart, a.values - b.values + eps, p, keep)


def cosine_of(a: Elements, b: Elements, least: float, keep: int) -> Term:
    """The product of two vectors over the product of their lengths, neither of which counts less than `least`."""
    sizes = []
    for found, name in ((a, "‖x₁‖"), (b, "‖x₂‖")):
        size = length_of(found, 2.0, keep).called(name)
        sizes.append(size if size.value >= least else number(least, "ε"))
    product = sum_of_products((a, b), keep=keep)
    above = product if product.how == "sum" else total([product])
    return above.called("x₁·x₂") / (sizes[0] * sizes[1])


def _rooted(inner: Callable[[int], Term], values: Array, p: float, keep: int) -> Term:
    """The p-th root of the sum of p-th powers, the largest told one by one."""
    worth = np.abs(values) ** p
    order = np.argsort(-worth, kind="stable")
    parts = [_powered(inner(int(k)), p) for k in order[:keep]]
    if len(order) > keep:
        parts.append(rest(float(worth[order[keep:]].sum()), len(order) - keep))
    whole = total(parts)
    if p == 1:
        return whole
    return call("√", whole) if p == 2 else whole ** (number(1.0) / number(p, "p"))


def _powered(term: Term, p: float) -> Term:
    if p in (1, 2):
        return call("abs" if p == 1 else "square", term)
    return call("abs", term) ** number(p, "p")
