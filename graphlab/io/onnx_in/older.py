"""Operators of older opsets in the form of opset 20: what was an attribute is an input, what means nothing is gone.

Each rule is a function (attributes, inputs, opset) → (attributes, inputs), by the operator's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import Unsupported
from .values import Filled, Value

Form = tuple[dict[str, Any], list[Value]]
Rule = Callable[[dict[str, Any], list[Value], int], Form]

NOTHING = ("consumed_inputs", "is_test", "spatial")  # attributes that told old engines how to go about it
_rules: dict[str, Rule] = {}


def modern(kind: str, attributes: Mapping[str, Any], inputs: Sequence[Value], opset: int) -> Form:
    """The operator's attributes and inputs as opset 20 would have them. Unsupported where that cannot be said."""
    kept = {name: value for name, value in attributes.items() if name not in NOTHING}
    if kind == "BatchNormalization" and not attributes.get("spatial", 1):
        raise Unsupported("It normalises each pixel by itself (spatial = 0).")
    rule = _rules.get(kind)
    found = list(inputs)
    while found and found[-1] is None:
        found.pop()
    return (kept, found) if rule is None else rule(kept, found, opset)


def _rule(*kinds: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        _rules.update(dict.fromkeys(kinds, rule))
        return rule

    return enter


def _becomes_inputs(*names: str) -> Rule:
    """Those attributes are inputs by now, in that order behind the first one."""

    def rule(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
        if not any(name in attributes for name in names):
            return attributes, inputs
        more = [_array(attributes.pop(name, None)) for name in names]
        while more and more[-1] is None:
            more.pop()
        return attributes, [*inputs[:1], *more]

    return rule


def _array(value: Any) -> Value:
    if value is None:
        return None
    whole = isinstance(value, int) or (isinstance(value, tuple) and all(isinstance(v, int) for v in value))
    return np.array(value, np.int64 if whole else np.float64)


_rule("Dropout")(_becomes_inputs("ratio"))
_rule("Clip")(_becomes_inputs("min", "max"))
_rule("Reshape")(_becomes_inputs("shape"))
_rule("Squeeze", "Unsqueeze")(_becomes_inputs("axes"))
_rule("Split")(_becomes_inputs("split"))
_rule("TopK")(_becomes_inputs("k"))
_rule("Upsample")(_becomes_inputs("scales"))
_rule(
    *(
        f"Reduce{way}"
        for way in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    )
)(_becomes_inputs("axes"))


@_rule("Slice")
def _slice(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    if "starts" not in attributes:
        return attributes, inputs
    starts, ends = attributes.pop("starts"), attributes.pop("ends")
    axes = attributes.pop("axes", tuple(range(len(starts))))
    return attributes, [inputs[0], *(np.array(part, np.int64) for part in (starts, ends, axes))]


@_rule("Pad")
def _pad(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    pads = attributes.pop("pads", attributes.pop("paddings", None))
    if pads is None:
        return attributes, inputs
    value = np.array(attributes.pop("value", 0.0))
    return attributes, [inputs[0], np.array(pads, np.int64), value]


@_rule("Resize")
def _resize(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    """Opset 10 had (x, scales), and measured places as Upsample does."""
    if opset > 10 or len(inputs) != 2:
        return attributes, inputs
    return {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor", **attributes}, [
        inputs[0],
        None,
        inputs[1],
    ]


@_rule("Softmax", "LogSoftmax", "Hardmax")
def _softmax(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    """Before opset 13 all axes from `axis` on were one: the same thing where only one of them is longer than 1."""
    if opset >= 13:
        return attributes, inputs
    shape = getattr(getattr(inputs[0], "spec", None), "shape", None)
    axis = int(attributes.get("axis", 1))
    if shape is None:
        raise Unsupported("The shape of its input is not known.")
    axis %= max(len(shape), 1)
    long = [i for i in range(axis, len(shape)) if shape[i] != 1]
    if len(long) > 1:
        raise Unsupported(f"It takes the axes from {axis} on as one, which graphlab does not.")
    return {**attributes, "axis": long[0] if long else axis}, inputs


@_rule("Concat")
def _concat(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    return {"axis": 1, **attributes}, inputs


@_rule("RNN", "LSTM", "GRU")
def _recurrent(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    """An initial state of zeros is what there is without one."""
    return attributes, [None if k >= 5 and _is_zero(each) else each for k, each in enumerate(inputs)]


def _is_zero(value: Value) -> bool:
    if isinstance(value, Filled):
        return value.number == 0
    return isinstance(value, np.ndarray) and not value.any()


@_rule("Gemm")
def _gemm(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    attributes.pop("broadcast", None)
    return attributes, inputs


@_rule("BatchNormalization")
def _batchnorm(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    return {"epsilon": 1e-5, **attributes}, inputs


@_rule("PRelu")
def _prelu(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    """A vector of slopes was one for each channel; now it broadcasts from the last axis on."""
    x, slope = inputs
    ndim = getattr(x, "ndim", None)
    if opset < 7 and isinstance(slope, np.ndarray) and slope.ndim == 1 and ndim is not None and ndim > 2:
        slope = slope.reshape(-1, *(1,) * (ndim - 2))
    return attributes, [x, slope]


@_rule("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Greater", "Less", "Equal")
def _broadcasting(attributes: dict[str, Any], inputs: list[Value], opset: int) -> Form:
    """That it broadcasts need not be said any more; where (`axis`) is seen to in `rewriting`."""
    attributes.pop("broadcast", None)
    return attributes, inputs
