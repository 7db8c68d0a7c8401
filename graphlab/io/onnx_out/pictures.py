"""Pictures made ready for a network, in ONNX."""

from __future__ import annotations

from typing import cast

import numpy as np

from ...ops.preparing import GREY, CenterCrop, NormalizeChannels, Resize
from ...ops.windows import across
from .layers import by_weights, known
from .speaking import Speech, Value, says


@says("Resize")
def resized(o: Speech) -> Value:
    """ONNX's own Resize smooths a little otherwise, so it is the product with our weights."""
    return by_weights(o, cast(Resize, o.op), known(o, "x", 2, 3), known(o, "y", 2, 3))


@says("CenterCrop")
def center_cropped(o: Speech) -> Value:
    x, op = o.x, cast(CenterCrop, o.op)
    for axis, wanted in zip((2, 3), across(op.size, "size", 2, 1), strict=True):
        start = (known(o, "x", axis)[0] - wanted) // 2
        x = o.cut(x, axis, start, start + wanted)
    return x


@says("NormalizeChannels")
def normalised(o: Speech) -> Value:
    mean, std = (o.number(np.reshape(v, (-1, 1, 1))) for v in cast(NormalizeChannels, o.op).numbers())
    return (o.x - mean) / std


@says("Grayscale")
def grey(o: Speech) -> Value:
    if known(o, "x", 1) == [1]:
        return o.Identity(o.x)
    return o.Conv(o.x, o.number(np.reshape(GREY, (1, 3, 1, 1))))


@says("RGB")
def coloured(o: Speech) -> Value:
    if known(o, "x", 1) == [3]:
        return o.Identity(o.x)
    return o.Concat(o.x, o.x, o.x, axis=1)
