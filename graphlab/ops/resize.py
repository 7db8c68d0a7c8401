"""How ONNX's Resize, which has very many forms, becomes an Upsample, which has PyTorch's. No op here.

A pixel of the result lies at the place x of the image before. "half_pixel" has (i + ½)/scale − ½, "asymmetric" i/scale,
"align_corners" i·(before − 1)/(size − 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import Unsupported
from .interchange import constant

BLENDING = {("linear", 1): "linear", ("linear", 2): "bilinear", ("cubic", 2): "bicubic"}


def from_resize(kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]) -> dict[str, Any]:
    """The params of an Upsample. Unsupported where it has no such form."""
    if attributes.get("antialias", 0):
        raise Unsupported(
            f"{kind} smooths before it makes an image smaller (antialias), which Upsample does not."
        )
    if attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise Unsupported(f"{kind} keeps the aspect ratio, which depends on the image's size.")
    if attributes.get("exclude_outside", 0) or attributes.get("cubic_coeff_a", -0.75) != -0.75:
        raise Unsupported(f"{kind} weighs neighbours by another cubic than Upsample (a = −0.75).")
    target, image = _target(kind, attributes, inputs)
    where, how = _places(kind, attributes)
    mode, field = attributes.get("mode", "nearest"), len(image)
    if mode == "nearest":
        return {"mode": _nearest(kind, where, how, target, image), **target}
    if (mode, field) not in BLENDING:
        raise Unsupported(f"{kind} resamples {field} axes by mode {mode}, which Upsample does not have.")
    return {
        "mode": BLENDING[mode, field],
        "align_corners": _has_corners(kind, where, target, image),
        **target,
    }


def _places(kind: str, attributes: Mapping[str, Any]) -> tuple[str, str]:
    """How a place in the image before is found, and which pixel is the nearest to it."""
    if kind == "Upsample":  # the former operator
        return "asymmetric", "floor"
    where = attributes.get("coordinate_transformation_mode", "half_pixel")
    return where, attributes.get("nearest_mode", "round_prefer_floor")


def _target(
    kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
) -> tuple[dict[str, Any], tuple[int | None, ...]]:
    """The scale_factor or the size of the result, and the size of the image before, as far as it is known."""
    x, *others = inputs if kind == "Resize" else (inputs[0], None, *inputs[1:])
    scales, sizes = (*others, None, None, None)[1:3]
    name, asked = ("scale_factor", scales) if sizes is None else ("size", sizes)
    numbers = [float(str(number)) for number in constant(asked, name)]  # the decimal fraction that was meant
    ndim = getattr(x, "ndim", None) or (4 if "axes" in attributes else len(numbers))
    axes = tuple(int(axis) % ndim for axis in attributes.get("axes", range(ndim)))
    by_axis = dict(zip(axes, numbers, strict=False))
    places = tuple(range(2, ndim))
    if ndim not in (3, 4) or len(numbers) != len(axes) or not set(places) <= set(axes):
        raise Unsupported(
            f"{kind} changes axes {axes}; Upsample those of N×C×L or N×C×H×W behind the channels."
        )
    if name == "scale_factor" and any(by_axis.get(axis, 1) != 1 for axis in (0, 1)):
        raise Unsupported(f"{kind} scales batch or channels.")
    wanted = tuple(by_axis[axis] if name == "scale_factor" else int(by_axis[axis]) for axis in places)
    known = getattr(x, "shape", None)
    return {name: wanted}, tuple(None if known is None else int(known[axis]) for axis in places)


def _nearest(
    kind: str, where: str, how: str, target: Mapping[str, Any], image: tuple[int | None, ...]
) -> str:
    """The mode that finds the same pixels: by their edge, or by their middle if none lies just half-way."""
    if (where, how) == ("asymmetric", "floor"):
        return "nearest"
    if where == "half_pixel" and how == "round_prefer_ceil":
        return "nearest-exact"
    if where == "half_pixel" and how == "round_prefer_floor":
        if not any(_lies_half_way(target, axis, before) for axis, before in enumerate(image)):
            return "nearest-exact"
        raise Unsupported(
            f"{kind} takes the left one of two pixels that are equally near, Upsample the right one."
        )
    raise Unsupported(f"{kind} finds the nearest pixel by {where} and {how}, which Upsample does not have.")


def _size(target: Mapping[str, Any], axis: int, before: int | None) -> int:
    """How large the result is along an axis; at least that where it is not known."""
    if "size" in target:
        return int(target["size"][axis])
    return int((1 if before is None else before) * target["scale_factor"][axis])


def _lies_half_way(target: Mapping[str, Any], axis: int, before: int | None) -> bool:
    """Whether a place may lie just between two pixels: where (i + ½)/scale is whole for some i."""
    scale = target["scale_factor"][axis] if "scale_factor" in target else None
    if scale is not None and scale % 1 == 0:
        return False  # an odd number of halves is no multiple of a whole number of them
    if before is None:
        return True  # who knows
    size = _size(target, axis, before)
    places = (np.arange(size) + 0.5) / (size / before if scale is None else scale)
    return bool(np.any(np.abs(places - np.round(places)) < 1e-6))


def _has_corners(kind: str, where: str, target: Mapping[str, Any], image: tuple[int | None, ...]) -> bool:
    """Whether it is align_corners. Unsupported where it is neither that nor half_pixel."""
    scales = target.get("scale_factor", ())
    even = all(
        scale % 1 == 0 or (before is not None and (before * scale) % 1 == 0)
        for scale, before in zip(scales, image, strict=False)
    )
    if where == "half_pixel" or (where == "half_pixel_symmetric" and even):
        return False
    if where == "pytorch_half_pixel" and all(
        _size(target, axis, before) > 1 for axis, before in enumerate(image)
    ):
        return False
    if where == "align_corners" and even:
        return True
    rounded = "" if even else f" and a scale {scales} that does not come out even"
    raise Unsupported(f"{kind} blends by {where}{rounded}; Upsample by half_pixel or align_corners.")
