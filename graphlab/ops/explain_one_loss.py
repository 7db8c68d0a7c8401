"""How the loss of one example explains itself, kind by kind, where its formula has cases or several parts.

How the losses of examples become one number stands in explain_losses.py.
"""

from __future__ import annotations

import math

import numpy as np

from .explain_lengths import distance_of
from .explain_rows import EXTREME
from .explaining import Call, Place, within
from .explanation import Elements, Term, call, made, minus, number, rest, sum_of_products, times, total

ALL = slice(None)


def difference(given: Call, at: Place) -> Term:
    """input − target"""
    return total([given.at("input", *at), minus(given.at("target", *at))])


# Numbers


def huber(given: Call, at: Place, bound: float, name: str) -> Term:
    """½·d² for a difference d inside the bound, bound·(|d| − bound/2) beyond."""
    apart = difference(given, at)
    edge = number(bound, name)
    if abs(apart.value) <= bound:
        return times(number(0.5, "½"), call("square", apart))
    return times(edge, total([call("abs", apart), minus(edge / number(2.0))]))


def poisson(given: Call, at: Place, is_log: bool, eps: float, full: bool) -> Term:
    """exp(x) − t·x, or x − t·ln(x + ε); in full with ln t! by Stirling's formula."""
    x, t = given.at("input", *at), given.at("target", *at)
    if is_log:
        parts = [call("exp", x), minus(times(t, x))]
    else:
        parts = [x, minus(times(t, call("ln", x + number(eps, "ε"))))]
    if full and t.value > 1:
        root = times(number(0.5, "½"), call("ln", times(number(2 * math.pi, "2π"), t)))
        parts += [times(t, call("ln", t)), minus(t), root]
    return total(parts)


def gaussian(given: Call, at: Place, eps: float, full: bool) -> Term:
    """½·(ln var + (input − target)² / var), no variance counted less than ε."""
    variance = given.at("var", *at)
    spread = variance if variance.value >= eps else number(eps, "ε")
    inner = total([call("ln", spread), call("square", difference(given, at)) / spread])
    found = times(number(0.5, "½"), inner)
    return total([found, number(0.5 * math.log(2 * math.pi), "½·ln 2π")]) if full else found


# Chances


def binary(given: Call, at: Place, least: float) -> Term:
    """−t·ln x − (1 − t)·ln(1 − x); no logarithm counts less than `least`."""
    x, t = given.at("input", *at), given.at("target", *at)
    one = number(1.0)
    yes = _logarithm(x, least)
    no = _logarithm(total([one, minus(x)]), least)
    return total([minus(times(t, yes)), minus(times(total([one, minus(t)]), no))])


def _logarithm(term: Term, least: float) -> Term:
    logarithm = call("ln", term)
    return logarithm if logarithm.value >= least else number(least, "least ln")


def binary_of_scores(given: Call, at: Place, factor: float | None) -> Term:
    """max(x, 0) − x·t + ln(1 + exp(−|x|)); with a factor p of missed ones
    (1 − t)·x + (1 + (p − 1)·t)·(ln(1 + exp(−|x|)) + max(−x, 0)).
    """
    x, t, one = given.at("input", *at), given.at("target", *at), number(1.0)
    soft = call("ln", total([one, call("exp", minus(call("abs", x)))]))
    if factor is None:
        return total([call("positive", x), minus(times(x, t)), soft])
    weight = total([one, times(total([number(factor, "p"), minus(one)]), t)])
    missed = total([soft, call("positive", minus(x))])
    return total([times(total([one, minus(t)]), x), times(weight, missed)])


def divergence(given: Call, at: Place, is_log: bool) -> Term:
    """t·(ln t − x); of logarithms exp(t)·(t − x). Where t is 0 it is 0."""
    x, t = given.at("input", *at), given.at("target", *at)
    if is_log:
        return times(call("exp", t), total([t, minus(x)]))
    if t.value <= 0:
        return times(t, number(0.0, "0·ln 0 = 0"))
    return times(t, total([call("ln", t), minus(x)]))


# Sides and margins


def side(given: Call, at: Place) -> Term:
    """+1 where the target is above 0, else −1, under the name t."""
    target = given.at("target", *at)
    return made(
        "same", [number(1.0 if target.value > 0 else -1.0), target], "t", symbols=f"side of {target.label}"
    )


