"""Matrix products and the fully connected layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError, Unsupported
from . import layer_products
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .explain_products import linear, linear_influence, matrices, matrices_influence
from .explaining import Call, Influence, Place
from .explanation import Term
from .interchange import constant
from .matrix import product
from .recipe_parts import summed
from .registry import register
from .rows import add_to_rows, ones, writable
from .spec import Shape, Size, broadcast


@register
class Linear(Op):
    """A fully connected layer: every output is a weighted sum of all inputs, plus a bias (torch.nn.Linear).

    x is (…, in); weight is (units, in); bias is (units); y is (…, units). Unplugged, weight and bias are
    parameters of the node itself.
    """

    synonyms = ("Dense", "FullyConnected")
    category = "Layer"
    formula = "y = x·Wᵀ + b"
    latex = r"y = x W^\top + b"
    derivative = (
        r"\frac{\partial \ell}{\partial W} = \bar{y}^\top x,\quad "
        r"\frac{\partial \ell}{\partial x} = \bar{y}\,W"
    )
    inputs = (Socket("x"), Socket("weight", learnable=True), Socket("bias", learnable=True))
    units = Param(16, low=1, high=1_000_000, help="How many outputs the layer has.")
    bias = Param(True, help="Whether a bias is added.")
    examples = (
        Example({"units": 5}, x=(4, 3)),
        Example({"units": 2, "bias": False}, x=(4, 3)),
        Example({"units": 2}, x=(3,)),
        Example({"units": 4}, x=(2, 5, 3)),
        Example({"units": 1}, x=(1, 1)),
    )
    torch = "F.linear({x}, {weight}, {bias})"
    transposes = {"weight": "forward"}
    onnx = ("Gemm",)
    factors = ("x", "weight")

    def learnable(self, x: Spec) -> dict[str, Shape]:
        if not x.ndim or not isinstance(x.shape[-1], int):
            raise ShapeError(
                f"x ({x}) has no fixed last axis to weigh.",
                hint="Give what feeds it a fixed last size." if x.ndim else "Feed at least a vector.",
                socket="x",
            )
        shapes: dict[str, Shape] = {"weight": (self.units, x.shape[-1])}
        return shapes | {"bias": (self.units,)} if self.bias else shapes

    def infer(self, x: Spec, weight: Spec, bias: Spec | None) -> Spec:
        asked = {"bias": (self.units,), **self.learnable(x)}
        for name, spec in (("weight", weight), ("bias", bias)):
            if spec is not None and spec.shape != asked[name]:
                raise ShapeError(
                    f"{name} is {spec}, but x ({x}) and {self.units} units ask for {Spec(asked[name])}.",
                    hint=f"Change units, or what is wired to {name}.",
                    socket=name,
                )
        return x.with_shape(*x.shape[:-1], self.units)

    def flops(self, *, weight: tuple[int, ...], y: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return 2 * math.prod(y) * weight[1]

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        rank = len(shapes["x"])
        product = {1: "np.outer(dy, x)", 2: "dy.T @ x"}.get(
            rank, "dy.reshape(-1, dy.shape[-1]).T @ x.reshape(-1, x.shape[-1])"
        )
        return Recipe(
            "y = x @ weight.T" + " + bias" * ("bias" in shapes),
            f"dx = dy @ weight\ndweight = {product}\ndbias = {summed('dy', 'bias', shapes['y'][-1:], shapes['y'])}",
        )

    def forward(self, ctx: Context, x: Array, weight: Array, bias: Array | None, *, y: Array) -> None:
        out = _rows(y)
        product = layer_products.outputs(ctx, _rows(x), weight, out)
        if product is not out:
            np.copyto(out, product) if bias is None else np.add(product, bias, out)
        elif bias is not None:
            add_to_rows(ctx, out, bias)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array,
        bias: Array | None,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
        dbias: Array | None,
    ) -> None:
        dy = _rows(dy)
        if dx is not None:
            with writable(ctx, dx) as out:
                layer_products.input_gradient(ctx, dy, weight, _rows(out))
        if dweight is not None:
            with writable(ctx, dweight) as out:
                layer_products.weight_gradient(ctx, dy, _rows(x), out)
        if dbias is not None:
            with writable(ctx, dbias) as out:
                ones(ctx, len(dy)).dot(dy, out)  # the column sums; a third of the time of add.reduce

    def workspace(self, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return int(math.prod(x[:-1]) * self.units)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return linear(call, at)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        return linear_influence(call, socket, at)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Gemm is alpha · A @ B + beta · C; where B and C are known, the factors go into the weights."""
        x, weight, bias = (*inputs, None)[:3]
        if attributes.get("transA", 0):
            raise Unsupported("Linear does not turn its input (transA) round.")
        table, alpha = constant(weight, "B"), attributes.get("alpha", 1.0)
        table = (
            table if alpha == 1 else alpha * table
        )  # weights may be hundreds of megabytes: left where they lie
        table = table if attributes.get("transB", 0) else table.T
        arrays = {"x": x, "weight": table}
        if bias is not None:
            row = attributes.get("beta", 1.0) * constant(bias, "C")
            if row.size not in (1, len(table)) or any(size != 1 for size in row.shape[:-1]):
                raise Unsupported("Linear adds one bias per output (C), the same to every row.")
            arrays["bias"] = np.broadcast_to(row.reshape(-1), (len(table),)).copy()
        return {"units": len(table), "bias": bias is not None}, arrays


