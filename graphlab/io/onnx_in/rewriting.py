"""Operators that become something else than what they are called: windows with uneven padding, batches set free."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import ShapeError, Unsupported
from ...ops import Dim, Shape, Size
from ...ops.spec import product
from ...ops.windows import Window
from .model import Operator
from .values import Value, Wire

LEAST = float(np.finfo(np.float32).min)  # what a maximum never takes; a param cannot be infinite
Put = Callable[..., Wire]  # (op, params, inputs by socket): one more node
BROADCASTING = ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Greater", "Less", "Equal")
WINDOWS = ("Conv", "MaxPool", "AveragePool")


class Rewriting:
    """One operator in the form in which ours is looked for. `result`: what gives it, where that is drawn already."""

    def __init__(
        self, kind: str, attributes: dict[str, Any], inputs: list[Value], free: bool, put: Put
    ) -> None:
        self.kind, self.attributes, self.inputs = kind, dict(attributes), list(inputs)
        self.result: Value = None
        self._put = put
        if kind in WINDOWS and inputs:
            self._window()
        elif kind == "Reshape":
            self._reshape(free)
        elif kind == "MatMul":
            self._matmul()
        elif kind == "Gemm":
            self._gemm()
        elif "axis" in self.attributes and kind in BROADCASTING:
            self._along_axis()
        elif kind == "MatMulAdd":
            self.kind, self.attributes = "Gemm", {}
        elif kind in ("Identity", "Cast") and isinstance(inputs[0], Wire):
            self._pass_on()

    def _pass_on(self) -> None:
        """A Cast among measured numbers changes nothing that we keep."""
        x = self.inputs[0]
        assert isinstance(x, Wire)
        to = self.attributes.get("to", 1)
        kind = "float" if to in (1, 9, 10, 11, 16) else "int"
        if self.kind == "Identity" or (x.spec is not None and x.spec.kind == kind):
            self.result = x
        else:
            raise Unsupported(
                "graphlab does not turn class indices into measured numbers, nor the other way round."
            )

    def _matmul(self) -> None:
        """x times a matrix of weights is a layer."""
        a, b = self.inputs
        if isinstance(a, Wire) and isinstance(b, np.ndarray) and b.ndim == 2 and b.dtype.kind == "f":
            ndim = getattr(a, "ndim", 0)
            if ndim >= 2:
                self.kind, self.attributes = "Gemm", {}

    def _gemm(self) -> None:
        """alpha · A @ B + beta · C: a layer where B is known, else a product and a sum."""
        a, b, c = (*self.inputs, None)[:3]
        if isinstance(a, Wire) and self.attributes.pop("transA", 0):
            self.inputs[0] = a = self._put("Permute", {"dims": (1, 0)}, x=a)
        if not isinstance(a, Wire) or not isinstance(b, Wire):
            return
        if self.attributes.get("transB", 0):
            b = self._put("Permute", {"dims": (1, 0)}, x=b)
        alpha, beta = (float(self.attributes.get(name, 1.0)) for name in ("alpha", "beta"))
        product = self._times(self._put("MatMul", {}, a=a, b=b), alpha)
        if c is None:
            self.result = product
            return
        added = self._times(c, beta) if isinstance(c, Wire) else beta * np.asarray(c)
        self.kind, self.attributes, self.inputs = "Add", {}, [product, added]

    def _times(self, x: Wire, factor: float) -> Wire:
        return x if factor == 1 else self._put("Mul", {"b": factor}, a=x)

    # Shapes

    def _reshape(self, free: bool) -> None:
        """Sizes that are open or copied get the form that our Reshape has; a batch of one becomes any batch."""
        x, shape = self.inputs
        if not isinstance(x, Wire) or x.spec is None or not isinstance(shape, np.ndarray):
            return
        has, wanted = x.spec.shape, shape.tolist()
        if not self.attributes.get("allowzero", 0):
            wanted = [has[i] if size == 0 and i < len(has) else size for i, size in enumerate(wanted)]
        if free and wanted and has and wanted[0] == 1 and isinstance(has[0], Dim):
            wanted[0] = has[0]  # a batch of one becomes any batch
        if wanted.count(-1) == 1 and any(isinstance(size, Dim) for size in wanted[1:]):
            wanted[wanted.index(-1)] = self._rest(has, wanted)
        if wanted and has and isinstance(has[0], Dim) and wanted[0] == has[0]:
            wanted[0] = 0  # as many as x has
        still_open = [axis for axis, size in enumerate(wanted) if isinstance(size, Dim)]
        if len(still_open) == 1 and -1 not in wanted:
            wanted[still_open[0]] = -1
        elif still_open:
            return
        self.inputs = [x, np.array(wanted, np.int64)]

    def _rest(self, has: Shape, wanted: Sequence[Size]) -> Size:
        """The size that -1 stands for; -1 where it does not come out."""
        fixed = product([size for size in wanted if size != -1])
        try:
            rest = product(has) // fixed
        except (ShapeError, ZeroDivisionError):
            return -1
        return rest if rest * fixed == product(has) else -1

    def _along_axis(self) -> None:
        """Before opset 7 `axis` said where the second operand's axes lie."""
        axis = self.attributes.pop("axis")
        a, b = self.inputs
        ndim, shape = getattr(a, "ndim", None), getattr(b, "shape", None)
        if ndim is None or shape is None:
            raise Unsupported(f"It lays its second operand along axis {axis}, but its shape is not known.")
        wanted = (*shape, *(1,) * max(ndim - axis % max(ndim, 1) - len(shape), 0))
        if isinstance(b, np.ndarray):
            self.inputs[1] = b.reshape(wanted)
        elif isinstance(b, Wire) and wanted != shape:
            self.inputs[1] = self._put("Reshape", {"shape": wanted}, x=b)

    # Windows

    def _window(self) -> None:
        x = self.inputs[0]
        auto = self.attributes.get("auto_pad", "NOTSET")
        shape = x.spec.shape[2:] if isinstance(x, Wire) and x.spec is not None else ()
        sizes = [size for size in shape if isinstance(size, int)]
        kernel = self.attributes.get("kernel_shape") or tuple(getattr(self.inputs[-1], "shape", ())[2:])
        if len(self.inputs) > 1:
            kernel = tuple(getattr(self.inputs[1], "shape", ())[2:]) or kernel
        if not sizes or not len(sizes) == len(shape) == len(kernel):
            return
        if auto.startswith("SAME"):
            self.attributes.pop("auto_pad")
            self.attributes["pads"] = self._same(sizes, kernel, is_upper=auto == "SAME_UPPER")
        pads = tuple(self.attributes.get("pads", ()))
        half = len(pads) // 2
        if pads[:half] != pads[half:]:
            self._uneven(x, sizes, kernel, pads[:half], pads[half:])

    def _same(self, sizes: Sequence[int], kernel: Sequence[int], is_upper: bool) -> tuple[int, ...]:
        """The pads that keep the size, divided by the stride; an odd one goes to the end (upper) or the beginning."""
        strides = self.attributes.get("strides", (1,) * len(kernel))
        dilations = self.attributes.get("dilations", (1,) * len(kernel))
        begins, ends = [], []
        for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
            total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
            begins.append(total // 2 if is_upper else total - total // 2)
            ends.append(total - begins[-1])
        return (*begins, *ends)

    def _uneven(
        self, x: Any, sizes: Sequence[int], kernel: Sequence[int], begins: Sequence[int], ends: Sequence[int]
    ) -> None:
        """The two ends are padded differently."""
        counts_pad = self.kind == "Conv" or bool(self.attributes.get("count_include_pad", 0))
        if self.kind != "Conv" and self._is_whole(sizes, kernel, begins, ends):
            self.kind = {"MaxPool": "GlobalMaxPool", "AveragePool": "GlobalAveragePool"}[self.kind]
            self.attributes = {}
        elif (
            self.kind != "Conv"
            and not (counts_pad and self.kind == "AveragePool")
            and self._is_ceiling(sizes, kernel, begins, ends)
        ):
            self.attributes |= {"pads": (*begins, *begins), "ceil_mode": 1}
        elif self.kind == "AveragePool" and not counts_pad:
            raise Unsupported(
                f"It pads its ends differently ({(*begins, *ends)}) and leaves padding out of the mean."
            )
        else:
            pairs = zip(reversed(begins), reversed(ends), strict=True)
            value = LEAST if self.kind == "MaxPool" else 0.0
            pad = {"pad": tuple(number for pair in pairs for number in pair), "value": value}
            self.inputs[0] = self._put("Pad", pad, x=x)
            self.attributes.pop("pads")

    def _outputs(
        self, sizes: Sequence[int], kernel: Sequence[int], begins: Sequence[int], ends: Sequence[int]
    ) -> list[int]:
        strides = self.attributes.get("strides", (1,) * len(kernel))
        dilations = self.attributes.get("dilations", (1,) * len(kernel))
        axes = zip(sizes, kernel, strides, dilations, begins, ends, strict=True)
        up = bool(self.attributes.get("ceil_mode", 0))
        rooms = [(size + b + e - ((k - 1) * d + 1), s) for size, k, s, d, b, e in axes]
        return [(-(-room // s) if up else room // s) + 1 for room, s in rooms]

    def _is_whole(
        self, sizes: Sequence[int], kernel: Sequence[int], begins: Sequence[int], ends: Sequence[int]
    ) -> bool:
        """Whether there is one window, which reaches over everything (and padding does not count)."""
        if self.attributes.get("count_include_pad", 0) or any(
            d != 1 for d in self.attributes.get("dilations", ())
        ):
            return False
        covers = all(k - b >= size for size, k, b in zip(sizes, kernel, begins, strict=True))
        return covers and all(count == 1 for count in self._outputs(sizes, kernel, begins, ends))

    def _is_ceiling(
        self, sizes: Sequence[int], kernel: Sequence[int], begins: Sequence[int], ends: Sequence[int]
    ) -> bool:
        """Whether the padding behind only lets a last window reach beyond the end, as ceil_mode does."""
        strides = self.attributes.get("strides", (1,) * len(kernel))
        dilations = self.attributes.get("dilations", (1,) * len(kernel))
        axes = zip(sizes, kernel, strides, begins, dilations, strict=True)
        fitting = [Window((1, k), (1, s), (0, b), (1, d), True).fitting(1, size) for size, k, s, b, d in axes]
        return fitting == self._outputs(sizes, kernel, begins, ends)


def as_linear(
    product: Operator, takers: Mapping[str, list[Operator]], values: Mapping[str, Value]
) -> Operator | None:
    """The one layer that a MatMul and the bias that alone is added to it are; None where they are not.

    `takers`: who takes a value, the model's outputs included; `values`: what is known or drawn so far.
    """
    behind = takers.get(product.outputs[0], [])
    if product.kind != "MatMul" or product.domain or len(behind) != 1 or behind[0].kind != "Add":
        return None
    x, weight = (values[name] for name in product.inputs)
    add = behind[0]
    if not isinstance(x, Wire) or getattr(x, "ndim", 0) < 2 or not isinstance(weight, np.ndarray):
        return None
    other = next((name for name in add.inputs if name != product.outputs[0]), "")
    bias = values.get(other)
    if add.domain or "axis" in add.attributes or not isinstance(bias, np.ndarray) or weight.ndim != 2:
        return None
    if bias.shape != weight.shape[1:] or weight.dtype.kind != "f":
        return None
    inputs = (product.inputs[0], product.inputs[1], other)
    return replace(product, kind="MatMulAdd", inputs=inputs, outputs=add.outputs)