def hinge(given: Call, at: Place, margin: float) -> Term:
    """max(0, margin − t·x)"""
    return call(
        "positive", total([number(margin, "margin"), minus(times(side(given, at), given.at("input", *at)))])
    )


def hinge_of_distance(given: Call, at: Place, margin: float) -> Term:
    """x for what is alike, max(0, margin − x) for what is not."""
    x, target = given.at("input", *at), given.at("target", *at)
    if target.value > 0:
        return made("same", [x, target], symbols=f"{x.label}, because {target.label} > 0: alike")
    return call("positive", total([number(margin, "margin"), minus(x)]))


def logistic(given: Call, at: Place) -> Term:
    """ln(1 + exp(−t·x)); of a score far on the wrong side that is −t·x itself."""
    wrong = minus(times(side(given, at), given.at("input", *at)))
    if wrong.value > EXTREME:
        return total([wrong])
    return call("ln", total([number(1.0), call("exp", wrong)]))


def ranking(given: Call, at: Place, margin: float) -> Term:
    """max(0, margin − t·(x₁ − x₂))"""
    apart = total([given.at("input1", *at), minus(given.at("input2", *at))])
    return call("positive", total([number(margin, "margin"), minus(times(side(given, at), apart))]))


def several_margins(given: Call, at: Place, margin: float, p: int, factor: float) -> Term:
    """Σⱼ max(0, margin − xₜ + xⱼ)ᵖ, j ≠ t, over the number of classes, times the weight of the class."""
    scores, target = given.line("input", (*at, ALL)), given.at("target", *at)
    right, count = int(target.value), len(scores.values)
    edge = number(margin, "margin")
    found = [_missing(scores, j, right, edge, p) for j in range(count) if j != right]
    found.sort(key=lambda term: -term.value)
    parts = found[: given.keep]
    if len(found) > given.keep:
        parts.append(rest(math.fsum(term.value for term in found[given.keep :]), len(found) - given.keep))
    whole = total(parts or [number(0.0)]) / number(count, "C")
    return whole if factor == 1 else times(number(factor, "class weight"), whole)


def _missing(scores: Elements, j: int, right: int, edge: Term, p: int) -> Term:
    term = call("positive", total([edge, minus(scores.term(right)), scores.term(j)]))
    return call("square", term) if p == 2 else term


# Vectors


def alike(given: Call, at: Place, margin: float, eps: float) -> Term:
    """1 − cos for what is alike, max(0, cos − margin) for what is not."""
    a, b = (given.line(name, (*at, ALL)) for name in ("input1", "input2"))
    squares = [total([_squares(x, given.keep), number(eps, "ε")]) for x in (a, b)]
    product = sum_of_products((a, b), keep=given.keep)
    above = product if product.how == "sum" else total([product])
    cosine = (above.called("a·b") / call("√", times(*squares))).called("cos")
    if given.at("target", *at).value > 0:
        return total([number(1.0), minus(cosine)])
    return call("positive", total([cosine, minus(number(margin, "margin"))]))


def _squares(x: Elements, keep: int) -> Term:
    found = sum_of_products((x, x), keep=keep)
    return (found if found.how == "sum" else total([found])).called("‖a‖²" if x.name == "input1" else "‖b‖²")


def triplet(given: Call, at: Place, margin: float, p: float, eps: float, swap: bool) -> Term:
    """max(0, ‖a − p‖ − ‖a − n‖ + margin); with `swap` ‖p − n‖ where that is smaller."""
    lines = {name[0]: given.line(name, (*at, ALL)) for name in ("anchor", "positive", "negative")}

    def between(first: str, second: str) -> Term:
        found = distance_of(lines[first], lines[second], p, given.keep, eps)
        return found.called(f"‖{first} − {second}‖")

    far = between("a", "n")
    if swap:
        far = made("smallest", [far, between("p", "n")])
    return call("positive", total([between("a", "p"), minus(far), number(margin, "margin")]))


def factor_at(weight: object, at: Place) -> float | None:
    """The element of a param at a place, broadcast: one number, or one for each column. None for none."""
    if weight is None:
        return None
    array = np.asarray(weight, np.float64)
    return float(array[within(at, array.shape)])
