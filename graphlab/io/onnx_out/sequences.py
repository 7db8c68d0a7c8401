"""Recurrent layers, attention, and what stands around the copies of a repeated cell, in ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from ...errors import Unsupported
from ...ops.attending import factor
from ...ops.recipe_tools import positional_encoding
from ...ops.recurrent import Recurrent
from ...ops.spec import Dim
from .speaking import Array, Speech, Value, says

# Which of our gates stands where in ONNX: PyTorch's i, f, g, o as i, o, f, c, and r, z, n as z, r, h.
GATES = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}
LOWEST = float(np.finfo(np.float32).min)


# Recurrent layers


@says("RNN", "LSTM", "GRU")
def recurrent(o: Speech) -> list[Value]:
    """One ONNX layer after the other, each with its directions side by side."""
    op = cast(Recurrent, o.op)
    x = o.Transpose(o.x, perm=[1, 0, 2]) if op.batch_first else o.x
    kind, size, layers = type(op).__name__, int(op.hidden_size), int(op.num_layers)
    lasts: list[list[Value]] = []
    for layer in range(layers):
        begins = [_begin(o, f"{state}_0", layer, layers) for state in op.states_of]
        inputs = [x, *_weights(o, layer, kind), None, *begins]
        found = o.put(kind, inputs, 1 + len(op.states_of), "float", _settings(op, kind, size))
        x = _without_directions(o, found[0], op.directions)
        lasts.append(found[1:])
    y = o.Transpose(x, perm=[1, 0, 2]) if op.batch_first else x
    ends = [parts[0] if layers == 1 else o.Concat(*parts, axis=0) for parts in zip(*lasts, strict=True)]
    return [y, *ends]


def _without_directions(o: Speech, y: Value, directions: int) -> Value:
    """T×directions×N×H as T×N×(directions·H)."""
    if directions == 1:
        return o.Squeeze(y, o.ints([1]))
    return o.Reshape(o.Transpose(y, perm=[0, 2, 1, 3]), o.ints([0, 0, -1]))


def _settings(op: Recurrent, kind: str, size: int) -> dict[str, Any]:
    direction = "bidirectional" if op.bidirectional else "reverse" if op.reverse else "forward"
    settings: dict[str, Any] = {"hidden_size": size, "direction": direction}
    if kind == "GRU":
        settings["linear_before_reset"] = 1
    if kind == "RNN":
        name = "Relu" if op.params["nonlinearity"] == "relu" else "Tanh"
        settings["activations"] = [name] * op.directions
    return settings


def _weights(o: Speech, layer: int, kind: str) -> list[Value | None]:
    """W, R and B as ONNX has them."""
    op = cast(Recurrent, o.op)
    endings = (f"_l{layer}", f"_l{layer}_reverse")[: op.directions]
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if op.bias else ("weight_ih", "weight_hh")
    parts = {k: [_by_gate(o, f"{k}{ending}", kind) for ending in endings] for k in kinds}
    found: list[Value | None] = []
    for letter, k in (("W", "weight_ih"), ("R", "weight_hh")):
        found.append(_stacked(o, f"{letter}{layer}", parts[k]))
    if not op.bias:
        return [*found, None]
    pairs = zip(parts["bias_ih"], parts["bias_hh"], strict=True)
    return [*found, _stacked(o, f"B{layer}", [_end_to_end(o, pair) for pair in pairs])]


def _by_gate(o: Speech, socket: str, kind: str) -> Array | Value:
    """A weight or bias with its gates in ONNX's order."""
    order = GATES[kind]
    if socket in o.owned:
        blocks = np.split(o.owned[socket], len(order))
        return np.concatenate([blocks[gate] for gate in order])
    value = o.at(socket)
    if len(order) == 1:
        return value
    blocks_ = o.put("Split", [value], len(order), "", {"axis": 0, "num_outputs": len(order)})
    return o.Concat(*(blocks_[gate] for gate in order), axis=0)


