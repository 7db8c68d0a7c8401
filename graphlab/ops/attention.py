"""Attention: every position gathers from all others, each weighted by how well its key answers the query."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ShapeError
from .attending import attend, attend_back, attend_back_flops, attend_flops, factor, scaled
from .attention_recipe import attending, attending_by_heads
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .example import classes
from .explain_cells import attention_weight, masked, mixed_heads, mixture, row_of_mask, softmax_of
from .explaining import Call, Place
from .explanation import Term, number
from .matrix import product
from .registry import register
from .spec import Shape, Size, broadcast, require_comparable, require_filled

MASK = Socket(
    "attn_mask", learnable=True, init="", help="Added to the scores; −∞ (or very low) hides.", kind="any"
)
CAUSAL = Param(False, help="Whether a position sees only itself and what came before it.")


Sizes = tuple[int, ...]
HEADS_SHOWN = 12  # positions that an explanation tells of each number of a head


@register
class ScaledDotProductAttention(Op):
    """For each query a mixture of the values, weighted by how well their keys match it.

    query is …×L×E, key …×S×E, value …×S×D; y is …×L×D and weights, which sum to 1 in each row, …×L×S. A mask
    broadcast to the weights hides what should not be seen: a mask of numbers is added to the scores, one of
    whole numbers lets in where it is not 0. (Vaswani et al. 2017; torch's scaled_dot_product_attention)
    """

    category = "Attention"
    formula = "y = softmax(q·kᵀ / √E)·v"
    latex = r"y = \mathrm{softmax}\left(\frac{q k^\top}{\sqrt{E}}\right) v"
    derivative = r"\frac{\partial \ell}{\partial v} = w^\top \bar{y},\quad \bar{w} = \bar{y}\,v^\top"
    inputs = (Socket("query"), Socket("key"), Socket("value"), MASK)
    outputs = ("y", "weights")
    is_causal = CAUSAL
    scale = Param(None, kind="float", symbol="s", help="What scores are multiplied by; nothing means 1/√E.")
    examples = (
        Example(query=(2, 4, 3), key=(2, 5, 3), value=(2, 5, 2)),
        Example({"is_causal": True}, query=(2, 2, 4, 3), key=(2, 2, 4, 3), value=(2, 2, 4, 3)),
        Example({"is_causal": True, "scale": 0.3}, query=(5, 2), key=(3, 2), value=(3, 4)),
        Example(query=(2, 2, 3, 2), key=(2, 2, 4, 2), value=(2, 2, 4, 2), attn_mask=(3, 4)),
        Example(query=(2, 3, 2), key=(2, 4, 2), value=(2, 4, 2), attn_mask=(2, 1, 4)),
        Example(query=(2, 3, 2), key=(2, 4, 2), value=(2, 4, 1), attn_mask=classes(3, 4, count=4)),
        Example(query=(1, 1, 1), key=(1, 1, 1), value=(1, 1, 1)),
    )
    saved = ("query", "key", "value", "weights")

    def infer(self, query: Spec, key: Spec, value: Spec, attn_mask: Spec | None) -> tuple[Spec, Spec]:
        for name, spec in (("query", query), ("key", key), ("value", value)):
            if spec.ndim < 2 or spec.shape[:-2] != query.shape[:-2]:
                raise ShapeError(
                    f"{name} is {spec}; query is {query}. Each should be …×positions×features, with the same …",
                    hint="Reshape it.",
                    socket=name,
                )
        require_comparable(query, key)
        if key.shape[-2] != value.shape[-2] or key.shape[-2] == 0:
            raise ShapeError(
                f"There are {key.shape[-2]} keys ({key}) for {value.shape[-2]} values ({value}).",
                hint="Each value needs one key, and at least one is needed.",
                socket="value",
            )
        weights = query.with_shape(*query.shape[:-1], key.shape[-2])
        _check_mask(attn_mask, weights, self.is_causal)
        return query.with_shape(*query.shape[:-1], value.shape[-1]), weights

    def flops(self, *, query: Sizes, value: Sizes, weights: Sizes, **others: Sizes) -> int:
        masked = "attn_mask" in others or self.is_causal
        return math.prod(query) + attend_flops(weights, query[-1], value[-1], masked)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        query, weights = shapes["query"], shapes["weights"]
        total = attend_back_flops(weights, query[-1], shapes["value"][-1], {name[0] for name in wanted})
        mask = math.prod(weights) * ("attn_mask" in wanted)
        return int(total + mask + math.prod(query) * ("query" in wanted))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return attending(shapes, self.scale, self.is_causal)

    def forward(
        self,
        ctx: Context,
        query: Array,
        key: Array,
        value: Array,
        attn_mask: Array | None,
        *,
        y: Array,
        weights: Array,
    ) -> None:
        q = scaled(ctx, query, self.scale)
        attend(ctx, q, key, value, attn_mask, self.is_causal, weights=weights, y=y)

    def backward(
        self,
        ctx: Context,
        dy: Array | None,
        dweights: Array | None,
        *,
        query: Array,
        key: Array,
        value: Array,
        attn_mask: Array | None,
        y: Array,
        weights: Array,
        dquery: Array | None,
        dkey: Array | None,
        dvalue: Array | None,
        dattn_mask: Array | None,
    ) -> None:
        scores = attend_back(
            ctx,
            dy,
            dweights,
            q=scaled(ctx, query, self.scale),
            k=key,
            v=value,
            weights=weights,
            dq=dquery,
            dk=dkey,
            dv=dvalue,
        )
        if dquery is not None:
            np.multiply(dquery, factor(query.shape[-1], self.scale), dquery)
        if dattn_mask is not None:
            unbroadcast(scores, dattn_mask)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        if output == "y":
            return mixture(call, at)
        scale = factor(call.array("query").shape[-1], self.scale)
        return attention_weight(call, at, scale, self.is_causal)

    def apart(self, *, query: Sizes, **others: Sizes) -> Sequence[Mapping[str, int]]:
        names = ("query", "key", "value", "y", "weights")
        mask = len(others["attn_mask"]) - len(query) if "attn_mask" in others else -len(query)
        return [
            dict.fromkeys(names, axis) | ({"attn_mask": axis + mask} if axis + mask >= 0 else {})
            for axis in range(len(query) - 2)
        ]

    def workspace(self, query: tuple[int, ...], key: tuple[int, ...], **shapes: tuple[int, ...]) -> int:
        return math.prod(query) + 2 * math.prod(query[:-1]) * (key[-2] + 1)

    def emit_torch(self, **names: str) -> str:
        mask = names.get("attn_mask", "None")
        if mask != "None":
            mask = f"{mask} if {mask}.is_floating_point() else {mask} != 0"
        sent = ", ".join(names[name] for name in ("query", "key", "value"))
        options = f"attn_mask={mask}, is_causal={self.is_causal}, scale={self.scale}"
        return f"F.scaled_dot_product_attention({sent}, {options})"


class Share(NamedTuple):
    """One source of a multi-head attention and which of its projections (0 query, 1 key, 2 value) come from it."""

    name: str
    first: int
    end: int

    @property
    def parts(self) -> int:
        return self.end - self.first


@register
class MultiheadAttention(Op):
    """Attention with several heads: each looks at its own part of the features, and all are mixed at the end.

    query is L×N×E, key and value S×N×E (N first with `batch_first`); y is like query. Leave key and value
    unplugged and the sequence looks at itself. weights is N×heads×L×S: what each head looks at. (Vaswani et
    al. 2017; torch.nn.MultiheadAttention, which shows the average of the heads unless told otherwise)
    """

    category = "Attention"
    formula = "y = concat(head₁, …)·Wₒᵀ + b, headₖ = attention of k's part of x·Wᵢᵀ + b"
    latex = (
        r"y = [\,h_1, \ldots, h_n\,]\,W_o^\top,\quad "
        r"h_i = \mathrm{attention}(q W_i^{\mathrm{q}}, k W_i^{\mathrm{k}}, v W_i^{\mathrm{v}})"
    )
    derivative = r"\frac{\partial \ell}{\partial h} = \bar{y}\,W_o"
    inputs = (
        Socket("query"),
        Socket("key", learnable=True, init="", help="What is looked at; unplugged, query itself."),
        Socket("value", learnable=True, init="", help="What is gathered; unplugged, the same as key."),
        Socket("attn_mask", learnable=True, init="", help="Added to the scores; −∞ (or very low) hides."),
        Socket("in_proj_weight", learnable=True, init="xavier_uniform"),
        Socket("in_proj_bias", learnable=True, init="zeros"),
        Socket("out_proj_weight", learnable=True),
        Socket("out_proj_bias", learnable=True, init="zeros"),
    )
    outputs = ("y", "weights")
    num_heads = Param(4, low=1, high=1024, help="How many heads share the features.")
    bias = Param(True, help="Whether biases are added.")
    batch_first = Param(False, help="Whether arrays are N×L×E instead of L×N×E.")
    is_causal = CAUSAL
    examples = (
        Example({"num_heads": 2}, query=(3, 2, 4)),
        Example({"num_heads": 2, "batch_first": True, "is_causal": True}, query=(2, 3, 4)),
        Example({"num_heads": 1, "bias": False}, query=(3, 2, 2), key=(4, 2, 2)),
        Example({"num_heads": 3, "batch_first": True}, query=(2, 2, 3), key=(2, 4, 3), value=(2, 4, 3)),
        Example({"num_heads": 2}, query=(3, 2, 4), attn_mask=(3, 3)),
        Example({"num_heads": 1}, query=(1, 1, 1)),
    )
    saved = ("query", "key", "value", "in_proj_weight", "in_proj_bias", "out_proj_weight", "weights")

    def learnable(self, query: Spec) -> dict[str, Shape]:
        width = self._width(query)
        weights: dict[str, Shape] = {"in_proj_weight": (3 * width, width), "out_proj_weight": (width, width)}
        if not self.bias:
            return weights
        biases: dict[str, Shape] = {"in_proj_bias": (3 * width,), "out_proj_bias": (width,)}
        both = weights | biases
        return {socket.name: both[socket.name] for socket in self.inputs if socket.name in both}

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        rows, columns = shapes[f"{socket.rpartition('_')[0]}_weight"]
        return columns, rows

    def _width(self, query: Spec) -> int:
        width: Size = query.shape[-1] if query.ndim else 0
        if query.ndim != 3 or not isinstance(width, int):
            raise ShapeError(
                f"query ({query}) should be {'N×L×E' if self.batch_first else 'L×N×E'}.",
                hint="Reshape it to three axes.",
                socket="query",
            )
        require_filled(query, (2,), "query")
        if width % self.num_heads:
            raise ShapeError(
                f"The {width} features of query ({query}) cannot be shared evenly by {self.num_heads} heads.",
                hint="Change num_heads, or the units of what feeds query.",
                socket="query",
            )
        return width

    def infer(self, query: Spec, **more: Spec | None) -> tuple[Spec, Spec]:
        asked = self.learnable(query)
        batch, place = (0, 1) if self.batch_first else (1, 0)
        key = more["key"] or query
        value = more["value"] or key
        for name, spec in (("key", key), ("value", value)):
            if spec.ndim != 3 or (spec.shape[batch], spec.shape[2]) != (query.shape[batch], query.shape[2]):
                raise ShapeError(
                    f"{name} ({spec}) should agree with query ({query}) in N and E.",
                    hint="Change the layers that make them.",
                    socket=name,
                )
        if value.shape != key.shape or key.shape[place] == 0:
            raise ShapeError(
                f"There are {key.shape[place]} keys ({key}) for {value.shape[place]} values ({value}).",
                hint="Each value needs one key, and at least one is needed.",
                socket="value",
            )
        for name in ("in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias"):
            spec_of = more[name]
            if spec_of is not None and spec_of.shape != asked.get(name):
                raise ShapeError(
                    f"{name} is {spec_of}, but query ({query}) asks for {Spec(asked.get(name, ()))}.",
                    hint=f"Change what is wired to {name}, or bias.",
                    socket=name,
                )
        weights = Spec((query.shape[batch], self.num_heads, query.shape[place], key.shape[place]))
        _check_mask(more["attn_mask"], weights, self.is_causal)
        return query, weights

    def flops(self, *, query: Sizes, weights: Sizes, **others: Sizes) -> int:
        """The projections, attention head by head, and the mixing of the heads."""
        size, width = math.prod(query), query[-1]
        masked = "attn_mask" in others or self.is_causal
        heads = attend_flops(weights, width // self.num_heads, width // self.num_heads, masked)
        return 2 * width * (self._projected(query, weights) + size) + size + heads

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        query, weights, width = shapes["query"], shapes["weights"], shapes["query"][-1]
        size, projected = math.prod(query), self._projected(query, weights)
        head = width // self.num_heads
        total = attend_back_flops(weights, head, head, "qkv") + size + 2 * width * size
        sources = {share.name: share for share in self._shares(shapes)}
        for name in wanted:
            if name in sources:
                total += 2 * width * math.prod(shapes[name]) * sources[name].parts
        total += 2 * width * (projected * ("in_proj_weight" in wanted) + size * ("out_proj_weight" in wanted))
        total += projected * ("in_proj_bias" in wanted) + size * ("out_proj_bias" in wanted)
        return int(total + math.prod(weights) * ("attn_mask" in wanted))

    def _projected(self, query: Sizes, weights: Sizes) -> int:
        """How many numbers q, k and v have together."""
        batch, _, rows, columns = weights
        return batch * query[-1] * (rows + 2 * columns)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return attending_by_heads(shapes, self.is_causal)

    def forward(self, ctx: Context, *inputs: Array | None, y: Array, weights: Array) -> None:
        arrays = {socket.name: array for socket, array in zip(self.inputs, inputs, strict=True)}
        q, k, v, mixed = self._project(ctx, arrays)
        mask = arrays["attn_mask"]
        attend(ctx, q, k, v, mask, self.is_causal, weights=weights, y=self._by_head(mixed, 0, 1))
        out, bias = arrays["out_proj_weight"], arrays["out_proj_bias"]
        assert out is not None
        product(ctx, _rows(mixed), out.T, _rows(y))
        if bias is not None:
            np.add(y, bias, y)

    def backward(self, ctx: Context, dy: Array | None, dweights: Array | None, **named: Array | None) -> None:
        kept = ctx.kept("mixed") is not None
        q, k, v, mixed = self._project(ctx, named, again=not kept)
        weights, out = named["weights"], named["out_proj_weight"]
        assert weights is not None
        assert out is not None
        if not kept:
            np.matmul(weights, v, self._by_head(mixed, 0, 1))
        dmixed = None if dy is None else ctx.scratch("dmixed", mixed.shape)
        self._output_back(ctx, dy, mixed, out, dmixed, named)
        shares = self._shares(named)
        flowing = {
            share.name: ctx.scratch(f"d {share.name}", self._kept(ctx, share).shape) for share in shares
        }
        dq, dk, dv = self._heads(shares, flowing)
        heads = None if dmixed is None else self._by_head(dmixed, 0, 1)
        scores = attend_back(ctx, heads, dweights, q=q, k=k, v=v, weights=weights, dq=dq, dk=dk, dv=dv)
        np.multiply(dq, factor(q.shape[-1], None), dq)
        if named["dattn_mask"] is not None:
            unbroadcast(scores, named["dattn_mask"])
        for share in shares:
            self._share_back(ctx, share, flowing[share.name], named)

    def _output_back(
        self,
        ctx: Context,
        dy: Array | None,
        mixed: Array,
        out: Array,
        dmixed: Array | None,
        named: Mapping[str, Array | None],
    ) -> None:
        """Through the mixing of the heads at the end."""
        dout, dbias = named["dout_proj_weight"], named["dout_proj_bias"]
        if dy is None or dmixed is None:
            for gradient in (dout, dbias):
                if gradient is not None:
                    gradient.fill(0)
            return
        rows = _rows(dy)
        product(ctx, rows, out, _rows(dmixed))
        if dout is not None:
            product(ctx, rows.T, _rows(mixed), dout)
        if dbias is not None:
            np.add.reduce(rows, axis=0, out=dbias)

    def _share_back(
        self, ctx: Context, share: Share, flowing: Array, named: Mapping[str, Array | None]
    ) -> None:
        """Through the projections of one source."""
        source, weight = named[share.name], named["in_proj_weight"]
        assert source is not None
        assert weight is not None
        own = slice(share.first * source.shape[-1], share.end * source.shape[-1])
        rows = _rows(flowing)
        dsource, dweight, dbias = (named[f"d{n}"] for n in (share.name, "in_proj_weight", "in_proj_bias"))
        if dsource is not None:
            product(ctx, rows, weight[own], _rows(dsource))
        if dweight is not None:
            product(ctx, rows.T, _rows(source), dweight[own])
        if dbias is not None:
            np.add.reduce(rows, axis=0, out=dbias[own])

    def _shares(self, arrays: Mapping[str, Any]) -> list[Share]:
        """Who projects what: one product of matrices for each source."""
        if arrays.get("key") is None:
            value = arrays.get("value")
            return [Share("query", 0, 3)] if value is None else [Share("query", 0, 2), Share("value", 2, 3)]
        if arrays.get("value") is None:
            return [Share("query", 0, 1), Share("key", 1, 3)]
        return [Share("query", 0, 1), Share("key", 1, 2), Share("value", 2, 3)]

    def _kept(self, ctx: Context, share: Share) -> Array:
        found = ctx.kept(f"projected {share.name}")
        assert found is not None
        return found

    def _project(
        self, ctx: Context, arrays: Mapping[str, Array | None], again: bool = True
    ) -> tuple[Array, Array, Array, Array]:
        """(q, k, v) by head, N×heads×positions×features, q scaled, and the place where the heads' results go."""
        weight, bias, shares = arrays["in_proj_weight"], arrays["in_proj_bias"], self._shares(arrays)
        assert weight is not None
        width, found = weight.shape[1], {}
        for share in shares:
            source = arrays[share.name]
            assert source is not None
            part = ctx.scratch(f"projected {share.name}", (*source.shape[:2], share.parts * width))
            found[share.name] = part
            if again:
                own = slice(share.first * width, share.end * width)
                product(ctx, _rows(source), weight[own].T, _rows(part))
                if bias is not None:
                    np.add(part, bias[own], part)
        q, k, v = self._heads(shares, found)
        if again:
            np.multiply(q, factor(q.shape[-1], None), q)
        query = arrays["query"]
        assert query is not None
        return q, k, v, ctx.scratch("mixed", query.shape)

    def _heads(self, shares: list[Share], parts: Mapping[str, Array]) -> list[Array]:
        """The projections 0, 1 and 2 by head."""
        return [self._by_head(parts[s.name], k, s.parts) for s in shares for k in range(s.parts)]

    def _by_head(self, rows: Array, part: int, parts: int) -> Array:
        """One of the parts that lie side by side in the last axis, as a view N×heads×positions×features."""
        features = rows.shape[2] // (parts * self.num_heads)
        five = rows.reshape(*rows.shape[:2], parts, self.num_heads, features)[:, :, part]
        return five.transpose((0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        ctx = call.fresh()
        q, k, v, _ = self._project(ctx, call.inputs)
        if output == "y":
            row, n, unit = (at[1], at[0], at[2]) if self.batch_first else at
            places = [(n, head, row) for head in range(self.num_heads)]
            return mixed_heads(call, v[n].astype(np.float64), places, unit, HEADS_SHOWN)
        n, head, row, chosen = at
        scores = k[n, head].astype(np.float64) @ q[n, head, row].astype(np.float64)
        mask = row_of_mask(call.inputs.get("attn_mask"), call.outputs["weights"].shape, (n, head, row))
        scores = masked(scores, mask, row, self.is_causal)
        return softmax_of(scores, chosen, number(float(scores[chosen]), f"score[{chosen}]"), call.keep)

    def apart(self, **shapes: Sizes) -> Sequence[Mapping[str, int]]:
        batch = 0 if self.batch_first else 1
        found = dict.fromkeys(("query", "key", "value", "y"), batch) | {"weights": 0}
        return [found | ({"attn_mask": 0} if len(shapes.get("attn_mask", ())) == 4 else {})]

    def workspace(self, query: tuple[int, ...], **shapes: tuple[int, ...]) -> int:
        key = shapes.get("key", query)
        place = 1 if self.batch_first else 0
        scores = query[1 - place] * self.num_heads * query[place] * key[place]
        return 4 * math.prod(query) + 4 * math.prod(key) + 2 * int(scores)

    def emit_torch(self, **names: str) -> str:
        query, key = names["query"], names.get("key", "None")
        key = query if key == "None" else key
        value = names.get("value", "None")
        value, mask = key if value == "None" else value, names.get("attn_mask", "None")
        turn = ".transpose(0, 1)" if self.batch_first else ""
        place = 1 if self.batch_first else 0
        if self.is_causal:
            mask = f"torch.ones({query}.shape[{place}], {key}.shape[{place}], dtype=torch.bool).triu(1)"
        biases = {n: names.get(n, "None") for n in ("in_proj_bias", "out_proj_bias")}
        call = (
            f"F.multi_head_attention_forward({query}{turn}, {key}{turn}, {value}{turn}, {query}.shape[2], "
            f"{self.num_heads}, {names['in_proj_weight']}, {biases['in_proj_bias']}, None, None, False, 0.0, "
            f"{names['out_proj_weight']}, {biases['out_proj_bias']}, attn_mask={mask}, average_attn_weights=False)"
        )
        return f"(lambda y, weights: (y{turn}, weights))(*{call})" if turn else call


def _check_mask(mask: Spec | None, weights: Spec, causal: bool) -> None:
    if mask is None:
        return
    if causal:
        raise ShapeError(
            "is_causal is on, and there is a mask as well.",
            hint="Switch is_causal off, or take the wire from attn_mask.",
            socket="attn_mask",
        )
    if mask.ndim > weights.ndim or broadcast(weights, mask, names=("weights", "attn_mask")) != weights.shape:
        raise ShapeError(
            f"attn_mask ({mask}) does not fit the weights ({weights}).",
            hint="Its sizes must be theirs, or 1.",
            socket="attn_mask",
        )


def _rows(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
