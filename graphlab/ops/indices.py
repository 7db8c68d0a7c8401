"""Operations that turn indices (of classes, letters, words) into numbers a network can use."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FeedError, ParamError, ShapeError, Unsupported
from .adding import sum_rows
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import classes
from .explain_order import whether
from .explaining import Call, Place
from .explanation import Term, made, number
from .interchange import constant
from .places import bracketed, first
from .registry import register
from .spec import Shape


@register
class OneHot(Op):
    """Turns a class index into a row of zeros with a 1 at that place: 2 of 4 becomes (0, 0, 1, 0).

    x holds indices of any shape; y has one axis more, of `num_classes`. (torch.nn.functional.one_hot, as
    numbers that a layer can take)
    """

    category = "Features"
    formula = "yᵢ = 1 where i = x, else 0"
    latex = r"y_i = [i = x]"
    derivative = r"\frac{\partial y}{\partial x} = 0"
    inputs = (Socket("x", kind="int", help="Class indices, counted from 0."),)
    num_classes = Param(10, low=1, high=1_000_000, help="How many classes there are.")
    examples = (
        Example({"num_classes": 3}, x=classes(4, count=3)),
        Example({"num_classes": 5}, x=classes(2, 3, count=5)),
        Example({"num_classes": 1}, x=classes(1, count=1)),
        Example(x=classes(count=10)),
        Example(x=classes(0, 2, count=3)),
    )
    torch = "F.one_hot({x}, {num_classes}).to(torch.get_default_dtype())"
    numpy = Recipe("y = np.eye(num_classes, dtype=dtype)[x]")
    onnx = ("OneHot",)
    adapts = True
    cost = 0

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX: indices, depth, (off value, on value); its new axis may stand anywhere."""
        x, depth, values = inputs
        if np.ravel(constant(values, "values")).tolist() != [0, 1]:
            raise Unsupported("OneHot has zeros and a 1, not other values.")
        ndim, axis = getattr(x, "ndim", None), int(attributes.get("axis", -1))
        if axis not in (-1, ndim):
            raise Unsupported(f"OneHot puts the classes last, not along axis {axis}.")
        if isinstance(x, np.ndarray) and (x < 0).any():
            raise Unsupported("OneHot counts classes from 0, not from the end.")
        return {"num_classes": int(np.ravel(constant(depth, "depth"))[0])}, {"x": x}

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """As many classes as there are scores beside it."""
        counts = [spec.shape[-1] for spec in beside if spec.ndim]
        return [{"num_classes": size} for size in counts if isinstance(size, int) and size > 1] or [{}]

    def infer(self, x: Spec) -> Spec:
        return Spec((*x.shape, self.num_classes))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        require_indices(x, self.num_classes, "class", "Raise num_classes to {}.")
        indices = x.reshape(-1)
        y.fill(0)
        y.reshape(-1, self.num_classes)[np.arange(indices.size), indices] = 1

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return whether(call, "x", at[:-1], at[-1])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, **dx: Any) -> None:
        """No gradient reaches an index."""