def _end_to_end(o: Speech, pair: Sequence[Array | Value]) -> Array | Value:
    if all(isinstance(part, np.ndarray) for part in pair):
        return np.concatenate(cast("list[Array]", list(pair)))
    return o.Concat(*(_value(o, part) for part in pair), axis=0)


def _stacked(o: Speech, name: str, parts: Sequence[Array | Value]) -> Value:
    """One for each direction along a new first axis."""
    if all(isinstance(part, np.ndarray) for part in parts):
        return o.parameter(name, np.stack(cast("list[Array]", list(parts))))
    return o.Concat(*(o.Unsqueeze(_value(o, part), o.ints([0])) for part in parts), axis=0)


def _value(o: Speech, part: Array | Value) -> Value:
    return part if isinstance(part, Value) else o.number(part)


def _begin(o: Speech, socket: str, layer: int, layers: int) -> Value | None:
    """The initial state of a layer, directions×N×H."""
    op, given = cast(Recurrent, o.op), o[socket]
    if given is None:
        return None
    batch = o.shape("x")[0 if op.batch_first else 1]
    whole = o.Expand(given, o.sizes((op.directions * layers, batch, int(op.hidden_size))))
    if layers == 1:
        return whole
    return o.cut(whole, 0, layer * op.directions, (layer + 1) * op.directions)


# Attention


@says("AttentionScores")
def scores(o: Speech) -> Value:
    return _scores(o, o.at("query"), o.at("key"), o.ndim("key"), o.shape("query")[-1], o.op.params["scale"])


def _scores(o: Speech, query: Value, key: Value, ndim: int, width: Any, scale: float | None) -> Value:
    turned = o.swapped(key, ndim, ndim - 2, ndim - 1)
    return o.MatMul(query, turned) * factor(int(width), scale)


def weighed(o: Speech, x: Value, mask: Value | None, causal: bool, sizes: Sequence[Any]) -> Value:
    """Scores …×L×S as weights that are 1 in sum, over what may be seen; a row that sees nothing gets zeros."""
    if mask is None and not causal:
        return o.Softmax(x, axis=-1)
    seen = None
    if causal:
        seen = _past(o, *sizes)
    if mask is not None and mask.kind == "float":
        x = x + mask
    elif mask is not None:
        door = o.truth(mask)
        seen = door if seen is None else o.And(seen, door)
    if (
        mask is None
    ):  # no row sees nothing, so the lowest number hides as well as −∞, and other programs take it
        return o.Softmax(o.Where(seen, x, LOWEST, of="float"), axis=-1)
    if seen is not None:
        x = o.Where(seen, x, -math.inf, of="float")
    top = o.Max(o.ReduceMax(x, o.ints([-1])), o.number(LOWEST))
    powers = o.Exp(x - top)
    total = o.Max(o.ReduceSum(powers, o.ints([-1])), o.number(np.finfo(np.float32).tiny))
    return powers / total


def _past(o: Speech, rows: Any, columns: Any) -> Value:
    """Where a position may look: at itself and what came before it."""
    if isinstance(rows, Dim) or isinstance(columns, Dim):
        ones = o.Expand(o.number(1.0), o.sizes((rows, columns)))
        return o.truth(o.Trilu(ones, o.number(0, "int"), upper=0))
    return o.number(np.tri(int(rows), int(columns), dtype=bool), "bool")


@says("MaskedSoftmax")
def masked_softmax(o: Speech) -> Value:
    return weighed(o, o.x, o["mask"], bool(o.op.params["is_causal"]), o.shape("x")[-2:])


@says("ScaledDotProductAttention")
def attention(o: Speech) -> list[Value]:
    query, key = o.at("query"), o.at("key")
    found = _scores(o, query, key, o.ndim("key"), o.shape("query")[-1], o.op.params["scale"])
    sizes = (o.shape("query")[-2], o.shape("key")[-2])
    weights = weighed(o, found, o["attn_mask"], bool(o.op.params["is_causal"]), sizes)
    return [o.MatMul(weights, o.at("value")), weights]


