"""Matrices as a whole: one triangle of them, their determinant, their inverse, and systems of equations."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import FeedError, ShapeError, Unsupported
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .explain_matrices import of_determinant, of_inverse, of_solution
from .explaining import Call, Place
from .explanation import Term
from .interchange import constant
from .recipe import summed
from .registry import register
from .spec import broadcast


class _Triangle(Op):
    """One triangle of each matrix; the rest becomes 0."""

    category = "Math"
    inputs = (Socket("x"),)
    diagonal = Param(
        0,
        low=-65536,
        high=65536,
        symbol="k",
        help="Which diagonal bounds it: 0 the main one, 1 that above it.",
    )
    examples = (
        Example(x=(3, 3)),
        Example({"diagonal": 1}, x=(3, 4)),
        Example({"diagonal": -1}, x=(2, 4, 3)),
        Example({"diagonal": 5}, x=(2, 3)),
        Example({"diagonal": -5}, x=(2, 3)),
        Example(x=(1, 1)),
        Example(x=(0, 3, 3)),
    )
    onnx = ("Trilu",)
    is_upper: ClassVar[bool]

    def infer(self, x: Spec) -> Spec:
        if x.ndim < 2 or not all(isinstance(size, int) for size in x.shape[-2:]):
            raise ShapeError(
                f"x ({x}) is no matrix of fixed size.", hint="Feed (…, rows, columns).", socket="x"
            )
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)
        np.copyto(y, 0, where=self._outside(ctx, x))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)
            np.copyto(dx, 0, where=self._outside(ctx, x))

    def _outside(self, ctx: Context, x: Array) -> Array:
        """True where there is to be 0, for one matrix."""
        found, shape = ctx.kept("outside"), x.shape[-2:]
        if found is None or found.shape != shape:
            below = np.tri(shape[0], shape[1], self.diagonal - int(self.is_upper), dtype=bool)
            found = ctx.scratch("outside", shape, bool)
            np.copyto(found, below if self.is_upper else ~below)
        return found

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, k = (*inputs, None)[:2]
        if bool(attributes.get("upper", 1)) != cls.is_upper:
            raise Unsupported(f"{cls.__name__} keeps the other triangle.")
        return {"diagonal": 0 if k is None else int(constant(k, "k").item())}, {"x": x}


@register
class Tril(_Triangle):
    """Keeps the lower triangle of a matrix and makes the rest 0. (torch.tril)

    x is (…, rows, columns). It is the mask of causal attention: each step sees itself and what was before.
    """

    saved = ()
    formula = "y[i, j] = x[i, j] where j − i ≤ k, else 0"
    latex = r"y_{ij} = [j - i \leq k]\, x_{ij}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{ij}} = [j - i \leq k]"
    torch = "torch.tril({x}, {diagonal})"
    numpy = Recipe("y = np.tril(x, diagonal)", "dx = np.tril(dy, diagonal)")
    is_upper = False


@register
class Triu(_Triangle):
    """Keeps the upper triangle of a matrix and makes the rest 0. (torch.triu)

    x is (…, rows, columns). With diagonal 1 it is what causal attention must not see.
    """

    saved = ()
    formula = "y[i, j] = x[i, j] where j − i ≥ k, else 0"
    latex = r"y_{ij} = [j - i \geq k]\, x_{ij}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{ij}} = [j - i \geq k]"
    torch = "torch.triu({x}, {diagonal})"
    numpy = Recipe("y = np.triu(x, diagonal)", "dx = np.triu(dy, diagonal)")
    is_upper = True


def require_square(x: Spec, socket: str) -> None:
    """ShapeError unless x is (…, n, n)."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(
            f"{socket} ({x}) is no square matrix.",
            hint="Feed as many rows as columns; for a table X of examples take Xᵀ X.",
            socket=socket,
        )


