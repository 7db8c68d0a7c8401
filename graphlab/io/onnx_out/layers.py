"""Layers in ONNX: products with weights, convolutions, pooling, resampling and normalisation."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ...errors import Unsupported
from ...ops.augmentation import RandomCrop
from ...ops.convolution import Filters
from ...ops.pooling import Pool
from ...ops.resampling import Resampling
from ...ops.spec import Dim
from ...ops.windows import across
from .speaking import Speech, Value, says


def known(o: Speech, socket: str, *axes: int) -> list[int]:
    """The sizes of these axes. Unsupported where they are open."""
    found = []
    for axis in axes:
        size = o.shape(socket)[axis]
        if isinstance(size, Dim):
            raise Unsupported(f"The size {size} of {socket} ({o.spec(socket)}) is open.")
        found.append(int(size))
    return found


@says("Linear")
def linear(o: Speech) -> Value:
    weight, bias = o.at("weight"), o["bias"]
    if o.ndim("x") == 2:
        return o.Gemm(o.x, weight, bias, transB=1)
    product = o.MatMul(o.x, o.Transpose(weight, perm=[1, 0]))
    return product if bias is None else product + bias


@says("Bilinear")
def bilinear(o: Speech) -> Value:
    letters = "abcdefgh"[: o.ndim("x1") - 1]
    equation = f"{letters}i,oij,{letters}j->{letters}o"
    found = o.put("Einsum", [o.at("x1"), o.at("weight"), o.at("x2")], 1, "", {"equation": equation})[0]
    return found if o["bias"] is None else found + o["bias"]


@says("Embedding")
def embedding(o: Speech) -> Value:
    found, empty = o.Gather(o.at("weight"), o.at("x"), of="float", axis=0), o.op.params["padding_idx"]
    if empty is None:
        return found
    is_empty = o.Equal(o.at("x"), o.number(empty % o.op.params["num_embeddings"], "int"), of="bool")
    return o.Where(o.Unsqueeze(is_empty, o.ints([-1])), 0.0, found, of="float")


@says("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d")
def convolution(o: Speech) -> Value:
    op = cast(Filters, o.op)
    window, field = op.window, op.field
    kernel, stride, padding, dilation = (list(pair[-field:]) for pair in window[:4])
    more: dict[str, Any] = {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}
    more |= {"dilations": dilation, "group": op.groups}
    extra = op.params.get("output_padding")
    if extra is None:
        return o.Conv(o.x, o.at("weight"), o["bias"], **more)
    added = list(across(extra, "output_padding", field, 0)[-field:])
    if all(a < s for a, s in zip(added, stride, strict=True)):
        return o.ConvTranspose(o.x, o.at("weight"), o["bias"], **more, output_padding=added)
    return _lengthened(o, more, padding, added)


def _lengthened(o: Speech, more: dict[str, Any], padding: list[int], added: list[int]) -> Value:
    """With more at the end than a stride, which onnxruntime refuses: cut off less there, and add zeros."""
    ends = [p - a for p, a in zip(padding, added, strict=True)]
    pads = padding + [max(0, end) for end in ends]
    found = o.ConvTranspose(o.x, o.at("weight"), **{**more, "pads": pads})
    lead = [0] * (2 + len(padding))
    found = o.Pad(found, o.ints([*lead, 0, 0, *(max(0, -end) for end in ends)]), o.number(0.0))
    return found if o["bias"] is None else found + o.Reshape(o["bias"], o.ints([-1] + [1] * len(padding)))


@says("MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d")
def pooling(o: Speech) -> Value:
    op = cast(Pool, o.op)
    kernel, stride, padding, dilation = (list(pair[-op.field :]) for pair in op.window[:4])
    more: dict[str, Any] = {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}
    more |= {"dilations": dilation} if "dilation" in op.params else {}
    if "count_include_pad" in op.params:
        more["count_include_pad"] = int(op.params["count_include_pad"])
    if op.params["ceil_mode"]:
        more |= _rounded_up(o, op, bool(more.get("count_include_pad")))
    return o.put("MaxPool" if "dilation" in op.params else "AveragePool", [o.x], 1, "", more)[0]


def _rounded_up(o: Speech, op: Pool, counts_padding: bool) -> dict[str, Any]:
    """How windows may reach over the end. ONNX rounds up even where such a window would begin there; ours does not."""
    window, field = op.window, op.field
    ours = known(o, "y", *range(2, field + 2))
    plain, over, ends = list[int](), list[int](), list[int]()
    for axis, size in enumerate(known(o, "x", *range(2, field + 2)), 2 - field):
        stride, padding, extent = window.stride[axis], window.padding[axis], window.extent[axis]
        room = size + 2 * padding - extent
        plain.append(room // stride + 1)
        over.append(-(-room // stride) + 1)
        ends.append(max(padding, (ours[len(ends)] - 1) * stride + extent - size - padding))
    if ours in (plain, over):
        return {"ceil_mode": int(ours != plain)}
    if counts_padding:
        raise Unsupported(
            "its windows reach over the end along one axis and would begin there along the other."
        )
    return {"pads": [*window.padding[-field:], *ends]}


@says("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d")
def adaptive(o: Speech) -> Value:
    """Where sizes come out even, plain pooling; else the windows one by one."""
    places = range(2, o.ndim("x"))
    before, after = known(o, "x", *places), known(o, "y", *places)
    kind = "AveragePool" if "Avg" in type(o.op).__name__ else "MaxPool"
    if all(after) and not any(b % a for b, a in zip(before, after, strict=True)):
        kernel = [b // a for b, a in zip(before, after, strict=True)]
        return o.put(kind, [o.x], 1, "", {"kernel_shape": kernel, "strides": kernel})[0]
    x = o.x
    for axis, size, count in zip(places, before, after, strict=True):
        windows = [(k * size // count, -(-(k + 1) * size // count)) for k in range(count)]
        reduce = "ReduceMean" if kind == "AveragePool" else "ReduceMax"
        parts = [o.put(reduce, [o.cut(x, axis, start, end), o.ints([axis])], 1)[0] for start, end in windows]
        x = o.Concat(*parts, axis=axis)
    return x


@says("Upsample")
def upsampled(o: Speech) -> Value:
    """As ONNX resizes where that is the same; else as the product with the weights of all pixels, which is exact."""
    op, field = cast(Resampling, o.op), o.ndim("x") - 2
    before, after = known(o, "x", *range(2, field + 2)), known(o, "y", *range(2, field + 2))
    scale = op.params["scale_factor"]
    even = op.params["size"] is not None or all(
        float(s).is_integer() for s in (scale if isinstance(scale, tuple) else (scale,))
    )
    if op.params["mode"] == "nearest" and even and not any(a % b for a, b in zip(after, before, strict=True)):
        channels = o.sizes(o.shape("y"))
        where = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return o.Resize(o.x, None, None, channels, mode="nearest", **where)
    return by_weights(o, op, before, after)


def by_weights(o: Speech, op: Resampling, before: list[int], after: list[int]) -> Value:
    """The product with the weights of all pixels, axis by axis."""
    x, field = o.x, len(before)
    for axis in range(field):
        weights = op.weights(after[axis], before[axis], axis + 2 - field, field)
        turned = o.swapped(x, o.ndim("x"), axis + 2, field + 1) if axis + 1 < field else x
        turned = o.MatMul(turned, o.number(weights.T))
        x = o.swapped(turned, o.ndim("x"), axis + 2, field + 1) if axis + 1 < field else turned
    return x


@says("PixelShuffle")
def pixel_shuffle(o: Speech) -> Value:
    return o.DepthToSpace(o.x, blocksize=o.op.params["upscale_factor"], mode="CRD")


@says("PixelUnshuffle")
def pixel_unshuffle(o: Speech) -> Value:
    by = o.op.params["downscale_factor"]
    channels, height, width = known(o, "x", 1, 2, 3)
    count = o.shape("x")[0]
    parts = o.reshape(o.x, (count, channels, height // by, by, width // by, by))
    return o.reshape(o.Transpose(parts, perm=[0, 1, 3, 5, 2, 4]), o.shape("y"))


# What does nothing when nothing is learnt


@says("Dropout")
def dropout(o: Speech) -> Value:
    """Its probability is kept for whoever trains on; a run-time takes none of 1."""
    p = o.op.params["p"]
    return o.Dropout(o.x, o.number(p)) if p < 1 else o.Identity(o.x)


@says(
    "Dropout1d",
    "Dropout2d",
    "AlphaDropout",
    "GaussianNoise",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "RandomRotation",
    "RandomShift",
)
def left_alone(o: Speech) -> Value:
    return o.Identity(o.x)


@says("RandomCrop")
def cropped(o: Speech) -> Value:
    """From the middle."""
    op, x = cast(RandomCrop, o.op), o.x
    pad = int(op.padding)
    if pad:
        x = o.Pad(x, o.ints([0, 0, pad, pad] * 2), o.number(0.0))
    for axis, wanted in zip((2, 3), across(op.size, "size", 2, 1), strict=True):
        start = (known(o, "x", axis)[0] + 2 * pad - wanted) // 2
        x = o.cut(x, axis, start, start + wanted)
    return x


# Normalisation


def affine(o: Speech, count: int) -> tuple[Value, Value]:
    """Scale and shift, 1 and 0 where nothing is learnt."""
    weight, bias = o["weight"], o["bias"] if "bias" in {s.name for s in o.op.sockets()} else None
    return (
        o.number(np.ones(count)) if weight is None else weight,
        o.number(np.zeros(count)) if bias is None else bias,
    )


@says("BatchNorm1d", "BatchNorm2d")
def batch_norm(o: Speech) -> Value:
    (channels,) = known(o, "x", 1)
    weight, bias = affine(o, channels)
    eps, momentum = o.op.params["eps"], o.op.params["momentum"]
    mean, spread = o["running_mean"], o["running_var"]
    if mean is not None and spread is not None:
        more = {} if momentum is None else {"momentum": 1 - momentum}
        return o.BatchNormalization(o.x, weight, bias, mean, spread, epsilon=eps, **more)
    axes = o.ints([0, *range(2, o.ndim("x"))])
    beside = o.ints([1, channels] + [1] * (o.ndim("x") - 2))
    centred = o.x - o.ReduceMean(o.x, axes)
    normed = centred / o.Sqrt(o.ReduceMean(centred * centred, axes) + eps)
    if o["weight"] is None:
        return normed
    return normed * o.Reshape(weight, beside) + o.Reshape(bias, beside)


@says("InstanceNorm1d", "InstanceNorm2d")
def instance_norm(o: Speech) -> Value:
    weight, bias = affine(o, known(o, "x", 1)[0])
    return o.InstanceNormalization(o.x, weight, bias, epsilon=o.op.params["eps"])


@says("GroupNorm")
def group_norm(o: Speech) -> Value:
    """ONNX's own has a scale for each group up to opset 20; ours has one for each channel."""
    groups, shape = o.op.params["num_groups"], o.shape("x")
    rows = o.Reshape(o.x, o.ints([0, groups, -1]))
    normed = o.InstanceNormalization(rows, *affine_of(o, groups), epsilon=o.op.params["eps"])
    normed = o.reshape(normed, shape)
    if o["weight"] is None:
        return normed
    beside = o.ints([-1] + [1] * (len(shape) - 2))
    return normed * o.Reshape(o.at("weight"), beside) + o.Reshape(o.at("bias"), beside)


