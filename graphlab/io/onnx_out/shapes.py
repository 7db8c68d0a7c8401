"""Shapes, picking and reductions in ONNX. What an operation gives is known: its own shape rule has told it."""

from __future__ import annotations

from typing import Any

from ...errors import Unsupported
from ...ops.spec import Dim
from .elementwise import length
from .speaking import FAR, Speech, Value, says

PAD_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
REDUCTIONS = {
    "Max": "ReduceMax",
    "Min": "ReduceMin",
    "Mean": "ReduceMean",
    "Sum": "ReduceSum",
    "Prod": "ReduceProd",
}


def axes_of(o: Speech, dim: Any, ndim: int | None = None) -> list[int]:
    """The axes that a param names, counted from the front."""
    ndim = o.ndim() if ndim is None else ndim
    return [axis % max(1, ndim) for axis in (dim if isinstance(dim, tuple) else (dim,))]


@says("Flatten", "Reshape", "Squeeze")
def reshaped(o: Speech) -> Value:
    result, kind = o.shape("y"), type(o.op).__name__
    if (
        kind == "Flatten"
        and o.ndim() > 1
        and axes_of(o, o.op.params["start_dim"]) == [1]
        and len(result) == 2
    ):
        return o.Flatten(o.x, axis=1)
    return o.reshape(o.x, result)


@says("Unsqueeze")
def unsqueezed(o: Speech) -> Value:
    return o.Unsqueeze(o.x, o.ints(axes_of(o, o.op.params["dim"], len(o.shape("y")))))


@says("Transpose")
def transposed(o: Speech) -> Value:
    one, other = (o.axis(o.op.params[name]) for name in ("dim0", "dim1"))
    return o.swapped(o.x, o.ndim(), one, other)


@says("Permute")
def permuted(o: Speech) -> Value:
    dims = o.op.params["dims"]
    if not o.ndim():
        return o.Identity(o.x)
    return o.Transpose(o.x, perm=axes_of(o, dims) if dims is not None else list(range(o.ndim()))[::-1])


@says("Expand")
def expanded(o: Speech) -> Value:
    return o.Expand(o.x, o.sizes(o.shape("y")))


@says("Tile")
def tiled(o: Speech) -> Value:
    repeats = o.op.params["repeats"]
    times = list(repeats) if isinstance(repeats, tuple) else [repeats]
    missing = len(times) - o.ndim()
    x = o.Unsqueeze(o.x, o.ints(range(missing))) if missing > 0 else o.x
    return o.Tile(x, o.ints([1] * -missing + times if missing < 0 else times))


@says("Flip")
def flipped(o: Speech) -> Value:
    axes = axes_of(o, o.op.params["dim"])
    back = [o.ints([number] * len(axes)) for number in (-1, -FAR)]
    return o.Slice(o.x, *back, o.ints(axes), o.ints([-1] * len(axes)))


@says("ReverseSequence")
def reversed_sequence(o: Speech) -> Value:
    """A length of 0 does what 1 does, which ONNX has as the least."""
    time, batch = (1, 0) if o.op.params["batch_first"] else (0, 1)
    if o.shape()[time] == 0:
        return o.Identity(o.x)
    most = o.sizes((o.shape()[time],))
    lengths = o.Min(o.Max(o.at("lengths"), o.ints([1])), most)
    return o.ReverseSequence(o.x, lengths, time_axis=time, batch_axis=batch)


@says("Roll")
def rolled(o: Speech) -> Value:
    """The end in front, the rest behind it."""
    axis, shift = o.axis(o.op.params["dim"]), o.op.params["shifts"]
    size = o.shape()[axis]
    if isinstance(size, Dim):
        if abs(shift) != 1:
            raise Unsupported(f"It moves an axis of open size {size} by {shift}.")
    else:
        shift = shift % max(1, size)
    if not shift:
        return o.Identity(o.x)
    return o.Concat(o.cut(o.x, axis, -shift, FAR), o.cut(o.x, axis, 0, -shift), axis=axis)


@says("Slice")
def sliced(o: Speech) -> Value:
    params = o.op.params
    axes = axes_of(o, params["dim"])
    each = {
        n: params[n] if isinstance(params[n], tuple) else (params[n],) * len(axes)
        for n in ("start", "end", "step")
    }
    ends = [
        (FAR if step > 0 else -FAR) if end is None else end
        for end, step in zip(each["end"], each["step"], strict=True)
    ]
    return o.Slice(o.x, o.ints(each["start"]), o.ints(ends), o.ints(axes), o.ints(each["step"]))


