"""Adding values up at places that an index tells: the reverse of picking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError, Unsupported
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import classes
from .picking import require_on_axis
from .registry import register
from .spec import axis_of


@register
class ScatterAdd(Op):
    """Adds each element of source to the place in x that index names, along one axis. (torch.scatter_add)

    For dim 0: y = x, and then y[index[i, j], j] grows by source[i, j]. It is the reverse of Gather: messages are
    added up at the nodes of a graph, counts in the bins of a histogram. index and source have one shape, which may be
    smaller than that of x on the other axes.
    """

    category = "Shape"
    saved = ("index",)
    formula = "y = x; y[index[i, j], j] += source[i, j]"
    latex = r"y_{kj} = x_{kj} + \sum_{i:\,\mathrm{index}_{ij} = k} s_{ij}"
    derivative = (
        r"\frac{\partial y_{kj}}{\partial s_{ij}} = [\mathrm{index}_{ij} = k],"
        r"\quad \frac{\partial y}{\partial x} = 1"
    )
    inputs = (
        Socket("x"),
        Socket("index", kind="int", help="Where each element of source is added, counted from 0."),
        Socket("source"),
    )
    dim = Param(0, low=-8, high=7, help="The axis along which the index counts.")
    examples = (
        Example(x=(4, 3), index=classes(5, 3, count=4), source=(5, 3)),
        Example({"dim": 1}, x=(2, 3), index=classes(2, 4, count=3), source=(2, 4)),
        Example({"dim": -1}, x=(2, 2, 3), index=classes(1, 2, 5, count=3), source=(1, 2, 5)),
        Example(x=(1,), index=classes(3, count=1), source=(3,)),
        Example(x=(3, 2), index=classes(0, 2, count=3), source=(0, 2)),
    )
    torch = "torch.scatter_add({x}, {dim}, {index}, {source})"
    numpy = Recipe(
        """
        y = x.copy()
        np.add.at(y, places_along(index, dim), source)
        """,
        """
        dx = dy
        dsource = dy[places_along(index, dim)]
        """,
        tools=(recipe_tools.places_along,),
    )
    onnx = ("ScatterElements",)

    def infer(self, x: Spec, index: Spec, source: Spec) -> Spec:
        axis = axis_of(self.dim, x.ndim, socket="x")
        if index.shape != source.shape:
            raise ShapeError(
                f"index ({index}) and source ({source}) should have the same shape.",
                hint="Give one place for each element of source.",
                socket="index",
            )
        fits = index.ndim == x.ndim and all(
            i == axis or a == b or a < b for i, (a, b) in enumerate(zip(index.shape, x.shape, strict=False))
        )
        if not fits:
            raise ShapeError(
                f"index ({index}) does not fit x ({x}): but for axis {axis} it must not be larger.",
                hint="Give index as many axes as x has.",
                socket="index",
            )
        return x

    def forward(self, ctx: Context, x: Array, index: Array, source: Array, *, y: Array) -> None:
        require_on_axis(index, x.shape[self.dim], self.dim)
        np.copyto(y, x)
        np.add.at(y, self._places(index), source)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        index: Array,
        source: Array,
        y: Array,
        dx: Array | None,
        dsource: Array | None,
        dindex: Array | None = None,
    ) -> None:
        if dx is not None:
            np.copyto(dx, dy)
        if dsource is not None:
            np.copyto(dsource, dy[self._places(index)])

    def _places(self, index: Array) -> tuple[Array, ...]:
        """The places in x that index names."""
        places: list[Array] = list(np.indices(index.shape, sparse=True))
        places[self.dim] = index
        return tuple(places)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        how = attributes.get("reduction", "none")
        if how != "add":
            raise Unsupported(
                f"{kind} with reduction {how} does not add to what stands there, as ScatterAdd does."
            )
        x, index, source = inputs
        return {"dim": attributes.get("axis", 0)}, {"x": x, "index": index, "source": source}
