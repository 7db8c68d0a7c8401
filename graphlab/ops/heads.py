"""Attention taken apart, for those who draw it: heads, scores and weights, each a node of its own.

`attention` has the same in one node. Here sequences are N×T×E, the batch first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ..errors import ShapeError
from .attending import choose_back, factor, scaled, weigh
from .attention_recipe import scoring, weighing
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .example import classes
from .explain_cells import masked, row_of_mask, softmax_of
from .explaining import Call, Influence, Place, picked, within
from .explanation import Term, number, plain, sum_of_products, times, total
from .registry import register
from .spec import broadcast, require_comparable, sequence_width

Sizes = tuple[int, ...]
Index = Sequence[int | slice]
ALL = slice(None)


@register
class SplitHeads(Op):
    """Shares the features of each position out to several heads: N×T×E becomes N×heads×T×(E/heads).

    Each head gets its own slice of the features and from then on works by itself, as if the heads were more
    examples. MergeHeads puts them together again. (In PyTorch: unflatten and transpose)
    """

    category = "Attention"
    synonyms = ("heads", "unflatten")
    formula = "y[n, h, t, d] = x[n, t, h·D + d]"
    latex = r"y_{n,h,t,d} = x_{n,\,t,\,hD + d}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    inputs = (Socket("x"),)
    heads = Param(4, low=1, high=1024, help="How many heads share the features.")
    examples = (
        Example(x=(2, 3, 8)),
        Example({"heads": 2}, x=(1, 3, 4)),
        Example({"heads": 3}, x=(2, 1, 3)),
        Example({"heads": 1}, x=(1, 1, 1)),
        Example({"heads": 2}, x=(0, 3, 4)),
    )
    torch = "{x}.unflatten(2, ({heads}, {x}.shape[2] // {heads})).transpose(1, 2)"
    numpy = Recipe(
        "y = x.reshape(*x.shape[:2], heads, x.shape[2] // heads).swapaxes(1, 2)",
        "dx = dy.swapaxes(1, 2).reshape(x.shape)",
    )
    cost = 0
    saved = ()

    def infer(self, x: Spec) -> Spec:
        width = sequence_width(x)
        if width % self.heads:
            fitting = max(n for n in range(1, self.heads + 1) if width % n == 0)
            raise ShapeError(
                f"The {width} features of x ({x}) cannot be shared evenly by {self.heads} heads.",
                hint=f"Set heads to {fitting}, or change the units of what feeds x.",
                socket="x",
            )
        return x.with_shape(x.shape[0], self.heads, x.shape[1], width // self.heads)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, self._by_head(x))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(self._by_head(dx), dy)

    def _by_head(self, x: Array) -> Array:
        """A view N×heads×T×D."""
        return x.reshape(*x.shape[:2], self.heads, x.shape[2] // self.heads).swapaxes(1, 2)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        n, head, t, d = at
        return call.at("x", n, t, head * call.outputs["y"].shape[3] + d)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        n, t, feature = at
        head, d = divmod(feature, call.outputs["y"].shape[3])
        return [_moved(np.array([[n, head, t, d]]))]


@register
class MergeHeads(Op):
    """Puts what the heads found side by side: N×heads×T×D becomes N×T×(heads·D).

    It undoes SplitHeads. A Linear behind it lets the heads' findings mix. (In PyTorch: transpose and flatten)
    """

    category = "Attention"
    synonyms = ("concat heads", "join heads")
    formula = "y[n, t, h·D + d] = x[n, h, t, d]"
    latex = r"y_{n,\,t,\,hD + d} = x_{n,h,t,d}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    inputs = (Socket("x"),)
    examples = (
        Example(x=(2, 2, 3, 4)),
        Example(x=(1, 3, 1, 2)),
        Example(x=(1, 1, 1, 1)),
        Example(x=(0, 2, 3, 2)),
    )
    torch = "{x}.transpose(1, 2).flatten(2)"
    numpy = Recipe(
        "y = x.swapaxes(1, 2).reshape(y.shape)",
        "dx = dy.reshape(x.shape[0], x.shape[2], x.shape[1], x.shape[3]).swapaxes(1, 2)",
    )
    cost = 0
    saved = ()

    def infer(self, x: Spec) -> Spec:
        if x.ndim != 4:
            raise ShapeError(
                f"x ({x}) should be N×heads×T×features.", hint="SplitHeads makes such.", socket="x"
            )
        n, heads, positions, features = x.shape
        return x.with_shape(n, positions, heads * features)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        n, heads, positions, features = shapes["x"]
        return Recipe(
            f"y = x.swapaxes(1, 2).reshape({n}, {positions}, {heads * features})",
            f"dx = dy.reshape({n}, {positions}, {heads}, {features}).swapaxes(1, 2)",
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(_by_head(y, x.shape), x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, _by_head(dy, x.shape))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        n, t, feature = at
        head, d = divmod(feature, call.array("x").shape[3])
        return call.at("x", n, head, t, d)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        n, head, t, d = at
        return [_moved(np.array([[n, t, head * call.array("x").shape[3] + d]]))]


@register
class AttentionScores(Op):
    """How well each key answers each query: their scalar product, divided by the root of their size.

    query is …×L×E, key …×S×E; y is …×L×S, a row for each query. Divided by √E, scores do not grow with the size of
    the vectors. MaskedSoftmax turns them into weights. (Vaswani et al. 2017, section 3.2.1)
    """

    category = "Attention"
    synonyms = ("dot product attention", "similarity", "qk")
    formula = "y = q·kᵀ / √E"
    latex = r"y_{ij} = \frac{q_i \cdot k_j}{\sqrt{E}}"
    derivative = (
        r"\frac{\partial \ell}{\partial q} = \frac{\bar{y}\,k}{\sqrt{E}},\quad "
        r"\frac{\partial \ell}{\partial k} = \frac{\bar{y}^\top q}{\sqrt{E}}"
    )
    inputs = (Socket("query"), Socket("key"))
    scale = Param(None, kind="float", symbol="s", help="What scores are multiplied by; nothing means 1/√E.")
    examples = (
        Example(query=(2, 4, 3), key=(2, 5, 3)),
        Example({"scale": 0.3}, query=(2, 2, 4, 3), key=(2, 2, 4, 3)),
        Example(query=(5, 2), key=(3, 2)),
        Example(query=(1, 1, 1), key=(1, 1, 1)),
        Example(query=(0, 2, 3), key=(0, 4, 3)),
    )
    factors = ("query", "key")

    def infer(self, query: Spec, key: Spec) -> Spec:
        if query.ndim < 2 or key.ndim != query.ndim or key.shape[:-2] != query.shape[:-2]:
            raise ShapeError(
                f"query ({query}) and key ({key}) should be …×positions×features, with the same ….",
                hint="Reshape one of them.",
                socket="key",
            )
        require_comparable(query, key)
        return query.with_shape(*query.shape[:-1], key.shape[-2])

    def flops(self, *, query: Sizes, y: Sizes, **others: Sizes) -> int:
        return 2 * math.prod(y) * query[-1] + math.prod(query)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return scoring(shapes, self.scale)

    def forward(self, ctx: Context, query: Array, key: Array, *, y: Array) -> None:
        np.matmul(scaled(ctx, query, self.scale), key.swapaxes(-1, -2), y)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        query: Array,
        key: Array,
        y: Array,
        dquery: Array | None,
        dkey: Array | None,
    ) -> None:
        if dquery is not None:
            np.matmul(dy, key, dquery)
            np.multiply(dquery, factor(query.shape[-1], self.scale), dquery)
        if dkey is not None:
            np.matmul(dy.swapaxes(-1, -2), scaled(ctx, query, self.scale), dkey)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        *lead, row, column = at
        lines = call.line("query", (*lead, row, ALL)), call.line("key", (*lead, column, ALL))
        scale = factor(call.array("query").shape[-1], self.scale)
        return times(number(scale, "scale"), sum_of_products(lines, keep=call.keep))

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        *lead, row, feature = at
        scale = factor(call.array("query").shape[-1], self.scale)
        other = call.line("key" if socket == "query" else "query", (*lead, ALL, feature))
        index: Index = (*lead, row, ALL) if socket == "query" else (*lead, ALL, row)
        places = picked(call.outputs["y"].shape, index)
        return [Influence("y", places, (other, plain(np.full(len(places), scale), "scale")))]

    def apart(self, *, query: Sizes, **others: Sizes) -> Sequence[Mapping[str, int]]:
        return [dict.fromkeys(("query", "key", "y"), axis) for axis in range(len(query) - 2)]

    def workspace(self, query: tuple[int, ...], **shapes: tuple[int, ...]) -> int:
        return math.prod(query)

    def emit_torch(self, **names: str) -> str:
        scale = f"{names['query']}.shape[-1] ** -0.5" if self.scale is None else repr(self.scale)
        return f"({names['query']} @ {names['key']}.transpose(-1, -2) * {scale})"


@register
class MaskedSoftmax(Op):
    """Turns each row of scores into weights that are 1 in sum, over those positions alone that may be seen.

    x is …×L×S, a row for each query; what is hidden gets the weight 0 exactly. Causal, a position sees itself and
    what came before it. A mask broadcast to x hides as well: of whole numbers it lets in where it is not 0, of
    other numbers it is added. A row that may see nothing gets zeros.
    """

    category = "Attention"
    synonyms = ("causal mask", "attention weights", "causal softmax")
    reads_as = "probabilities"
    formula = "y[i, j] = exp(x[i, j]) / Σ exp(x[i, k]) over the k that i may see, else 0"
    latex = r"y_{ij} = \frac{e^{x_{ij}}}{\sum_{k \leq i} e^{x_{ik}}}"
    derivative = r"\frac{\partial y_{ij}}{\partial x_{ik}} = y_{ij}\,(\delta_{jk} - y_{ik})"
    inputs = (
        Socket("x"),
        Socket(
            "mask", learnable=True, init="", help="Added to x; of whole numbers, hides where 0.", kind="any"
        ),
    )
    is_causal = Param(True, help="Whether a position sees only itself and what came before it.")
    examples = (
        Example(x=(2, 3, 4, 4)),
        Example({"is_causal": False}, x=(2, 3)),
        Example({"is_causal": False}, x=(2, 2, 3, 4), mask=classes(2, 1, 1, 4, count=3)),
        Example(x=(2, 4, 4), mask=(4, 4)),
        Example(x=(4, 2)),
        Example(x=(1, 1)),
        Example(x=(0, 2, 2)),
    )
    cost = 5
    saved = ("y",)

    def infer(self, x: Spec, mask: Spec | None) -> Spec:
        if x.ndim < 2 or x.shape[-1] == 0:
            raise ShapeError(
                f"x ({x}) should be …×queries×keys, with at least one key.",
                hint="AttentionScores makes such.",
                socket="x",
            )
        if mask is not None and (mask.ndim > x.ndim or broadcast(x, mask, names=("x", "mask")) != x.shape):
            raise ShapeError(
                f"mask ({mask}) does not fit the scores ({x}).",
                hint="Its sizes must be theirs, or 1.",
                socket="mask",
            )
        return x

    def flops(self, *, x: Sizes, **others: Sizes) -> int:
        return math.prod(x) * (5 + ("mask" in others) + bool(self.is_causal))

    def backward_flops(self, wanted: Collection[str], /, **shapes: Sizes) -> int:
        return math.prod(shapes["x"]) * (4 + ("mask" in wanted))

    def formula_latex(self) -> str:
        return self.latex if self.is_causal else self.latex.replace(r"k \leq i", "k")

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return weighing(shapes, self.is_causal)

    def forward(self, ctx: Context, x: Array, mask: Array | None, *, y: Array) -> None:
        weigh(ctx, x, mask, self.is_causal, y)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        mask: Array | None,
        y: Array,
        dx: Array | None,
        dmask: Array | None = None,
    ) -> None:
        if dx is None and dmask is None:
            return
        slopes = ctx.scratch("slopes", x.shape) if dx is None else dx
        np.copyto(slopes, dy)
        choose_back(ctx, slopes, y)
        if dmask is not None:
            unbroadcast(slopes, dmask)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        *lead, row, chosen = at
        shape = call.array("x").shape
        mask = row_of_mask(call.inputs.get("mask"), shape, (*lead, row))
        given = call.array("x")[(*lead, row)].astype(np.float64)
        scores = masked(given, mask, row, self.is_causal)
        if scores[chosen] == -np.inf or not np.isfinite(scores.max()):
            return number(0.0, "hidden by the mask")
        one = call.at("x", *at)
        if mask is not None and mask.dtype.kind == "f":
            one = total([one, call.at("mask", *within(at, call.array("mask").shape))])
        return softmax_of(scores, chosen, one, call.keep)

    def apart(self, *, x: Sizes, **others: Sizes) -> Sequence[Mapping[str, int]]:
        names = ("x", "y")
        gone = len(x) - len(others.get("mask", ()))
        axes = range(len(x) - 2)
        return [dict.fromkeys(names, k) | ({"mask": k - gone} if k >= gone else {}) for k in axes]

    def workspace(self, x: tuple[int, ...], **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(x[:-1]) * (x[-1] + 1)

    def emit_torch(self, **names: str) -> str:
        x, mask = names["x"], names.get("mask", "None")
        seen = x
        if mask != "None":
            seen = (
                f"({x} + {mask} if {mask}.is_floating_point() else {x}.masked_fill({mask} == 0, -torch.inf))"
            )
        if self.is_causal:
            future = f"torch.ones({x}.shape[-2:], dtype=torch.bool).triu(1)"
            seen = f"{seen}.masked_fill({future}, -torch.inf)"
        return f"torch.softmax({seen}, -1).nan_to_num()"


def _by_head(y: Array, shape: tuple[int, ...]) -> Array:
    """N×T×(heads·D) as a view of that shape, N×heads×T×D."""
    n, heads, positions, features = shape
    return y.reshape(n, positions, heads, features).swapaxes(1, 2)


def _moved(places: Array) -> Influence:
    return Influence("y", places, (plain(np.ones(len(places))),))