@says("Pad")
def padded(o: Speech) -> Value:
    """Our pairs begin with the last axis; ONNX has all beginnings, then all ends."""
    pad, mode = o.op.params["pad"], PAD_MODES[o.op.params["mode"]]
    pairs = [(0, 0)] * (o.ndim() - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    pads = o.ints([before for before, _ in pairs] + [after for _, after in pairs])
    value = o.number(o.op.params["value"]) if mode == "constant" else None
    return o.Pad(o.x, pads, value, mode=mode)


@says("Concat")
def joined(o: Speech) -> Value:
    values = [o.at(socket.name) for socket in o.op.sockets()]
    return o.Concat(*values, axis=o.axis(o.op.params["dim"]))


@says("Stack")
def stacked(o: Speech) -> Value:
    axis = o.op.params["dim"] % len(o.shape("y"))
    values = [o.Unsqueeze(o.at(socket.name), o.ints([axis])) for socket in o.op.sockets()]
    return o.Concat(*values, axis=axis)


@says("Split")
def split(o: Speech) -> list[Value]:
    axis, results = o.axis(o.op.params["dim"]), o.op.results()
    sizes = [o.shape(name)[axis] for name in results]
    if not all(isinstance(size, int) for size in sizes):
        raise Unsupported(f"It takes an axis of open size {o.shape()[axis]} apart.")
    return o.put("Split", [o.x, o.ints(sizes)], len(results), "", {"axis": axis})  # type: ignore[arg-type]


# Picking


@says("Gather")
def gathered(o: Speech) -> Value:
    return o.GatherElements(o.x, o.at("index"), axis=o.axis(o.op.params["dim"]))


@says("IndexSelect")
def selected(o: Speech) -> Value:
    return o.Gather(o.x, o.at("index"), axis=o.axis(o.op.params["dim"]))


@says("ScatterAdd")
def scattered(o: Speech) -> Value:
    axis = o.axis(o.op.params["dim"])
    return o.ScatterElements(o.x, o.at("index"), o.at("source"), axis=axis, reduction="add")


@says("Sort")
def sorted_(o: Speech) -> list[Value]:
    axis = o.axis(o.op.params["dim"])
    return _top(o, o.sizes((o.shape()[axis],)), axis, bool(o.op.params["descending"]))


@says("TopK")
def top(o: Speech) -> list[Value]:
    return _top(o, o.ints([o.op.params["k"]]), o.axis(o.op.params["dim"]), bool(o.op.params["largest"]))


def _top(o: Speech, count: Value, axis: int, largest: bool) -> list[Value]:
    values, places = o.put("TopK", [o.x, count], 2, "", {"axis": axis, "largest": int(largest), "sorted": 1})
    return [values, Value(o, places.name, "int")]


@says("ArgMax", "ArgMin")
def place(o: Speech) -> Value:
    params = o.op.params
    more = {"keepdims": int(params["keepdim"]), "select_last_index": int(params["select_last"])}
    if params["dim"] is not None:
        return o.put(type(o.op).__name__, [o.x], 1, "int", {"axis": o.axis(params["dim"]), **more})[0]
    found = o.put(
        type(o.op).__name__, [o.Reshape(o.x, o.ints([-1]))], 1, "int", {"axis": 0, **more, "keepdims": 0}
    )
    return o.Reshape(found[0], o.ints([1] * len(o.shape("y"))))


# Reductions


def reduced_axes(o: Speech, socket: str = "") -> list[int]:
    dim, ndim = o.op.params["dim"], o.ndim(socket)
    return list(range(ndim)) if dim is None else axes_of(o, dim, ndim)


def _where(o: Speech) -> Value | None:
    """The axes as ONNX has them: nothing for all of them."""
    return None if o.op.params["dim"] is None else o.ints(reduced_axes(o))


@says(*REDUCTIONS)
def reduced(o: Speech) -> Value:
    kept = {"keepdims": int(o.op.params["keepdim"])}
    if not o.ndim() or o.op.params["dim"] == ():
        return o.Identity(o.x)
    return o.put(REDUCTIONS[type(o.op).__name__], [o.x, _where(o)], 1, "", kept)[0]


@says("LogSumExp")
def log_sum_exp(o: Speech) -> Value:
    return o.ReduceLogSumExp(o.x, _where(o), keepdims=int(o.op.params["keepdim"]))


@says("Norm")
def norm(o: Speech) -> Value:
    axes = None if o.op.params["dim"] is None else reduced_axes(o)
    return length(o, o.x, axes, o.op.params["p"], bool(o.op.params["keepdim"]))


@says("Variance", "Std")
def variance(o: Speech) -> Value:
    axes = _where(o)
    centred = o.x - o.ReduceMean(o.x, axes)
    total = o.ReduceSum(centred * centred, axes, keepdims=int(o.op.params["keepdim"]))
    count, less = o.count("x", reduced_axes(o)), o.op.params["correction"]
    found = total / (count - less if isinstance(count, Value) else max(0.0, count - less))
    return o.Sqrt(found) if type(o.op).__name__ == "Std" else found


@says("PairwiseDistance")
def pairwise(o: Speech) -> Value:
    apart = o.at("x1") - o.at("x2") + o.op.params["eps"]
    return length(o, apart, [-1], o.op.params["p"], bool(o.op.params["keepdim"]))


@says("CosineSimilarity")
def cosine_similarity(o: Speech) -> Value:
    return cosine(o, o.at("x1"), o.at("x2"), o.op.params["dim"], o.op.params["eps"])


def cosine(o: Speech, a: Value, b: Value, axis: int, eps: float) -> Value:
    where = o.ints([axis])
    lengths = [o.Max(o.ReduceL2(each, where), o.number(eps)) for each in (a, b)]
    return o.ReduceSum((a / lengths[0]) * (b / lengths[1]), where, keepdims=0)


@says("Normalize")
def normalised(o: Speech) -> Value:
    size = length(o, o.x, [o.axis(o.op.params["dim"])], o.op.params["p"])
    return o.x / o.Max(size, o.number(o.op.params["eps"]))
