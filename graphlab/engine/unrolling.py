"""A cell repeated along a sequence, as the flat nodes that stand in its place.

Keys are those of the Unroll node with more behind them: `n5/t=3/n2` is the cell's node n2 at step 3, `n5/in x` takes
the sequence x apart, `n5/in h_prev` is how the state h_prev begins, `n5/out y` puts the outputs y together. At a step,
`n5/t=3/in x` gets an output fed back, over `n5/t=3/cut h_prev` no gradient flows back, and `n5/t=3/keep h` and
`n5/t=3/end y` are for rows of different lengths. What the copies learn is owned once, by `n5:` (see `sharing`), so a
gradient is a sum of as many terms as there are steps.
"""

from __future__ import annotations

import dataclasses
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ..graph import Document
from ..graph.document import Node
from ..graph.groups import definition_of, ports
from ..graph.guests import brought
from ..ops import Op
from ..ops.between_steps import Cut, Ended, FedBack, Kept, WholeLength
from ..ops.through_time import LastWithin, MeanOfSteps, PutTogether, TakenApart, made
from ..ops.unroll import LENGTHS, Unroll
from .beginnings import Beginning, GivenState, LearntState, ZeroState
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
        self._id, self._lengths = place.key[:-1], cast("End | None", None)
        self._exits = {
            port.name: (edge.source, edge.output)
            for port in ports(cell, "port out")
            for edge in cell.inputs_of(port.id).values()
        }
        self.through: dict[End, End | None] = {}

    def parts(self) -> Iterator[FlatNode | Place]:
        """Flat nodes, and for each step the place in which a copy of the cell stands, in the order of creation."""
        yield from map(self._taken_apart, self._op.per_step)
        yield from map(self._begun, self._op.state_inputs)
        yield from self._whole_length()
        for t in range(self._op.steps):
            yield from self._step(t)
        for name in self._op.gives:
            yield from self._put_together(name)
        for last, output in self._op.lasts.items():
            self.through[self._id, last] = self._given_by(self._op.steps - 1, output)
        if self._op.stops_on:
            self.through[self._id, LENGTHS] = self._lengths

    # Around the steps

    def _taken_apart(self, name: str) -> FlatNode:
        wired = self._place.given.get(name)
        first = name in self._op.fed_back and not self._op.teacher
        inputs = {} if wired is None else {"x": wired}
        return self._flat(f"in {name}", name, made(TakenApart, self._op.steps, first), inputs)

    def _begun(self, name: str) -> FlatNode:
        given = self._place.given
        wired = {i: given[i] for i in self._op.state_inputs if i in given}
        first = {x: (self._key(f"in {x}"), "t0") for x in self._op.per_step}
        beside = {**first, **wired}
        inputs = {f"s{k}": end for k, end in enumerate(beside.values())}
        kind: type[Beginning] = ZeroState
        if name in wired:
            kind, inputs = GivenState, {"x": wired[name], **inputs}
        elif self._op.begin == "learnable":
            kind = LearntState
        return self._flat(f"in {name}", name, self._shapes.beginning(kind, name, tuple(beside)), inputs)

    def _whole_length(self) -> Iterator[FlatNode]:
        """How long rows are before anything ended one."""
        self._lengths = self._place.given.get(LENGTHS) if LENGTHS not in self._op.takes else None
        if self._lengths is None and self._op.stops_on:
            first = next(iter((*self._op.per_step, *self._op.state_inputs)))
            end = self._key(f"in {first}"), "t0" if first in self._op.per_step else "y"
            yield self._flat(f"in {LENGTHS}", LENGTHS, made(WholeLength, self._op.steps), {"x": end})
            self._lengths = self._key(f"in {LENGTHS}"), "y"

    def _put_together(self, name: str) -> Iterator[FlatNode]:
        steps, how, mask = self._op.steps, self._op.given_as(name), self._lengths
        is_state = any(name == output for output, _ in self._op.pairs)
        if how == "last" and (mask is None or is_state):
            self.through[self._id, name] = self._given_by(steps - 1, name)
            return
        kind = {"all": PutTogether, "mean": MeanOfSteps, "last": LastWithin}[how]
        inputs = {f"t{t}": self._given_by(t, name) for t in range(steps)}
        if mask is not None:
            inputs[LENGTHS] = mask
        yield self._flat(f"out {name}", name, made(kind, steps, mask is not None), inputs)
        self.through[self._id, name] = self._key(f"out {name}"), "y"

    # At a step

    def _step(self, t: int) -> Iterator[FlatNode | Place]:
        step, given = f"t={t}/", dict[str, End]()
        for name in self._op.per_step:
            yield from self._fed(t, name, given)
        for output, name in self._op.pairs:
            given[name] = self._key(f"in {name}"), "y"
            if t:
                given[name] = self._given_by(t - 1, output)
                yield from self._cut(t, name, given)
        place = self._place
        yield dataclasses.replace(place, key=place.key + step, path=place.path + step, given=given)
        yield from self._kept(t, given)

    def _fed(self, t: int, name: str, given: dict[str, End]) -> Iterator[FlatNode]:
        """What a per-step input gets: what the sequence has, or an output of the step before."""
        output = self._op.fed_back.get(name)
        given[name] = sequence = self._key(f"in {name}"), f"t{t}"
        if output is None or not t:
            return
        given[name] = self._given_by(t - 1, output)
        yield from self._cut(t, name, given)
        if self._op.teacher:
            op = made(FedBack, self._op.teacher, output, name)
            yield self._flat(f"t={t}/in {name}", f"t={t}/{name}", op, {"given": sequence, "own": given[name]})
            given[name] = self._key(f"t={t}/in {name}"), "y"

    def _cut(self, t: int, name: str, given: dict[str, End]) -> Iterator[FlatNode]:
        if self._op.is_cut(t):
            yield self._flat(f"t={t}/cut {name}", f"t={t}/{name} cut", made(Cut), {"x": given[name]})
            given[name] = self._key(f"t={t}/cut {name}"), "y"

    def _kept(self, t: int, given: Mapping[str, End]) -> Iterator[FlatNode]:
        """For rows of different lengths: the states of those that are over; and which of them end here."""
        if self._lengths is None:
            return
        token = self._raw(t, self._op.stops_on)
        for output, name in self._op.pairs:
            new = self._raw(t, output)
            if new is not None:
                inputs = {"new": new, "before": given[name], LENGTHS: self._lengths}
                yield self._flat(f"t={t}/keep {output}", f"t={t}/{output}", made(Kept, t), inputs)
                self.through[self._given_by(t, output)] = self._key(f"t={t}/keep {output}"), "y"
        if token is not None and self._op.stop is not None:
            inputs = {"token": token, LENGTHS: self._lengths}
            rest, name = f"t={t}/end {self._op.stops_on}", f"t={t}/{LENGTHS}"
            yield self._flat(rest, name, made(Ended, t, self._op.stop), inputs)
            self._lengths = self._key(rest), "y"

    def _raw(self, t: int, output: str) -> End | None:
        """What the cell itself gives at a step, before rows that are over are looked after."""
        end = self._exits.get(output)
        return None if end is None else (f"{self._place.key}t={t}/{end[0]}", end[1])

    def _given_by(self, t: int, output: str) -> End:
        """What a copy gives, as an end that leads to what computes it."""
        return f"{self._place.key}t={t}", output

    def _key(self, rest: str) -> str:
        return self._place.key + rest

    def _flat(self, rest: str, name: str, op: Op, inputs: Mapping[str, End]) -> FlatNode:
        place = self._place
        # What stands once in a node is its own, unless uses of a group around it share theirs.
        is_own = place.owner == f"{self._id}:"
        owner, owner_path = ("", "") if is_own else (f"{place.owner}{rest}", f"{place.owner_path}{name}")
        path = place.path + name
        return FlatNode(self._key(rest), path, type(op).__name__, op, inputs, owner, owner_path, place.frozen)


class _Shapes(CellShapes):
    """The shapes in a cell, and the operations that begin its states, each made once."""

    def __init__(self, cell: Document, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(cell, pairs)
        self._made: dict[tuple[type, str, tuple[str, ...]], Op] = {}

    def beginning(self, kind: type[Beginning], state: str, beside: tuple[str, ...]) -> Op:
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
