"""Arithmetic, comparison and activations in ONNX."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import Unsupported
from .speaking import FAR, Speech, Value, says


def given(o: Speech, name: str) -> Any:
    """What is wired to a socket, or the number that stands there."""
    return o.op.params[name] if o[name] is None else o[name]


@says("Identity", "Detach", "Reroute", "Cut", "GivenState")
def same(o: Speech) -> Value:
    return o.Identity(o.x)


@says("RandnLike")
def noise(o: Speech) -> Value:
    return o.RandomNormalLike(o.x, of="float", dtype=1)


@says("Square")
def square(o: Speech) -> Value:
    return o.x * o.x


@says("Log2")
def log2(o: Speech) -> Value:
    return o.Log(o.x) / math.log(2)


@says("Log10")
def log10(o: Speech) -> Value:
    return o.Log(o.x) / math.log(10)


@says("Log1p")
def log1p(o: Speech) -> Value:
    """Exact near 0 as well: log(u)·x / (u − 1), where u = 1 + x is rounded alike above and below (Kahan)."""
    return _log1p(o, o.x)


def _log1p(o: Speech, x: Value) -> Value:
    u = x + 1
    return o.Where(o.Equal(u, 1.0, of="bool"), x, o.Log(u) * x / (u - 1), of="float")


@says("Expm1")
def expm1(o: Speech) -> Value:
    """The same the other way near 0; plainly elsewhere."""
    inside = o.Clip(o.x, o.number(-1.0), o.number(1.0))
    u = o.Exp(inside)
    small = o.Where(o.Equal(u, 1.0, of="bool"), inside, (u - 1) * inside / o.Log(u), of="float")
    is_far = o.Greater(o.Abs(o.x), 1.0, of="bool")
    return o.Where(is_far, o.Exp(o.x) - 1, small, of="float")


@says("Atan2")
def atan2(o: Speech) -> Value:
    a, b = given(o, "a"), given(o, "b")
    return angle(o, a, b if isinstance(b, Value) else o.number(b))


def angle(o: Speech, a: Value, b: Value) -> Value:
    """The angle of (b, a), from −π to π."""
    half = o.Where(o.Less(a, 0.0, of="bool"), -math.pi, math.pi, of="float")
    turned = o.Where(o.Less(b, 0.0, of="bool"), half, 0.0, of="float")
    nowhere = o.And(o.Equal(a, 0.0, of="bool"), o.Equal(b, 0.0, of="bool"))
    slope = a / o.Where(nowhere, 1.0, b, of="float")
    return o.Atan(slope) + turned


@says("Clip")
def clip(o: Speech) -> Value:
    bounds = [
        None if bound is None else o.number(bound) for bound in (o.op.params["min"], o.op.params["max"])
    ]
    return o.Clip(o.x, *bounds)


@says("Mod")
def mod(o: Speech) -> Value:
    """ONNX has C's fmod for numbers with a point; Python's goes to the side of the divisor."""
    a, b = given(o, "a"), given(o, "b")
    rest = o.Mod(a, b, fmod=1)
    if o.op.params["fmod"]:
        return rest
    is_other = o.Less(rest * b, 0.0, of="bool")
    return o.Where(is_other, rest + b, rest, of="float")


@says("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "NotEqual")
def compared(o: Speech) -> Value:
    kind = type(o.op).__name__
    a, b = o.floats(given(o, "a"), given(o, "b"))
    found = o.put("Equal" if kind == "NotEqual" else kind, [a, b], 1, "bool")[0]
    return o.cast(o.Not(found) if kind == "NotEqual" else found)


@says("And", "Or", "Xor")
def both(o: Speech) -> Value:
    values = [o.truth(o.at("a")), o.truth(o.at("b"))]
    return o.cast(o.put(type(o.op).__name__, values, 1, "bool")[0])


@says("Not")
def negated(o: Speech) -> Value:
    return o.cast(o.Not(o.truth(o.x)))


@says("Where")
def chosen(o: Speech) -> Value:
    return o.Where(o.truth(o.at("condition")), given(o, "a"), given(o, "b"), of="float")


@says("Pow")
def power(o: Speech) -> Value:
    return o.Pow(given(o, "a"), given(o, "b"))


@says("Einsum")
def einsum(o: Speech) -> Value:
    """Where "..." stands for axes that an input does not have, it gets them, of size 1."""
    names = [socket.name for socket in o.op.sockets()]
    equation = o.op.params["equation"].replace(" ", "")
    groups = equation.partition("->")[0].split(",")
    rest = [o.ndim(name) - len(g.replace("...", "")) for name, g in zip(names, groups, strict=True)]
    values = []
    for name, group, count in zip(names, groups, rest, strict=True):
        at, missing = group.find("..."), max(rest) - count
        axes = o.ints(range(at, at + missing))
        values.append(o.Unsqueeze(o.at(name), axes) if at >= 0 and missing else o.at(name))
    return o.put("Einsum", values, 1, "", {"equation": equation})[0]


@says("CumSum")
def cumulated(o: Speech) -> Value:
    axis = o.number(o.axis(o.op.params["dim"]), "int")
    return o.CumSum(o.x, axis, **{n: int(o.op.params[n]) for n in ("reverse", "exclusive")})


@says("CumProd")
def cumulated_product(o: Speech) -> Value:
    """Opset 20 has none. Every element times the one before, then the one two before, four, …: log₂ n products."""
    params, axis = o.op.params, o.axis(o.op.params["dim"])
    size = o.shape()[axis]
    if not isinstance(size, int):
        raise Unsupported(f"a product of an open number {size} of factors.")
    x = _moved(o, o.x, axis, 1, params["reverse"]) if params["exclusive"] else o.x
    by = 1
    while by < size:
        x = x * _moved(o, x, axis, by, params["reverse"])
        by *= 2
    return o.Identity(x)


def _moved(o: Speech, x: Value, axis: int, by: int, back: bool) -> Value:
    """x moved along an axis; where nothing is left stands 1."""
    kept = o.cut(x, axis, by, FAR) if back else o.cut(x, axis, 0, -by)
    pads = [0] * (2 * o.ndim())
    pads[axis + (o.ndim() if back else 0)] = by
    return o.Pad(kept, o.ints(pads), o.number(1.0))


@says("Tril", "Triu")
def triangle(o: Speech) -> Value:
    upper = type(o.op).__name__ == "Triu"
    return o.Trilu(o.x, o.number(o.op.params["diagonal"], "int"), upper=int(upper))


@says("CDist")
def distances(o: Speech) -> Value:
    a, b = o.at("x1"), o.at("x2")
    apart = o.Unsqueeze(a, o.ints([-2])) - o.Unsqueeze(b, o.ints([-3]))
    return length(o, apart, [-1], o.op.params["p"], keep=False)


def length(o: Speech, x: Value, axes: list[int] | None, p: float, keep: bool = True) -> Value:
    """The p-norm along these axes, or of everything."""
    where, kept = None if axes is None else o.ints(axes), {"keepdims": int(keep)}
    if p == 1:
        return o.ReduceL1(x, where, **kept)
    if p == 2:
        return o.ReduceL2(x, where, **kept)
    if math.isinf(p):
        return o.put("ReduceMax" if p > 0 else "ReduceMin", [o.Abs(x), where], 1, "", kept)[0]
    if p == 0:
        return o.ReduceSum(o.cast(o.truth(x)), where, **kept)
    return o.Pow(o.ReduceSum(o.Pow(o.Abs(x), p), where, **kept), 1 / p)


# Activations


@says("Softmin")
def softmin(o: Speech) -> Value:
    return o.Softmax(-o.x, axis=o.axis(o.op.params["dim"]))


@says("GLU")
def glu(o: Speech) -> Value:
    axis = o.axis(o.op.params["dim"])
    a, b = o.put("Split", [o.x], 2, "", {"axis": axis, "num_outputs": 2})
    return a * o.Sigmoid(b)


@says("Hardshrink")
def hardshrink(o: Speech) -> Value:
    return o.Shrink(o.x, lambd=o.op.params["lambd"], bias=0.0)


@says("Softshrink")
def softshrink(o: Speech) -> Value:
    return o.Shrink(o.x, lambd=o.op.params["lambd"], bias=o.op.params["lambd"])


@says("Hardsigmoid")
def hardsigmoid(o: Speech) -> Value:
    slope = o.op.params["alpha"]
    return o.HardSigmoid(o.x, alpha=1 / 6 if slope is None else slope, beta=o.op.params["beta"])


@says("Hardtanh")
def hardtanh(o: Speech) -> Value:
    return o.Clip(o.x, o.number(o.op.params["min_val"]), o.number(o.op.params["max_val"]))


@says("ReLU6")
def relu6(o: Speech) -> Value:
    return o.Clip(o.x, o.number(0.0), o.number(6.0))


@says("LogSigmoid")
def logsigmoid(o: Speech) -> Value:
    return -o.Softplus(-o.x)


@says("SiLU")
def silu(o: Speech) -> Value:
    return o.x * o.Sigmoid(o.x)


@says("Softplus")
def softplus(o: Speech) -> Value:
    beta, threshold = o.op.params["beta"], o.op.params["threshold"]
    bent = o.Softplus(o.x) if beta == 1 else o.Softplus(o.x * beta) / beta
    if threshold >= 20:  # where nothing is left of the bend
        return bent
    return o.Where(o.Greater(o.x * beta, float(threshold), of="bool"), o.x, bent, of="float")


@says("PReLU")
def prelu(o: Speech) -> Value:
    """Slopes of channels lie along the second axis."""
    ndim, slope = o.ndim("x"), o.at("weight")
    if not ndim:
        slope = o.Squeeze(slope, o.ints([0]))
    elif o.shape("weight") != (1,) and ndim > 2:
        slope = o.Reshape(slope, o.ints([-1] + [1] * (ndim - 2)))
    return o.PRelu(o.x, slope)


@says("Threshold")
def threshold(o: Speech) -> Value:
    at, below = o.op.params["threshold"], o.op.params["value"]
    if below == 0 and at >= 0:
        return o.ThresholdedRelu(o.x, alpha=at)
    return o.Where(o.Greater(o.x, float(at), of="bool"), o.x, float(below), of="float")


# Features


@says("OneHot")
def one_hot(o: Speech) -> Value:
    return o.one_hot(o.x, o.ndim(), o.op.params["num_classes"], -1)


@says("PolarCoordinates")
def polar(o: Speech) -> Value:
    a, b = o.put("Split", [o.x], 2, "", {"axis": o.ndim() - 1, "num_outputs": 2})
    return o.Concat(o.Sqrt(a * a + b * b), angle(o, b, a), axis=o.ndim() - 1)


@says("PolynomialFeatures")
def polynomial(o: Speech) -> Value:
    powers = [o.x]
    for _ in range(1, o.op.params["degree"]):
        powers.append(powers[-1] * o.x)
    return o.Concat(*powers, axis=o.ndim() - 1)


@says("FeatureProducts")
def feature_products(o: Speech) -> Value:
    """Products of two, three, … different features."""
    import itertools

    size, last, parts = o.shape()[-1], o.ndim() - 1, [o.x]
    if not isinstance(size, int):
        raise Unsupported(f"It has any number {size} of features.")
    for k in range(2, o.op.params["order"] + 1):
        chosen_ = np.array(list(itertools.combinations(range(size), k)), np.int64).reshape(-1, k)
        if len(chosen_):
            found = o.Gather(o.x, o.number(chosen_, "int"), axis=last)
            parts.append(o.ReduceProd(found, o.ints([-1]), keepdims=0))
    return o.Concat(*parts, axis=last)


@says("Standardise")
def standardise(o: Speech) -> Value:
    params = o.op.params
    if params["mean"] is not None:
        spread = np.sqrt(np.square(np.asarray(params["std"], np.float64)) + params["eps"])
        return (o.x - o.number(params["mean"])) / o.number(spread)
    axis = o.ints([o.axis(params["dim"])])
    centred = o.x - o.ReduceMean(o.x, axis)
    return centred / o.Sqrt(o.ReduceMean(centred * centred, axis) + params["eps"])
