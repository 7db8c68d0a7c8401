"""Losses in ONNX. ONNX has one of its own, the cross entropy of classes; the others are put together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .elementwise import given, length
from .speaking import Speech, Value, says


def collected(o: Speech, losses: Value, rows: Value | float | None = None) -> Value:
    """The losses of the elements as the reduction has them; `rows` is what batchmean divides by."""
    how = o.op.params["reduction"]
    if how == "none":
        return losses
    if how == "batchmean":
        return o.ReduceSum(losses, keepdims=0) / rows
    return o.put("ReduceMean" if how == "mean" else "ReduceSum", [losses], 1, "", {"keepdims": 0})[0]


def apart(o: Speech) -> Value:
    return o.at("input") - o.at("target")


def positive(o: Speech, value: Value) -> Value:
    return o.Max(value, o.number(0.0))


def side(o: Speech) -> Value:
    """1 for a target above 0, else −1."""
    target = o.cast(o.at("target"))
    return o.Where(o.Greater(target, 0.0, of="bool"), 1.0, -1.0, of="float")


def is_up(o: Speech) -> Value:
    return o.Greater(o.cast(o.at("target")), 0.0, of="bool")


@says("MSELoss")
def mse(o: Speech) -> Value:
    d = apart(o)
    return collected(o, d * d)


@says("L1Loss")
def l1(o: Speech) -> Value:
    return collected(o, o.Abs(apart(o)))


@says("HuberLoss", "SmoothL1Loss")
def huber(o: Speech) -> Value:
    is_huber = type(o.op).__name__ == "HuberLoss"
    bound = float(o.op.params["delta" if is_huber else "beta"])
    d = apart(o)
    if bound == 0:
        return collected(o, o.Abs(d))
    c = o.Clip(d, o.number(-bound), o.number(bound))
    losses = c * (d - c * 0.5)
    return collected(o, losses if is_huber else losses / bound)


@says("BCELoss")
def bce(o: Speech) -> Value:
    """Logarithms count as no less than −100, as in PyTorch."""
    x, t, least = o.at("input"), o.at("target"), o.number(-100.0)
    yes, no = o.Max(o.Log(x), least), o.Max(o.Log(1 - x), least)
    return collected(o, -(t * yes + (1 - t) * no))


@says("BCEWithLogitsLoss")
def bce_with_logits(o: Speech) -> Value:
    x, t, weight = o.at("input"), o.at("target"), o.op.params["pos_weight"]
    rest = o.Softplus(-o.Abs(x)) + positive(o, -x)  # −ln σ(x)
    if weight is None:
        return collected(o, (1 - t) * x + rest)
    return collected(o, (1 - t) * x + rest * ((o.number(weight) - 1) * t + 1))


@says("KLDivLoss")
def kl(o: Speech) -> Value:
    x, t = o.at("input"), o.at("target")
    if o.op.params["log_target"]:
        losses = o.Exp(t) * (t - x)
    else:
        there = o.Greater(t, 0.0, of="bool")
        losses = o.Where(there, t * (o.Log(o.Where(there, t, 1.0, of="float")) - x), 0.0, of="float")
    rows = o.count("input", [0]) if o.ndim("input") else 1.0
    return collected(o, losses, rows)


@says("PoissonNLLLoss")
def poisson(o: Speech) -> Value:
    x, t, params = o.at("input"), o.at("target"), o.op.params
    losses = o.Exp(x) - t * x if params["log_input"] else x - t * o.Log(x + params["eps"])
    if params["full"]:
        large = o.Greater(t, 1.0, of="bool")
        safe = o.Where(large, t, 2.0, of="float")
        stirling = safe * o.Log(safe) - safe + 0.5 * o.Log(safe * (2 * math.pi))
        losses = losses + o.Where(large, stirling, 0.0, of="float")
    return collected(o, losses)


@says("GaussianNLLLoss")
def gaussian(o: Speech) -> Value:
    d, params, var = apart(o), o.op.params, given(o, "var")
    spread = o.Max(var if isinstance(var, Value) else o.number(var), o.number(params["eps"]))
    losses = (o.Log(spread) + d * d / spread) * 0.5
    return collected(o, losses + 0.5 * math.log(2 * math.pi) if params["full"] else losses)


@says("HingeLoss")
def hinge(o: Speech) -> Value:
    return collected(o, positive(o, o.op.params["margin"] - side(o) * o.at("input")))


@says("HingeEmbeddingLoss")
def hinge_embedding(o: Speech) -> Value:
    x = o.at("input")
    return collected(o, o.Where(is_up(o), x, positive(o, o.op.params["margin"] - x), of="float"))


@says("SoftMarginLoss")
def soft_margin(o: Speech) -> Value:
    return collected(o, o.Softplus(-(side(o) * o.at("input"))))


@says("MarginRankingLoss")
def margin_ranking(o: Speech) -> Value:
    gap = o.at("input1") - o.at("input2")
    return collected(o, positive(o, o.op.params["margin"] - side(o) * gap))


@says("CosineEmbeddingLoss")
def cosine_embedding(o: Speech) -> Value:
    """The lengths as PyTorch has them, with 1e-12 added to their squares."""
    a, b, last = o.at("input1"), o.at("input2"), o.ints([-1])
    products = [o.ReduceSum(p * q, last, keepdims=0) for p, q in ((a, b), (a, a), (b, b))]
    alike = products[0] / o.Sqrt((products[1] + 1e-12) * (products[2] + 1e-12))
    other = positive(o, alike - o.op.params["margin"])
    return collected(o, o.Where(is_up(o), 1 - alike, other, of="float"))


@says("TripletMarginLoss")
def triplet(o: Speech) -> Value:
    params = o.op.params

    def far(one: str, other: str) -> Value:
        return length(o, o.at(one) - o.at(other) + params["eps"], [-1], params["p"], keep=False)

    away = far("anchor", "negative")
    if params["swap"]:
        away = o.Min(away, far("positive", "negative"))
    return collected(o, positive(o, far("anchor", "positive") - away + params["margin"]))


@says("MultiMarginLoss")
def multi_margin(o: Speech) -> Value:
    params, classes = o.op.params, int(o.shape("input")[-1])  # type: ignore[arg-type]
    x, target = o.at("input"), o.at("target")
    if o.ndim("input") == 1:
        x, target = o.Unsqueeze(x, o.ints([0])), o.Reshape(target, o.ints([1]))
    right = o.one_hot(target, 1, classes, -1)
    own = o.ReduceSum(x * right, o.ints([1]))
    over = positive(o, x - own + params["margin"]) * (1 - right)
    over = over * over if params["p"] == 2 else over
    if params["weight"] is not None:
        over = over * o.ReduceSum(right * o.number(params["weight"]), o.ints([1]))
    losses = o.ReduceSum(over, o.ints([1]), keepdims=0) / classes
    if o.ndim("input") == 1 and params["reduction"] == "none":
        return o.Squeeze(losses, o.ints([0]))
    return collected(o, losses)


@says("CrossEntropyLoss", "NLLLoss")
def classes(o: Speech) -> Value:
    params, target = o.op.params, o.at("target")
    smoothing, is_whole = params.get("label_smoothing", 0.0), target.kind == "int"
    weight = None if params["weight"] is None else o.number(params["weight"])
    flat = o.ndim("input") == 1
    if is_whole and not smoothing and not flat:
        more: dict[str, Any] = {"reduction": params["reduction"], "ignore_index": params["ignore_index"]}
        kind = "SoftmaxCrossEntropyLoss" if "label_smoothing" in params else "NegativeLogLikelihoodLoss"
        return o.put(kind, [o.at("input"), target, weight], 1, "float", more)[0]
    return _spread(o, smoothing)


def _spread(o: Speech, smoothing: float) -> Value:
    """Against probabilities, or classes that are smoothed: Σ −t·ln p, in the mean over the weights of the classes."""
    params, target, ndim = o.op.params, o.at("target"), o.ndim("input")
    axis = 0 if ndim == 1 else 1
    count = int(o.shape("input")[axis])  # type: ignore[arg-type]
    logs = o.LogSoftmax(o.at("input"), axis=axis) if "label_smoothing" in params else o.at("input")
    beside = [1] * ndim
    beside[axis] = count
    weight = np.ones(count) if params["weight"] is None else np.asarray(params["weight"], np.float64)
    scale = o.number(weight.reshape(beside))
    is_class, counts = target.kind == "int", None
    if is_class:
        valid = o.Not(o.Equal(target, o.number(params["ignore_index"], "int"), of="bool"))
        safe = o.Where(valid, target, o.number(0, "int"), of="int")
        hot = o.one_hot(safe, ndim - 1, count, axis)
        there = o.Unsqueeze(o.cast(valid), o.ints([axis]))
        counts = o.ReduceSum(hot * scale * there, o.ints([axis]), keepdims=0)
        shared = (hot * (1 - smoothing) + smoothing / count) * there
    else:
        shared = target * (1 - smoothing) + smoothing / count if smoothing else target
    losses = -o.ReduceSum(shared * scale * logs, o.ints([axis]), keepdims=0)
    if params["reduction"] != "mean":
        return collected(o, losses)
    if counts is not None:
        return o.ReduceSum(losses, keepdims=0) / o.ReduceSum(counts, keepdims=0)
    return collected(o, losses)


@says("L1Penalty")
def l1_penalty(o: Speech) -> Value:
    return o.ReduceSum(o.Abs(o.x), keepdims=0) * float(o.op.params["factor"])


@says("L2Penalty")
def l2_penalty(o: Speech) -> Value:
    return o.ReduceSumSquare(o.x, keepdims=0) * float(o.op.params["factor"])