def affine_of(o: Speech, count: int) -> tuple[Value, Value]:
    return o.number(np.ones(count)), o.number(np.zeros(count))


def _normalised(o: Speech) -> tuple[int, ...]:
    """The sizes of the last axes over which is normalised."""
    asked = o.op.params["normalized_shape"]
    if asked is None:
        return tuple(known(o, "x", o.ndim("x") - 1))
    return asked if isinstance(asked, tuple) else (asked,)


@says("LayerNorm")
def layer_norm(o: Speech) -> Value:
    sizes = _normalised(o)
    weight = o.number(np.ones(sizes)) if o["weight"] is None else o.at("weight")
    return o.LayerNormalization(
        o.x, weight, o["bias"], axis=o.ndim("x") - len(sizes), epsilon=o.op.params["eps"]
    )


@says("RMSNorm")
def rms_norm(o: Speech) -> Value:
    sizes, eps = _normalised(o), o.op.params["eps"]
    axes = o.ints(range(o.ndim("x") - len(sizes), o.ndim("x")))
    small = float(np.finfo(np.float32).eps) if eps is None else eps
    normed = o.x / o.Sqrt(o.ReduceMean(o.x * o.x, axes) + small)
    return normed if o["weight"] is None else normed * o["weight"]


@says("LocalResponseNorm")
def local_response(o: Speech) -> Value:
    """ONNX has odd numbers of neighbours; with even ones we look further to the front, as PyTorch. onnxruntime takes
    images only."""
    params, size = o.op.params, o.op.params["size"]
    if size % 2 and o.ndim("x") == 4:
        return o.LRN(o.x, size=size, alpha=params["alpha"], beta=params["beta"], bias=params["k"])
    squares = o.Unsqueeze(o.x * o.x, o.ints([1]))
    front, ndim = size // 2, o.ndim("x")
    pads = [0, 0, front] + [0] * (ndim - 2) + [0, 0, size - 1 - front] + [0] * (ndim - 2)
    kernel = [size] + [1] * (ndim - 2)
    padded = o.Pad(squares, o.ints(pads), o.number(0.0))
    means = o.Squeeze(o.AveragePool(padded, kernel_shape=kernel, strides=[1] * len(kernel)), o.ints([1]))
    return o.x / o.Pow(means * params["alpha"] + params["k"], params["beta"])
