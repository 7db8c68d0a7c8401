"""How losses explain their numbers: the loss of each example, then their mean or sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .explain_rows import log_of_sum
from .explaining import Call, Place, of_its_place, picked
from .explanation import Array, Elements, Term, made, minus, number, rest, times, total

if TYPE_CHECKING:
    from .loss import Loss

DETAILED = 12  # examples whose losses are taken apart, where that takes a pass each


def collected(op: Loss, call: Call, at: Place) -> Term:
    """Each example's loss explained by itself, the largest first, and how they become one number."""
    if op.reduction == "none":
        return op.explain_one(call, at)
    each = type(op)(**{**op.params, "reduction": "none"})
    specs = {name: _spec(array) for name, array in call.inputs.items()}
    found: Any = each.infer(**specs)
    shape = tuple(int(size) for size in found.shape)
    kept = Call(each, call.ctx, call.inputs, {"loss": np.zeros(shape, call.ctx.dtype)}, keep=call.keep)
    losses = kept.outputs["loss"] = kept.again()["loss"]
    worth, places = np.abs(losses.reshape(-1)), picked(shape, (slice(None),) * len(shape))
    keep = min(call.keep, call.keep if op.quick_to_explain else DETAILED)
    order = np.argsort(-worth, kind="stable")
    parts = [
        _named(each.explain_one(kept, tuple(int(i) for i in places[k])), places[k]) for k in order[:keep]
    ]
    if len(order) > keep:
        others = losses.reshape(-1)[order[keep:]]
        parts.append(rest(float(others.sum(dtype=np.float64)), len(others)))
    whole, divisor = total(parts), op.divisor(call, losses)
    return whole if divisor is None else whole / divisor


def _named(term: Term, place: Array) -> Term:
    """The loss of one example under its name."""
    name = f"loss[{', '.join(map(str, place))}]" if len(place) else "loss"
    return term.called(name) if term.parts else made("sum", [term], name)


def _spec(array: Array | None) -> Any:
    from .spec import Spec

    return None if array is None else Spec(array.shape, "int" if array.dtype.kind == "i" else "float")


def pointwise(call: Call, at: Place) -> Term:
    """The loss of one element, by the formula with its numbers put in."""
    return of_its_place(call, "loss", at, _of_one(call.op.formula), {"x": "input", "t": "target"})


def _of_one(formula: str) -> str:
    """What stands inside the mean or sum: "loss = mean((input − target)²) with …" → "(input − target)²"."""
    text = formula.partition("=")[2].partition(" with ")[0].strip()
    for front, back in (("mean(", ")"), ("Σ ", " / N")):
        text = text.removeprefix(front).removesuffix(back) if text.startswith(front) else text
    return text


# One of several classes


def class_places(call: Call, at: Place) -> Array:
    """The places of the figures of all classes for one decision: input is N×C (×…), the decision N (×…)."""
    shape = call.array("input").shape
    axis = 1 if len(shape) > 1 else 0
    return picked(shape, (*at[:axis], slice(None), *at[axis:]))


def index_of(call: Call, at: Place) -> Term:
    """The class index that was asked for."""
    return call.at("target", *at)


def cross_entropy(call: Call, at: Place, factors: Array, smooth: float, ignored: int) -> Term:
    """The loss of one decision: Σ shares · (ln Σ exp x − x), and the shares of a class index are one 1 and else 0."""
    scores = call.elements("input", class_places(call, at))
    log = log_of_sum(scores, call.keep).called("ln Σ exp")
    count = len(factors)
    if call.array("target").dtype.kind != "i":
        return _by_shares(call, scores, call.elements("target", class_places(call, at)), log, factors, smooth)
    chosen = index_of(call, at)
    if int(chosen.value) == ignored:
        return made("sum", [number(0.0, "ignored")])
    right = int(chosen.value)
    loss = _weighted(total([log, minus(scores.term(right))]), factors[right])
    if not smooth:
        return loss
    even = total([_weighted(total([log, minus(scores.term(k))]), factors[k]) for k in range(count)]).called(
        "Σ over all classes"
    )
    return total([times(number(1 - smooth, "1 − ε"), loss), times(number(smooth / count, "ε / C"), even)])


def _by_shares(
    call: Call, scores: Elements, wanted: Elements, log: Term, factors: Array, smooth: float
) -> Term:
    parts = []
    for k, factor in enumerate(factors):
        share = wanted.term(k)
        if smooth:
            share = total([times(number(1 - smooth, "1 − ε"), share), number(smooth / len(factors), "ε / C")])
        parts.append(times(_weighted(share, factor), total([log, minus(scores.term(k))])))
    return total(sorted(parts, key=lambda part: -abs(part.value)))


def chosen_loss(call: Call, at: Place, factors: Array, ignored: int) -> Term:
    """Minus the figure of the right class, times its weight."""
    chosen = index_of(call, at)
    if int(chosen.value) == ignored:
        return made("sum", [number(0.0, "ignored")])
    right = int(chosen.value)
    figure = call.elements("input", class_places(call, at)).term(right)
    return _weighted(minus(figure), factors[right])


def _weighted(term: Term, factor: float) -> Term:
    return term if factor == 1 else times(number(float(factor), "class weight"), term)