@register
class MatMul(Op):
    """The matrix product: every row of a times every column of b (torch.matmul).

    a is (…, n, m) and b (…, m, p); the result is (…, n, p). A vector counts as one row on the left, one
    column on the right, and that axis is left out of the result. Leading axes are matched like those of
    Add. For a layer with weights of its own use Linear.
    """

    synonyms = ("Mm", "Bmm", "Dot")
    category = "Math"
    formula = "y = a @ b"
    latex = r"y_{ij} = \sum_k a_{ik}\, b_{kj}"
    derivative = (
        r"\frac{\partial \ell}{\partial a} = \bar{y}\, b^\top,\quad "
        r"\frac{\partial \ell}{\partial b} = a^\top \bar{y}"
    )
    inputs = (Socket("a"), Socket("b"))
    examples = (
        Example(a=(4, 3), b=(3, 2)),
        Example(a=(3,), b=(3,)),
        Example(a=(2, 3), b=(3,)),
        Example(a=(3,), b=(3, 2)),
        Example(a=(2, 4, 3), b=(3, 2)),
        Example(a=(2, 1, 4, 3), b=(5, 3, 2)),
        Example(a=(3,), b=(2, 3, 4)),
        Example(a=(1, 1), b=(1, 1)),
        Example(a=(0, 3), b=(3, 2)),
    )
    torch = "torch.matmul({a}, {b})"
    transposes = {"b": "backward"}
    onnx = ("MatMul",)
    factors = ("a", "b")

    def formula_latex(self) -> str:
        return r"y = a\, b"

    def infer(self, a: Spec, b: Spec) -> Spec:
        for name, spec in (("a", a), ("b", b)):
            if not spec.ndim:
                raise ShapeError(f"{name} is a scalar; a matrix is needed.", hint="Use Mul.", socket=name)
        inner: tuple[Size, Size] = a.shape[-1], b.shape[-2 if b.ndim > 1 else 0]
        if inner[0] != inner[1]:
            raise ShapeError(
                f"Cannot multiply a ({a}) by b ({b}): the inner sizes {inner[0]} and {inner[1]} differ.",
                hint=f"Set units of what feeds a to {inner[1]}, or the first size of b to {inner[0]}.",
                socket="b",
            )
        batch = broadcast(Spec(a.shape[:-2]), Spec(b.shape[:-2]))
        rows = a.shape[-2:-1]
        columns = b.shape[-1:] if b.ndim > 1 else ()
        return Spec((*batch, *rows, *columns))

    def flops(self, *, a: tuple[int, ...], b: tuple[int, ...], y: tuple[int, ...]) -> int:
        return 2 * math.prod(y) * a[-1]

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        """Vectors are rows on the left and columns on the right; what is repeated in a stack is summed."""
        a, b = shapes["a"], shapes["b"]
        if len(a) == len(b) == 1:
            return Recipe("y = a @ b", "da = dy * b\ndb = dy * a")
        if len(a) == 2 and len(b) == 2:
            return Recipe("y = a @ b", "da = dy @ b.T\ndb = a.T @ dy")
        if len(a) == 2 and len(b) == 1:
            return Recipe("y = a @ b", "da = np.outer(dy, b)\ndb = a.T @ dy")
        if len(a) == 1 and len(b) == 2:
            return Recipe("y = a @ b", "da = b @ dy\ndb = np.outer(a, dy)")
        left, right, dy = "a", "b", "dy"
        if len(a) == 1:
            left, dy, a = "a[None, :]", "np.expand_dims(dy, -2)", (1, *a)
        if len(b) == 1:
            right, dy, b = "b[:, None]", "dy[..., None]", (*b, 1)
        lead = np.broadcast_shapes(a[:-2], b[:-2])
        da = summed(f"{dy} @ {right}.swapaxes(-1, -2)", "a", a, (*lead, *a[-2:]))
        db = summed(f"{left}.swapaxes(-1, -2) @ {dy}", "b", b, (*lead, *b[-2:]))
        if len(shapes["a"]) == 1:
            da = f"({da}).reshape(a.shape)"
        if len(shapes["b"]) == 1:
            db = f"({db}).reshape(b.shape)"
        return Recipe("y = a @ b", f"da = {da}\ndb = {db}")

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        if b.ndim == 2 and a.ndim > 1:
            product(ctx, _rows(a), b, _rows(y))
        else:
            np.matmul(a, b, y)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        if b.ndim == 2 and a.ndim > 1:  # one product for all leading axes
            if da is not None:
                with writable(ctx, da) as out:
                    product(ctx, _rows(dy), b.T, _rows(out))
            if db is not None:
                with writable(ctx, db) as out:
                    product(ctx, _rows(a).T, _rows(dy), out)
            return
        if a.ndim == 1:
            a, da = a[None, :], da if da is None else da[None, :]
            dy = np.expand_dims(dy, -2 if b.ndim > 1 else -1)
        if b.ndim == 1:
            b, db, dy = b[:, None], db if db is None else db[:, None], dy[..., None]
        if a.shape[-2] != dy.shape[-2]:
            dy = dy.reshape(*dy.shape[:-2], a.shape[-2], b.shape[-1])
        if da is not None:
            _summed_product(ctx, "da", dy, b.swapaxes(-1, -2), da)
        if db is not None:
            _summed_product(ctx, "db", a.swapaxes(-1, -2), dy, db)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return matrices(call, at)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        return matrices_influence(call, socket, at)


def _rows(array: Array) -> Array:
    """The array as rows of its last axis."""
    if array.ndim == 2:
        return array
    return array.reshape(math.prod(array.shape[:-1]), array.shape[-1])


def _summed_product(ctx: Context, name: str, left: Array, right: Array, out: Array) -> None:
    """`out` = left @ right, summed over the leading axes along which out's shape was broadcast."""
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    if batch == out.shape[:-2]:
        np.matmul(left, right, out)
    else:
        whole = ctx.scratch(name, (*batch, left.shape[-2], right.shape[-1]))
        unbroadcast(np.matmul(left, right, whole), out)