@says("MultiheadAttention")
def multihead(o: Speech) -> list[Value]:
    """Projections of query, key and value, attention by heads, and the projection of what they give."""
    params, heads = o.op.params, int(o.op.params["num_heads"])
    width, first = int(cast(int, o.shape("query")[2])), bool(params["batch_first"])
    key = "key" if o["key"] is not None else "query"
    value = "value" if o["value"] is not None else key
    weights = o.put("Split", [o.at("in_proj_weight")], 3, "", {"axis": 0, "num_outputs": 3})
    biases: list[Value | None] = [None] * 3
    if o["in_proj_bias"] is not None:
        biases = list(o.put("Split", [o["in_proj_bias"]], 3, "", {"axis": 0, "num_outputs": 3}))
    q, k, v = (
        _heads(o, o.at(name), weight, bias, heads, width, first)
        for name, weight, bias in zip(("query", key, value), weights, biases, strict=True)
    )
    time = 1 if first else 0
    sizes = (o.shape("query")[time], o.shape(key)[time])
    found = _scores(o, q, k, 4, width // heads, None)
    chosen = weighed(o, found, o["attn_mask"], bool(params["is_causal"]), sizes)
    mixed = o.MatMul(chosen, v)  # N×heads×L×D
    order = [0, 2, 1, 3] if first else [2, 0, 1, 3]
    rows = o.Reshape(o.Transpose(mixed, perm=order), o.ints([0, 0, width]))
    y = o.MatMul(rows, o.Transpose(o.at("out_proj_weight"), perm=[1, 0]))
    return [y if o["out_proj_bias"] is None else y + o["out_proj_bias"], chosen]


def _heads(
    o: Speech, x: Value, weight: Value, bias: Value | None, heads: int, width: int, first: bool
) -> Value:
    """A projection as N×heads×T×D."""
    rows = o.MatMul(x, o.Transpose(weight, perm=[1, 0]))
    rows = rows if bias is None else rows + bias
    parts = o.Reshape(rows, o.ints([0, 0, heads, width // heads]))
    return o.Transpose(parts, perm=[0, 2, 1, 3] if first else [1, 2, 0, 3])


@says("SplitHeads")
def split_heads(o: Speech) -> Value:
    heads, width = int(o.op.params["heads"]), int(cast(int, o.shape("x")[2]))
    parts = o.Reshape(o.x, o.ints([0, 0, heads, width // heads]))
    return o.Transpose(parts, perm=[0, 2, 1, 3])


@says("MergeHeads")
def merge_heads(o: Speech) -> Value:
    return o.Reshape(o.Transpose(o.x, perm=[0, 2, 1, 3]), o.ints([0, 0, -1]))


@says("PositionalEncoding")
def positions(o: Speech) -> Value:
    first = bool(o.op.params["batch_first"])
    length, width = o.shape("x")[1 if first else 0], o.shape("x")[2]
    if isinstance(length, Dim) or isinstance(width, Dim):
        raise Unsupported("It has waves for an open number of steps.")
    waves = positional_encoding(int(length), int(width), o.op.params["period"])
    return o.x + o.number(waves if first else waves[:, None])


@says("LearnedPositions")
def learned_positions(o: Speech) -> Value:
    length, places = o.shape("x")[1], o.shape("weight")[0]
    weight = o.at("weight")
    if length != places:
        weight = o.Slice(weight, o.ints([0]), o.sizes((length,)), o.ints([0]))
    return o.x + weight


@says("ClassToken")
def class_token(o: Speech) -> Value:
    rows, _, width = o.shape("x")
    return o.Concat(o.Expand(o.at("token"), o.sizes((rows, 1, width))), o.x, axis=1)


# Around the copies of a repeated cell


@says("TakenApart")
def taken_apart(o: Speech) -> list[Value]:
    count, size = len(o.op.results()), o.shape("x")[1]
    x = o.x if count == size else o.cut(o.x, 1, 0, count)
    steps = [x] if count == 1 else o.put("Split", [x, o.ints([1] * count)], count, "", {"axis": 1})
    return [o.Squeeze(step, o.ints([1])) for step in steps]


@says("ZeroState")
def zero_state(o: Speech) -> Value:
    return o.Expand(o.number(0.0), o.sizes(o.shape("y")))


@says("LearntState")
def learnt_state(o: Speech) -> Value:
    return o.Expand(o.at("start"), o.sizes(o.shape("y")))


@says("FedBack")
def fed_back(o: Speech) -> Value:
    """In evaluation outputs are always fed back."""
    return o.Identity(o.at("own"))


@says("WholeLength")
def whole_length(o: Speech) -> Value:
    return o.Expand(o.number(cast(Any, o.op).steps, "int"), o.sizes(o.shape("y")))


def _column(o: Speech, rows: Value, ndim: int) -> Value:
    """One for each row, laid out so that it goes with all that the row has."""
    return rows if ndim == 1 else o.Unsqueeze(rows, o.ints(range(1, ndim)))


@says("Kept")
def kept(o: Speech) -> Value:
    goes_on = o.Greater(o.at("lengths"), o.number(cast(Any, o.op).step, "int"), of="bool")
    new = o.at("new")
    return o.Where(_column(o, goes_on, o.ndim("new")), new, o.at("before"), of=new.kind)


@says("Ended")
def ended(o: Speech) -> Value:
    op, lengths = cast(Any, o.op), o.at("lengths")
    ends = o.And(
        o.Equal(o.at("token"), o.number(op.stop, "int"), of="bool"),
        o.Greater(lengths, o.number(op.step, "int"), of="bool"),
    )
    return o.Where(ends, o.number(op.step + 1, "int"), lengths, of="int")


def _steps(o: Speech) -> list[Value]:
    return [o.at(name) for name in cast(Any, o.op).names]


def _within(o: Speech, ndim: int) -> list[Value | None]:
    """For each step which rows go so far; None where all do."""
    op = cast(Any, o.op)
    if not op.masked:
        return [None] * op.steps
    lengths = o.at("lengths")
    found = (o.Greater(lengths, o.number(t, "int"), of="bool") for t in range(op.steps))
    return [_column(o, each, ndim) for each in found]


@says("PutTogether")
def put_together(o: Speech) -> Value:
    steps, ndim = _steps(o), len(o.shape("y")) - 1
    zero = o.number(0, steps[0].kind)
    parts = [
        x if inside is None else o.Where(inside, x, zero, of=x.kind)
        for x, inside in zip(steps, _within(o, ndim), strict=True)
    ]
    return o.Concat(*(o.Unsqueeze(part, o.ints([1])) for part in parts), axis=1)


@says("MeanOfSteps")
def mean_of_steps(o: Speech) -> Value:
    steps, ndim, op = _steps(o), len(o.shape("y")), cast(Any, o.op)
    within = _within(o, ndim)
    parts = [
        x if inside is None else o.Where(inside, x, 0.0, of="float")
        for x, inside in zip(steps, within, strict=True)
    ]
    total = parts[0] if len(parts) == 1 else o.Sum(*parts)
    if not op.masked:
        return total / float(op.steps)
    counts = o.Clip(o.cast(o.at("lengths")), o.number(1.0), o.number(float(op.steps)))
    return total / _column(o, counts, ndim)


@says("LastWithin")
def last_within(o: Speech) -> Value:
    """Later steps take the place of earlier ones in those rows that go so far."""
    steps, ndim = _steps(o), len(o.shape("y"))
    found = o.number(0, steps[0].kind)
    for x, inside in zip(steps, _within(o, ndim), strict=True):
        found = x if inside is None else o.Where(inside, x, found, of=x.kind)
    return found