@register
class Embedding(Op):
    """A table with one row of learnable numbers per index: a word or letter becomes a vector. (torch.nn.Embedding)

    x holds indices of any shape; weight is (num_embeddings, embedding_dim); y has one axis more than x, of
    `embedding_dim`. Only the rows that were looked up get a gradient, summed over every place that used them.
    """

    category = "Layer"
    formula = "y = weight[x]"
    latex = r"y = W_x"
    derivative = r"\frac{\partial \ell}{\partial W_i} = \sum_{x_n = i} \bar{y}_n"
    inputs = (
        Socket("x", kind="int", help="Indices, counted from 0."),
        Socket("weight", learnable=True, init="normal"),
    )
    num_embeddings = Param(10, low=1, high=10_000_000, help="How many different indices there are.")
    embedding_dim = Param(16, low=1, high=100_000, help="How many numbers stand for each index.")
    padding_idx = Param(
        None,
        kind="int",
        low=-10_000_000,
        high=9_999_999,
        help="An index that stands for nothing: it gives zeros and learns nothing.",
    )
    examples = (
        Example({"num_embeddings": 5, "embedding_dim": 3}, x=classes(4, count=5)),
        Example({"num_embeddings": 3, "embedding_dim": 2}, x=classes(4, 6, count=3)),
        Example({"num_embeddings": 3, "embedding_dim": 2, "padding_idx": 1}, x=classes(8, count=3)),
        Example({"num_embeddings": 3, "embedding_dim": 2, "padding_idx": -1}, x=classes(2, 4, count=3)),
        Example({"num_embeddings": 1, "embedding_dim": 1}, x=classes(1, count=1)),
        Example({"num_embeddings": 4}, x=classes(count=4)),
        Example({"num_embeddings": 4, "embedding_dim": 2}, x=classes(0, 3, count=4)),
    )
    cost = 0
    saved = ("x",)
    numpy = Recipe(
        """
        y = weight[x]
        if padding_idx is not None:
            y = np.where((x == padding_idx % num_embeddings)[..., None], 0, y)
        """,
        """
        dweight = np.zeros_like(weight)
        np.add.at(dweight, x, dy)
        if padding_idx is not None:
            dweight[padding_idx] = 0
        """,
    )

    def check(self) -> None:
        if (
            self.padding_idx is not None
            and not -self.num_embeddings <= self.padding_idx < self.num_embeddings
        ):
            raise ParamError(
                f"Embedding.padding_idx ({self.padding_idx}) is no index of {self.num_embeddings} embeddings.",
                hint=f"Choose one from 0 to {self.num_embeddings - 1}.",
            )

    def learnable(self, x: Spec) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def infer(self, x: Spec, weight: Spec) -> Spec:
        asked = self.learnable(x)["weight"]
        if weight.shape != asked:
            raise ShapeError(
                f"weight is {weight}, but num_embeddings and embedding_dim ask for {Spec(asked)}.",
                hint="Change them, or what is wired to weight.",
                socket="weight",
            )
        return Spec((*x.shape, self.embedding_dim))

    def reads(
        self, *, weight: tuple[int, ...], y: tuple[int, ...], **others: tuple[int, ...]
    ) -> dict[str, int]:
        return {"weight": min(math.prod(weight), math.prod(y))}

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The number of the row that was looked up."""
        index = call.at("x", *at[:-1])
        row = int(index.value)
        if self.padding_idx is not None and row == self.padding_idx % self.num_embeddings:
            return made("same", [number(0.0, "padding"), index])
        return made("same", [call.at("weight", row, at[-1]), index])

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """Every row is added to those of the same index."""
        return len(wanted) * math.prod(shapes["y"])

    def forward(self, ctx: Context, x: Array, weight: Array, *, y: Array) -> None:
        require_indices(x, self.num_embeddings, "embedding", "Raise num_embeddings to {}.")
        np.take(weight, x, axis=0, out=y, mode="clip")  # checked above; "raise" would copy
        if self.padding_idx is not None:
            np.copyto(y, 0, where=np.equal(x, self.padding_idx % self.num_embeddings)[..., None])

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array,
        y: Array,
        dweight: Array | None,
        dx: Array | None = None,
    ) -> None:
        if dweight is None:
            return
        target = dweight if dweight.flags.c_contiguous else ctx.scratch("table", dweight.shape)
        sum_rows(ctx, target, x.reshape(-1), dy.reshape(-1, self.embedding_dim))
        if target is not dweight:
            np.copyto(dweight, target)
        if self.padding_idx is not None:
            dweight[self.padding_idx] = 0

    def workspace(self, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return 2 * math.prod(x) * int(self.embedding_dim)  # eight bytes each

    def emit_torch(self, **names: str) -> str:
        rows = f"F.embedding({names['x']}, {names['weight']})"
        if self.padding_idx is None:
            return rows
        return f"{rows} * ({names['x']} != {self.padding_idx % self.num_embeddings}).unsqueeze(-1)"


def require_indices(indices: Array, count: int, what: str, hint: str) -> None:
    """FeedError for an index that is negative or not below `count`; `hint` has a place for the count that would do."""
    # One comparison finds both: as unsigned, a negative index is enormous.
    if not indices.size or np.maximum.reduce(indices.view(np.uint64), axis=None) < count:
        return
    place = first((indices < 0) | (indices >= count))
    wrong = int(indices[place])
    raise FeedError(
        f"x{bracketed(place)} is the index {wrong}, but there {'is' if count == 1 else 'are'} {count} "
        f"{what}{'' if count == 1 else 'es' if what.endswith('s') else 's'} (0 to {count - 1}).",
        hint=hint.format(wrong + 1) if wrong >= 0 else "Indices begin at 0.",
    )
