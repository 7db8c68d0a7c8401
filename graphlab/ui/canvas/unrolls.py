"""What the canvas says of Unroll nodes: which copy is computed, at which step one looks, and what each copy holds.

A copy of the cell of node n9 is named "n9/t=3" here, as the engine does, and is asked like a group of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...engine.messages import Tensor, TensorKey, Watched
from ...graph import Document
from ...graph.copies import MARK, into
from ...graph.drawn import unrolled as places
from ...graph.drawn.cell_picture import CellPicture, picture_of
from ...graph.drawn.unrolled import Rolled, rolled
from ...graph.groups import definition_of, role
from .unroll_told import Told

if TYPE_CHECKING:
    from ..session import Session

_LIMIT = 256


class Lit(NamedTuple):
    """The copy that holds the entry computed last, −1 for none; how; and which node of the cell it is."""

    t: int = -1
    phase: str = ""
    inner: str = ""


class Unrolls:
    """Asked by node of the sheet that is shown. What a hand or an animation changes for a while is set from outside."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._at: dict[str, int] = {}
        self._lit: dict[str, Lit] = {}
        self._cells: dict[str, tuple[Document, CellPicture]] = {}
        self.openness: dict[str, float] = {}  # of nodes that are being folded or unrolled
        self.hovered: tuple[str, int] = ("", -1)  # a copy under the pointer: node, step
        self.pointed: tuple[str, frozenset[str]] = ("", frozenset())  # nodes of the cell of a node
        self.at_switch = ""  # the node whose switch is under the pointer
        self.setting: tuple[str, int] = ("", 0)  # what a hand is setting the steps of a node to

    def rolled(self, node: str) -> Rolled:
        return rolled(self._session.document.nodes[node].make())

    def lit(self, node: str) -> Lit:
        """Which copy the run is in."""
        progress = self._session.progress
        start = f"{self._session.seen.prefix}{node}/{MARK}"
        key = progress.current
        if not key.startswith(start) or progress.phase not in ("forward", "backward"):
            return Lit()
        t, _, inner = key[len(start) :].partition("/")
        return Lit(int(t), progress.phase, inner.partition("/")[0])

    def at(self, node: str) -> int:
        """The step one looks at: that of the run when it went on, else what a hand chose."""
        key, lit = self._session.seen.prefix + node, self.lit(node)
        if lit != self._lit.get(key, Lit()):
            self._lit[key] = lit
            if lit.t >= 0:
                self._at[key] = lit.t
        return min(self._at.get(key, 0), self.rolled(node).steps - 1)

    def look_at(self, node: str, t: int) -> None:
        """From now on one looks at that step."""
        self._at[self._session.seen.prefix + node] = t

    def way_into(self, node: str, t: int = -1) -> str:
        """The step of a path into a node: of one that repeats a cell into that copy, by default the one looked at."""
        if role(self._session.document.nodes[node]) != "unroll":
            return node
        return into(node, self.at(node) if t < 0 else t)

    def cell(self, node: str) -> CellPicture:
        """The cell in small."""
        found = self._session.document.nodes[node]
        name = str(found.params.get("definition", ""))
        inner = self._session.whole.definitions.get(name)
        kept = self._cells.get(name)
        if inner is None:
            return picture_of(Document(), places.PICTURE_ROOM)
        if kept is None or kept[0] is not inner:
            shown = definition_of(self._session.whole, found) or inner
            kept = self._cells[name] = inner, picture_of(shown, places.PICTURE_ROOM)
        return kept[1]

    def told(self, node: str) -> Told:
        """All that is drawn of a node besides its frame."""
        found, lit = self.rolled(node), self.lit(node)
        hovered, of = self.hovered, self.pointed
        session, ends = self._session, [pair.output for pair in found.states]

        def value(t: int, place: int) -> Tensor | None:
            return session.tensor("value", into(node, t), ends[place])

        def grad(t: int, place: int) -> Tensor | None:
            tensor = session.tensor("grad", into(node, t), ends[place])
            return tensor if tensor is not None and tensor.fresh else None

        return Told(
            found,
            self.cell(node),
            self.at(node),
            lit.t,
            lit.phase,
            lit.inner,
            of[1] if of[0] == node else frozenset(),
            hovered[1] if hovered[0] == node else -1,
            self.setting[1] if self.setting[0] == node else 0,
            self.openness.get(node, 1.0),
            self.at_switch == node,
            value,
            grad,
            session.scales.of_tensor,
        )

    def wishes(self, node: str) -> Iterator[Watched]:
        """What is to be watched so that the copies that are drawn show their states."""
        found = self.rolled(node)
        for t in places.chosen(found.steps, self.at(node)):
            for pair in found.states:
                for kind in ("value", "grad"):
                    yield Watched(TensorKey(kind, into(node, t), pair.output), _LIMIT)
