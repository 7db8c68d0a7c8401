"""A cell repeated along a sequence, as the flat nodes that stand in its place.

Keys are those of the Unroll node with more behind them: `n5/t=3/n2` is the cell's node n2 at step 3, `n5/in x` takes
the sequence x apart, `n5/in h_prev` is how the state h_prev begins, `n5/out y` puts the outputs y together. What the
copies learn is owned once, by `n5:` (see `sharing`), so a gradient is a sum of as many terms as there are steps.
"""

from __future__ import annotations

import dataclasses
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ..graph import Document
from ..graph.document import Node
from ..graph.groups import definition_of
from ..graph.guests import brought
from ..ops import Op
from ..ops.through_time import MeanOfSteps, PutTogether, TakenApart, made
from ..ops.unroll import Unroll
from .beginnings import GivenState, LearntState, ZeroState
from .cell_shapes import CellShapes
from .flat import End, FlatNode

if TYPE_CHECKING:
    from .expansion import Place

_STEP = re.compile(r"(.*)/t=(\d+)/(.*)")
MOST_CELLS = 64  # whose shapes are remembered


def unrollable(whole: Document, node: Node) -> Document | None:
    """The cell of an Unroll node; None where there is nothing to repeat, which the node itself then says."""
    return None if cast("Unroll", node.make()).fault()[0] else definition_of(whole, node)


class Unrolled:
    """What stands in the place of an Unroll node.

    whole: the document, for the groups in it. cell: the content of the group that is repeated. place: where the inside
    of the node stands, with what is wired to its sockets.
    """

    def __init__(self, whole: Document, node: Node, cell: Document, place: Place) -> None:
        self._op = cast("Unroll", node.make())
        self._node, self._cell, self._place = node, cell, place
        self._shapes = _shapes_of(whole, node, cell, self._op)
        self.through: dict[End, End | None] = {}

    def parts(self) -> Iterator[FlatNode | Place]:
        """Flat nodes, and for each step the place in which a copy of the cell stands, in the order of creation."""
        yield from map(self._taken_apart, self._op.per_step)
        yield from map(self._begun, self._op.state_inputs)
        for t in range(self._op.steps):
            yield self._copy(t)
        for name in self._op.gives:
            yield from self._put_together(name)
        key = self._place.key[:-1]
        for last, output in self._op.lasts.items():
            self.through[key, last] = self._given_by(self._op.steps - 1, output)

    def _copy(self, t: int) -> Place:
        given = {name: (self._key("in", name), f"t{t}") for name in self._op.per_step}
        for output, name in self._op.pairs:
            given[name] = self._given_by(t - 1, output) if t else (self._key("in", name), "y")
        step = f"t={t}/"
        place = self._place
        return dataclasses.replace(place, key=place.key + step, path=place.path + step, given=given)

    def _given_by(self, t: int, output: str) -> End:
        """What a copy gives, as an end that leads to what computes it."""
        return f"{self._place.key}t={t}", output

    def _taken_apart(self, name: str) -> FlatNode:
        wired = self._place.given.get(name)
        inputs = {} if wired is None else {"x": wired}
        return self._flat("in", name, made(TakenApart, self._op.steps), inputs)

    def _begun(self, name: str) -> FlatNode:
        wired = {i: self._place.given[i] for i in self._op.state_inputs if i in self._place.given}
        first = {x: (self._key("in", x), "t0") for x in self._op.per_step}
        beside = {**first, **wired}
        inputs = {f"s{k}": end for k, end in enumerate(beside.values())}
        kind: type[ZeroState | LearntState | GivenState] = ZeroState
        if name in wired:
            kind, inputs = GivenState, {"x": wired[name], **inputs}
        elif self._op.begin == "learnable":
            kind = LearntState
        return self._flat("in", name, self._shapes.beginning(kind, name, tuple(beside)), inputs)

    def _put_together(self, name: str) -> Iterator[FlatNode]:
        steps, how = self._op.steps, self._op.given_as(name)
        end = self._place.key[:-1], name
        if how == "last":
            self.through[end] = self._given_by(steps - 1, name)
            return
        kind = MeanOfSteps if how == "mean" else PutTogether
        inputs = {f"t{t}": self._given_by(t, name) for t in range(steps)}
        yield self._flat("out", name, made(kind, steps), inputs)
        self.through[end] = self._key("out", name), "y"

    def _key(self, side: str, name: str) -> str:
        return f"{self._place.key}{side} {name}"

    def _flat(self, side: str, name: str, op: Op, inputs: Mapping[str, End]) -> FlatNode:
        place, key = self._place, self._key(side, name)
        # What stands once in a node is its own, unless uses of a group around it share theirs.
        shares = not place.owner.endswith(f"{place.key[:-1]}:")
        owner, owner_path = (
            (f"{place.owner}{side} {name}", f"{place.owner_path}{name}") if shares else ("", "")
        )
        path = f"{place.path}{name}"
        return FlatNode(key, path, type(op).__name__, op, inputs, owner, owner_path, place.frozen)


class _Shapes(CellShapes):
    """The shapes in a cell, and the operations that begin its states, each made once."""

    def __init__(self, cell: Document, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(cell, pairs)
        self._made: dict[tuple[type, str, tuple[str, ...]], Op] = {}

    def beginning(
        self, kind: type[ZeroState | LearntState | GivenState], state: str, beside: tuple[str, ...]
    ) -> Op:
        key = kind, state, beside
        if key not in self._made:
            self._made[key] = kind(self, state, beside)
        return self._made[key]


_known: OrderedDict[tuple[object, ...], tuple[_Shapes, list[Document]]] = OrderedDict()


def _shapes_of(whole: Document, node: Node, cell: Document, op: Unroll) -> _Shapes:
    """Those of a cell, the same object as long as nothing in the cell changed; the documents are kept, too."""
    name = str(node.params["definition"])
    inner = whole.definitions[name]
    inside = [inner, *brought(inner.with_(definitions=whole.definitions), inner.nodes).values()]
    key = (*(id(document) for document in inside), op.pairs, op.values)
    found = _known.pop(key, None) or (_Shapes(cell, op.pairs), inside)
    _known[key] = found
    while len(_known) > MOST_CELLS:
        _known.popitem(last=False)
    return found[0]


# Copies, for those who look at them


def copy_of(key: str, step: int) -> str:
    """How the keys begin of what stands at a step of the Unroll node `key`."""
    return f"{key}/t={step}/"


def step_of(key: str) -> tuple[str, int, str] | None:
    """The Unroll node, the step and the key inside the cell of a flat node, by the innermost; None outside of any."""
    found = _STEP.fullmatch(key)
    return None if found is None else (found[1], int(found[2]), found[3])


def state_ends(aliases: Mapping[End, End | None], key: str, op: Unroll) -> dict[str, list[End]]:
    """For each state of the Unroll node `key`, by its input: where it begins, and its value after each step."""
    found = {}
    for output, name in op.pairs:
        ends = [(f"{key}/in {name}", "y"), *(aliases.get((f"{key}/t={t}", output)) for t in range(op.steps))]
        found[name] = [end for end in ends if end is not None]
    return found
