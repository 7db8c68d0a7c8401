"""How what is computed of rows explains its numbers: sums and means, exponentials, norms and normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .explaining import Call, Influence, Place
from .explanation import (
    Array,
    Elements,
    Term,
    call,
    elements,
    minus,
    number,
    plain,
    rest,
    sum_of_products,
    times,
    total,
)

EXTREME = 80.0  # an exponent beyond which the largest one is taken out first, so that nothing overflows


def alike(ndim: int, mixed: Sequence[int], names: Sequence[str]) -> list[Mapping[str, int]]:
    """For `Op.apart`: every axis but those is the same axis of all these arrays, and no two places on it are mixed."""
    gone = {axis % ndim for axis in mixed} if ndim else set()
    return [dict.fromkeys(names, axis) for axis in range(ndim) if axis not in gone]


def along(array: Array, at: Place, axes: Sequence[int]) -> list[int | slice]:
    """The index of the line (or block) along those axes that an element lies on."""
    gone = {axis % array.ndim for axis in axes}
    return [slice(None) if k in gone else i for k, i in enumerate(at)]


def sum_of(
    found: Elements, function: str, keep: int, shift: Term | None = None, is_minus: bool = False
) -> Term:
    """The sum of a function of each element (or of minus it), or of each less `shift`."""

    def inside(leaf: Term, centre: Term | None) -> Term:
        signed = minus(leaf) if is_minus else leaf
        return signed if centre is None else total([signed, minus(centre)])

    values = (-found.values if is_minus else found.values) - (0.0 if shift is None else shift.value)
    with np.errstate(all="ignore"):
        worth = {"exp": np.exp, "square": np.square, "abs": np.abs}[function](values)
    order = np.argsort(-worth, kind="stable")
    again = None if shift is None else number(shift.value, shift.label)  # how it came about is told once
    centres = [shift, *[again] * len(order)]
    parts = [call(function, inside(found.term(int(k)), centres[i])) for i, k in enumerate(order[:keep])]
    if len(order) > keep:
        parts.append(rest(float(worth[order[keep:]].sum()), len(order) - keep))
    return total(parts)


def product_of(found: Elements, keep: int) -> Term:
    """Their product; of many the first are told one by one, and what the others come to."""
    parts = [found.term(k) for k in range(min(len(found.values), keep))]
    if len(found.values) > keep:
        parts.append(rest(float(np.prod(found.values[keep:])), len(found.values) - keep))
    return parts[0] if len(parts) == 1 else times(*parts) if parts else total([number(1.0)])


def mean_of(found: Elements, keep: int, count: int | None = None) -> Term:
    """Their sum over how many they are."""
    n = len(found.values) if count is None else count
    return _as_sum(sum_of_products((found,), keep=keep)) / number(n)


def variance_of(found: Elements, keep: int, count: float | None = None, mean: Term | None = None) -> Term:
    """The mean square of what is left after the mean is taken away."""
    centre = mean_of(found, keep).called("μ") if mean is None else mean
    return sum_of(found, "square", keep, centre) / number(len(found.values) if count is None else count)


def exponentials(found: Elements, one: Term, keep: int, is_minus: bool = False) -> tuple[Term, Term]:
    """(the exponential of one of the elements, the sum of all); from both the largest is taken out if need be.

    With `is_minus`, of minus the elements.
    """
    largest = float((-found.values if is_minus else found.values).max())
    shift = number(largest, "max") if abs(largest) > EXTREME else None
    one = minus(one) if is_minus else one
    power = call("exp", one if shift is None else total([one, minus(shift)]))
    return power, sum_of(found, "exp", keep, shift, is_minus).called("Σ exp")


def log_of_sum(found: Elements, keep: int) -> Term:
    """The logarithm of the sum of exponentials."""
    largest = float(found.values.max())
    if not np.isfinite(largest) or abs(largest) <= EXTREME:
        return call("ln", sum_of(found, "exp", keep).called("Σ exp"))
    shift = number(largest, "max")
    return total([call("ln", sum_of(found, "exp", keep, shift).called("Σ exp")), shift])


def _as_sum(term: Term) -> Term:
    return term if term.how == "sum" else total([term])


# Normalisation


def normalised(
    call_of: Call,
    at: Place,
    members: Elements,
    eps: float,
    weight: Place,
    centred: bool = True,
    moments: tuple[Term, Term] | None = None,
) -> Term:
    """(x − μ) / √(σ² + ε) · weight + bias, μ and σ² of the members; without `centred` x / √(mean x² + ε) · weight.

    `moments`: μ and σ² where they are not those of the members.
    """
    x, keep = call_of.at("x", *at), call_of.keep
    if not centred:
        variance = (sum_of(members, "square", keep) / number(len(members.values))).called("mean x²")
        above = x
    else:
        mean = moments[0] if moments else mean_of(members, keep).called("μ")
        centre = number(mean.value, "μ")
        variance = moments[1] if moments else variance_of(members, keep, mean=centre).called("σ²")
        above = x - mean
    found = above / call("√", variance + number(eps, "ε"))
    if call_of.has("weight"):
        found = times(found, call_of.at("weight", *weight))
    return found + call_of.at("bias", *weight) if call_of.has("bias") else found


def normalised_influence(
    call_of: Call,
    at: Place,
    places: Array,
    eps: float,
    weights: Array,
    centred: bool = True,
    moments: tuple[Term, Term] | None = None,
) -> list[Influence]:
    """∂yⱼ/∂xᵢ = wⱼ · r · ([i = j] − 1/n − x̂ᵢ · x̂ⱼ / n), r = 1/√(σ² + ε), for all members j; `weights`: their w.

    With `moments` from elsewhere only the element itself is changed.
    """
    own = np.flatnonzero((places == np.array(at)).all(axis=1))
    if moments:
        rate = 1 / np.sqrt(moments[1].value + eps)
        return [Influence("y", places[own], (plain(weights[own] * rate, "∂y/∂x"),))]
    x = elements("x", call_of.array("x"), places).values
    centre = x.mean() if centred else 0.0
    rate = 1 / np.sqrt(np.mean((x - centre) ** 2) + eps)
    hat = (x - centre) * rate
    slopes = -(centred + hat[own] * hat) / len(x)
    slopes[own] += 1
    return [Influence("y", places, (plain(weights * rate * slopes, "∂y/∂x"),))]


def scaled_influence(socket: str, places: Array, hats: Array) -> list[Influence]:
    """What a weight (times x̂) or a bias of a normalisation changes."""
    return [Influence("y", places, (plain(hats, "x̂"),) if socket == "weight" else ())]