def inverse_of(x: Array, socket: str) -> Array:
    """x⁻¹, or NaN where x is not finite, which is another node's fault. FeedError for the first that has none."""
    try:
        found: Array = np.linalg.inv(x)
    except np.linalg.LinAlgError as error:
        if not np.isfinite(x).all():
            return np.full_like(x, np.nan)
        singular = np.linalg.matrix_rank(x) < x.shape[-1]
        where = f"[{', '.join(map(str, np.argwhere(singular)[0]))}]" if x.ndim > 2 and singular.any() else ""
        raise FeedError(
            f"The matrix {socket}{where} has no inverse: one of its rows is a sum of multiples of the others.",
            hint="Leave out a feature that says the same as others, or add a little to the diagonal (ridge).",
        ) from error
    return found


SQUARES = (
    Example(x=(3, 3)),
    Example(x=(2, 2, 2)),
    Example(x=(1, 1)),
    Example(x=(2, 1, 3, 3)),
    Example(x=(0, 2, 2)),
)


@register
class Inverse(Op):
    """The inverse of a square matrix: what takes its product back. (torch.linalg.inv)

    x is (…, n, n). A matrix whose rows depend on each other has none, which is reported. To solve equations use Solve,
    which is faster and more exact.
    """

    category = "Math"
    saved = ("y",)
    formula = "y = x⁻¹"
    latex = r"y = x^{-1}"
    derivative = r"\frac{\partial \ell}{\partial x} = -y^\top \bar{y}\, y^\top"
    inputs = (Socket("x"),)
    examples = SQUARES
    torch = "torch.linalg.inv({x})"
    numpy = Recipe(
        "y = np.linalg.inv(x)",
        """
        turned = y.swapaxes(-1, -2)
        dx = -turned @ dy @ turned
        """,
    )

    def infer(self, x: Spec) -> Spec:
        require_square(x, "x")
        return x

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """By elimination: 2n³ (Golub and Van Loan, Matrix Computations, section 3.2)."""
        return 2 * math.prod(x) * x[-1]

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return len(wanted) * 2 * self.flops(**shapes)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, inverse_of(x, "x"))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """A cofactor over the determinant."""
        return of_inverse(call, at)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        turned, between = y.swapaxes(-1, -2), ctx.scratch("between", y.shape)
        np.matmul(turned, dy, between)
        np.matmul(between, turned, dx)
        np.multiply(dx, -1, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * math.prod(x)


@register
class Det(Op):
    """The determinant of a square matrix: by how much it stretches areas and volumes. (torch.linalg.det)

    x is (…, n, n), y is (…). Of a matrix that has no inverse it is 0, and its gradient the adjugate, which is worked
    out by singular values.
    """

    category = "Math"
    formula = "y = det x"
    latex = r"y = \det\, x"
    derivative = r"\frac{\partial y}{\partial x} = \det(x)\, x^{-\top}"
    inputs = (Socket("x"),)
    examples = SQUARES
    torch = "torch.linalg.det({x})"
    numpy = Recipe(
        "y = np.linalg.det(x)",
        "dx = dy[..., None, None] * cofactors(x)",
        tools=(recipe_tools.cofactors,),
    )
    onnx = ("Det",)

    def infer(self, x: Spec) -> Spec:
        require_square(x, "x")
        return x.with_shape(*x.shape[:-2])

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """By elimination: 2n³/3."""
        return 2 * math.prod(x) * x[-1] // 3

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """Singular values and both bases: about 22n³ (Golub and Van Loan, section 8.6)."""
        return len(wanted) * 22 * math.prod(shapes["x"]) * shapes["x"][-1]

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, np.linalg.det(x))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """Along the first row: each element times its cofactor."""
        return of_determinant(call, at)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """x = U·Σ·Vᵀ, and the cofactors are det(U)·det(V)·U·Γ·Vᵀ, where Γ holds the products of all other σ."""
        if dx is None:
            return
        if not np.isfinite(x).all():  # which singular values do not converge from
            np.copyto(dx, np.nan)
            return
        u, sigma, vt = np.linalg.svd(x)
        size = sigma.shape[-1]
        others = np.where(np.eye(size, dtype=bool), 1, sigma[..., None, :]).prod(-1)
        scale = np.linalg.det(u) * np.linalg.det(vt) * dy
        np.matmul(u * (others * scale[..., None])[..., None, :], vt, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 4 * math.prod(x)


@register
class Solve(Op):
    """Solves the equations a·y = b, e.g. the normal equations of linear regression. (torch.linalg.solve)

    a is (…, n, n) and b (…, n, m): one system for each column; leading axes are matched like those of Add. a matrix
    whose rows depend on each other is reported.
    """

    category = "Math"
    saved = ("a", "y")
    formula = "y = a⁻¹·b"
    latex = r"a\,y = b"
    derivative = (
        r"\frac{\partial \ell}{\partial b} = a^{-\top} \bar{y},\quad "
        r"\frac{\partial \ell}{\partial a} = -\frac{\partial \ell}{\partial b}\, y^\top"
    )
    inputs = (Socket("a"), Socket("b"))
    examples = (
        Example(a=(3, 3), b=(3, 2)),
        Example(a=(2, 2, 2), b=(2, 2, 1)),
        Example(a=(2, 2), b=(3, 2, 4)),
        Example(a=(2, 1, 2, 2), b=(3, 2, 1)),
        Example(a=(1, 1), b=(1, 1)),
        Example(a=(0, 2, 2), b=(0, 2, 3)),
    )
    torch = "torch.linalg.solve({a}, {b})"

    def infer(self, a: Spec, b: Spec) -> Spec:
        require_square(a, "a")
        if b.ndim < 2 or b.shape[-2] != a.shape[-1]:
            raise ShapeError(
                f"b ({b}) should have as many rows as a ({a}) has columns.",
                hint="Give one column for each system; an Unsqueeze makes a column of a vector.",
                socket="b",
            )
        batch = broadcast(Spec(a.shape[:-2]), Spec(b.shape[:-2]), names=("a", "b"))
        return Spec((*batch, *b.shape[-2:]))

    def flops(self, *, y: tuple[int, ...], a: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """By elimination: 2n³/3 for each system, and 2n² for each of its columns."""
        n, systems = a[-1], math.prod(y[:-2])
        return 2 * systems * n**3 // 3 + 2 * math.prod(y) * n

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """Another system, and for the gradient of a its product with the result."""
        product = 2 * math.prod(shapes["y"]) * shapes["a"][-1]
        return self.flops(**shapes) + ("a" in wanted) * product if wanted else 0

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        a, b, y = (shapes[name] for name in ("a", "b", "y"))
        product = summed("-upstream @ y.swapaxes(-1, -2)", "a", a, (*y[:-2], *a[-2:]))
        return Recipe(
            "y = np.linalg.solve(a, b)",
            "upstream = np.linalg.solve(a.swapaxes(-1, -2), dy)\n"
            f"da = {product}\ndb = {summed('upstream', 'b', b, y)}",
        )

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        np.copyto(y, self._solved(a, b))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """A row of the inverse times a column of b."""
        return of_solution(call, at)

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        whole = self._solved(a.swapaxes(-1, -2), dy)
        if db is not None:
            unbroadcast(whole, db)
        if da is not None:
            unbroadcast(np.matmul(whole, y.swapaxes(-1, -2)), da)
            np.multiply(da, -1, da)

    def workspace(self, a: tuple[int, ...], b: tuple[int, ...]) -> int:
        return 2 * math.prod(a) + 2 * math.prod(np.broadcast_shapes(a[:-2], b[:-2])) * math.prod(b[-2:])

    def _solved(self, a: Array, b: Array) -> Array:
        try:
            found: Array = np.linalg.solve(a, b)
        except np.linalg.LinAlgError:
            found = np.matmul(inverse_of(a, "a"), b)  # which says what is wrong
        return found
