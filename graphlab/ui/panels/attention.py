"""Attention: where each position of one sequence looks in another, head by head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...engine import messages as m
from ...engine.attending import attentions
from ..unfold_panel import Floats, UnfoldPanel, tokens_of
from .registry import panel

LEAST, MOST = 150, 420  # pixels of a map's side
MARGIN = 60  # for the title, the names of the columns and what is read below


@panel("attention", "Attention", "bottom", 43, shown=False, tabbed=True)
class AttentionPanel(UnfoldPanel):
    """A map for each head: a row for each position that looks, a column for each that is looked at."""

    picture = "attention"
    axes = "each row looks at the columns"

    def choices(self) -> list[tuple[str, str]]:
        whole = self.session.seen.whole
        found = attentions(whole.nodes, whole.specs)
        return [(each.weights[0], whole.nodes[each.weights[0]].path.replace("/t=0/", "/")) for each in found]

    def nothing(self) -> str:
        needed = "Add MultiheadAttention, or a Softmax by whose result a MatMul mixes values."
        return f"Nothing here says where to look. {needed}"

    def columns(self, count: int) -> int:
        """So many that a map, which is about as high as wide, has room from top to bottom."""
        side = min(max(self.room.height() - MARGIN, LEAST), MOST)
        return max(1, self.room.width() // side)

    def maps(self, told: m.Unfolded) -> list[tuple[str, Floats, Sequence[str] | None, Sequence[str] | None]]:
        return [
            (name, np.asarray(array, np.float64), *self._names(told, array.shape))
            for name, array in told.arrays.items()
        ]

    def _names(
        self, told: m.Unfolded, shape: tuple[int, ...]
    ) -> tuple[Sequence[str] | None, Sequence[str] | None]:
        return tokens_of(told, "query", shape[0]), tokens_of(told, "key", shape[1])

    def scale_of(self, title: str, told: m.Unfolded) -> float | None:
        """The same for all heads, so that they can be compared."""
        return max(
            (float(np.nan_to_num(array).max(initial=0.0)) for array in told.arrays.values()), default=1.0
        )

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every weight, with the positions and what stands there."""
        return ["head", "query", "query reads", "key", "key reads", "weight"], self._rows()

    def _rows(self) -> Iterator[Sequence[Any]]:
        told = self.told
        if told is None:
            return
        for name, array in told.arrays.items():
            rows, columns = self._names(told, array.shape)
            for (query, key), weight in np.ndenumerate(np.asarray(array)):
                yield [
                    name,
                    query,
                    rows[query] if rows else "",
                    key,
                    columns[key] if columns else "",
                    float(weight),
                ]
