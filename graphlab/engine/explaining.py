"""How any number of a run came about: asks the operations that made it, and says whose elements their terms are.

Everything here leaves the run as it is. What an operation says is a matter of ops/explaining.py.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import ExplainError
from ..ops import Clock, Context
from ..ops.explaining import Call
from ..ops.explanation import Origin, Term, number, total
from ..ops.explanation_text import Explanation, in_numbers, in_symbols
from ..ops.places import bracketed
from .explaining_update import KIND as UPDATE
from .explaining_update import explain_update, of_node, told_state
from .flatten import End
from .optimizer_state import names_of, owner, state_array
from .plan import Edge

if TYPE_CHECKING:
    from .run import Run

Array = npt.NDArray[Any]
Place = tuple[int, ...]

KINDS = ("value", "grad", "term", UPDATE)
CHAIN_RULE = (
    r"\frac{\partial \ell}{\partial x} = "
    r"\sum_k \frac{\partial \ell}{\partial y_k} \cdot \frac{\partial y_k}{\partial x}"
)
ENDLESS = "NaN or ∞ has gone in: the order in which numbers are put together decides what comes of it."
KEPT = 50  # terms that are told one by one unless more are asked for
MOST = 100_000


def explain(run: Run, name: str, at: Sequence[int], kind: str = "value", keep: int = KEPT) -> Explanation:
    """How the element `at` of an output ("hidden"), parameter or state came about, or its gradient (kind "grad").

    Of an input that is wired ("loss.target") the value is that of what feeds it; its "term" is what this wire alone
    adds to the gradient.

    Raises:
        UnknownNodeError: nothing has that name. ExplainError: there is no such element, or nothing computed yet.
    """
    wire = _wire(run, name)
    if kind == "term":
        if wire is None:
            raise ExplainError(f"{name} is no input with a wire.", hint="Name one such as loss.input.")
        return explain_element(run, (wire.target[0], wire.target[1]), at, "term", keep)
    end = run.names.end(name) if wire is None else wire.source
    return explain_element(run, end, at, kind, keep)


def explain_element(
    run: Run, end: End, at: Sequence[int], kind: str = "value", keep: int = KEPT
) -> Explanation:
    """The same by key: an output, parameter or state; for kind "term" the end is a wired input."""
    if kind not in KINDS:
        raise ExplainError(f"There is no kind '{kind}'.", hint=f"The kinds are {', '.join(KINDS)}.")
    if end[0] not in run.plan.nodes:
        raise ExplainError("It has no numbers.", hint="Something is at fault there, or before it.")
    if kind == UPDATE:
        with np.errstate(all="ignore"):
            return explain_update(run, end, _whole(at))
    teller = _Teller(run, max(1, min(int(keep), MOST)))
    with np.errstate(all="ignore"):  # where a run met NaN is what one asks about most
        return {"value": teller.value, "grad": teller.gradient, "term": teller.term}[kind](end, _whole(at))


def _whole(at: Sequence[int]) -> Place:
    """The index as plain whole numbers. ExplainError."""
    try:
        return tuple(operator.index(i) for i in at)
    except TypeError:
        raise ExplainError(f"{at!r} is no index.", hint="Give whole numbers, such as (0, 3).") from None


def _wire(run: Run, name: str) -> Edge | None:
    """The wire into the socket that the name means, if it means one."""
    path, dot, socket = name.partition(".")
    key = run.plan.names.get(path, path)
    node = run.plan.nodes.get(key)
    if not dot or node is None or socket in run.plan.op(key).results() or socket not in node.inputs:
        return None
    return Edge(node.inputs[socket], (key, socket))


@dataclass
class _Teller:
    """Explains elements of one run as it stands."""

    run: Run
    keep: int

    # What is asked

    def value(self, end: End, at: Place) -> Explanation:
        key, name = end
        op = self.run.plan.op(key)
        array = self._value_of(end)
        at = self._checked(end, array, at)
        note, kept = "", owner(self.run.plan, end)
        if kept is not None:
            term, note = self._of_optimizer(end, array, at)
        elif end in self.run.plan.parameters:
            term, note = number(float(array[at])), self._of_parameter(end)
        elif end in self.run.plan.states:
            term, note = number(float(array[at])), "It is kept from step to step, and moves with the update."
        elif op.source:
            term, note = number(float(array[at])), "It is what the node is fed."
        else:
            term = self._placed(op.explain(self._call(key), name, at), key)
            note = self._warning(term, float(array[at])) or _winner(term)
        origin = Origin(name, at, "value", key)
        is_own = kept is None and end not in self.run.plan.parameters and end not in self.run.plan.states
        formula, latex = (op.formula, op.latex) if is_own else ("", "")
        return self._told(origin, array, term, formula, latex, note)

    def gradient(self, end: End, at: Place) -> Explanation:
        key, name = end
        plan, buffers = self.run.plan, self.run.buffers
        owned = end in plan.parameters
        array = self.run.store.grad(plan.parameters[end]) if owned else buffers.gradients.get(end)
        array = np.zeros(self._value_of(end).shape) if array is None or key not in plan.active else array
        at = self._checked(end, array, at)
        self._require_backward(key)
        origin, formula, latex, note = Origin(name, at, "grad", key), "", "", ""
        edges = () if owned else tuple(reversed(buffers.incoming(end)))
        if key not in plan.active or not (owned or edges or end == plan.goal_end):
            term, note = number(0.0), f"{plan.goal_title or 'The goal'} does not depend on it."
        elif end == plan.goal_end and not owned:
            term, note = number(float(array[at])), self._of_goal(array, at)
        elif owned:
            term, latex = self._through(key, name, at), plan.op(key).derivative
        else:
            parts = [self._through(*edge.target, at) for edge in edges]
            names = [f"through {self._path(edge.target[0])}.{edge.target[1]}" for edge in edges]
            term, note = parts[0], names[0]
            if len(parts) > 1:
                ends = zip(parts, edges, names, strict=True)
                term = total([self._as_wire(part, edge, at, label) for part, edge, label in ends])
                latex = CHAIN_RULE
                note = f"{len(parts)} wires lead on from here: what comes back along each is added up."
            else:
                latex = plan.op(edges[0].target[0]).derivative
        formula = "Σ upstream gradient · local derivative"
        note = self._warning(term, float(array[at])) or note
        return self._told(origin, array, term, formula, latex, note)

    def term(self, target: End, at: Place) -> Explanation:
        """What one wire adds to the gradient of what feeds it."""
        key, socket = target
        source = self.run.plan.nodes[key].inputs.get(socket) if key in self.run.plan.nodes else None
        array = None if source is None else self.run.buffers.terms.get(Edge(source, target))
        if source is None or array is None:
            raise ExplainError(
                f"No gradient comes back through {self._path(key)}.{socket}.", node=self._path(key)
            )
        at = self._checked(target, array, at)
        self._require_backward(key)
        term = self._through(key, socket, at)
        op, origin = self.run.plan.op(key), Origin(socket, at, "term", key)
        formula, note = "upstream gradient · local derivative", self._warning(term, float(array[at]))
        return self._told(origin, array, term, formula, op.derivative, note)

    # Its parts

    def _through(self, key: str, socket: str, at: Place) -> Term:
        """What the node hands back to an element of an input."""
        return self._placed(self.run.plan.op(key).explain_gradient(self._call(key), socket, at), key)

    def _as_wire(self, term: Term, edge: Edge, at: Place, label: str) -> Term:
        """A term of a fan-out, under the name of its wire; its own parts stay with it."""
        found = term if term.how == "sum" and not term.label else total([term])
        return replace(found, label=label, origin=Origin(edge.target[1], at, "term", edge.target[0]))

    def _call(self, key: str) -> Call:
        """The call of a node with its arrays as they were when it was made."""
        plan, buffers = self.run.plan, self.run.buffers
        op = plan.op(key)
        inputs = dict(zip([s.name for s in op.sockets()], buffers.inputs(key), strict=True))
        owned = {name: (key, name) for name in inputs if (key, name) in plan.parameters}
        inputs |= {name: self._value_of(end) for name, end in owned.items()}
        outputs = {name: buffers.values[key, name] for name in op.results()}
        upstream = (
            {name: buffers.upstream((key, name)) for name in op.results()} if self._is_back(key) else {}
        )
        return Call(op, self._context(key), inputs, outputs, upstream, self.keep)

    def _context(self, key: str) -> Context:
        """A context of its own for the step whose numbers are shown, so that chance and states are that step's."""
        run = self.run
        clock = Clock(run.clock.seed, run.clock.in_pieces)
        clock.step, clock.training = run.clock.step - self._is_updated, run.clock.training
        ctx = Context(key, clock, run.plan.dtype)
        states = run.store.states
        if self._is_updated and (moment := run.moment) is not None:
            states = moment.states
        for (node, name), slot in run.plan.states.items():
            if node == key:
                now = states[slot.window].reshape(slot.shape)
                ctx.bind_state(name, now, now.copy())
        return ctx

    @property
    def _is_updated(self) -> bool:
        """Whether the update has changed the weights since the numbers shown were computed."""
        return self.run.cursor > self.run.backward_end

    def _is_back(self, key: str) -> bool:
        return key in self.run.plan.active and self.run.is_done(key, "backward")

    def _value_of(self, end: End) -> Array:
        """The array of an end as it was when the numbers shown were computed."""
        plan, run = self.run.plan, self.run
        if end in plan.parameters:
            slot = plan.parameters[end]
            moment = run.moment if self._is_updated else None
            flat = run.store.flat if moment is None else moment.parameters
            return flat[slot.window].reshape(slot.shape)
        if end in plan.states:
            return run.store.state(plan.states[end])
        if owner(plan, end) is not None:
            return self._kept_of(end)
        key = end[0]
        if key not in plan.nodes or end not in run.buffers.values:
            raise ExplainError(
                f"{self._path(key)}.{end[1]} has no numbers.", hint="See what is at fault there."
            )
        if not run.is_done(key, "forward"):
            raise ExplainError(
                f"{self._path(key)} has not been computed yet.",
                hint="Step forward to it.",
                node=self._path(key),
            )
        return run.buffers.values[end]

    def _require_backward(self, key: str) -> None:
        plan = self.run.plan
        if key in plan.active and not self.run.is_done(key, "backward"):
            raise ExplainError(
                f"The backward pass has not reached {self._path(key)} yet.",
                hint="Step on to it, or press Backward.",
                node=self._path(key),
            )
        if not plan.goal:
            raise ExplainError("There is no goal, so nothing has a gradient.", hint="Add a loss at the end.")

    def _checked(self, end: End, array: Array, at: Place) -> Place:
        """The place, negative indices counted from the end. ExplainError when there is no such element."""
        found = tuple(i + size if i < 0 else i for i, size in zip(at, array.shape, strict=False))
        if len(at) != array.ndim or not all(0 <= i < n for i, n in zip(found, array.shape, strict=True)):
            shape = "×".join(map(str, array.shape)) or "a single number"
            raise ExplainError(
                f"{self._path(end[0])}.{end[1]} is {shape} and has no element {list(at)}.",
                hint=f"Give {array.ndim} whole numbers." if array.ndim else "Give no index.",
                node=self._path(end[0]),
            )
        return found

    # How it is told

    def _placed(self, term: Term, key: str) -> Term:
        """The term with the node behind each leaf: what feeds a socket, or the node itself."""
        parts = tuple(self._placed(part, key) for part in term.parts)
        origin = None if term.origin is None or term.origin.node else self._origin(term.origin, key)
        if term.origin is None or term.origin.node:
            return replace(term, parts=parts) if parts else term
        return replace(term, parts=parts, origin=origin)

    def _origin(self, origin: Origin, key: str) -> Origin | None:
        node, op = self.run.plan.nodes[key], self.run.plan.op(key)
        if origin.kind != "value" or origin.name in op.results():
            return replace(origin, node=key)
        end = node.inputs.get(origin.name, (key, origin.name))
        known = end[0] != key or end in self.run.plan.parameters or end in self.run.plan.states
        return (
            Origin(end[1], origin.index, "value", end[0]) if known else None
        )  # a number typed into the node

    def _of_goal(self, gradient: Array, at: Place) -> str:
        """Why the gradient of an element of the goal is what backward starts with."""
        asked, title = self.run.plan.question, self.run.plan.goal_title
        if asked is None or gradient.ndim == 0:
            return "It is the goal itself: ∂ of a number by itself is 1."
        if asked.at is None:
            return f"It is one of the terms of {title}: ∂ of a sum by one of its terms is 1."
        if gradient[at]:
            return f"It is {title} itself, which is asked about: ∂ of a number by itself is 1."
        return f"Asked about is {title} alone; this is another element, and {title} is not made of it."

    def _warning(self, term: Term, shown: float) -> str:
        """What to say where the terms cannot come to what is shown: of NaN and ∞, or as weights have changed since."""
        if not math.isfinite(shown) or not math.isfinite(term.value):
            is_same = term.value == shown or (math.isnan(term.value) and math.isnan(shown))
            return "" if is_same else ENDLESS
        if not self._is_updated or self.run.moment is not None:
            return ""
        tolerance = 1e-4 if self.run.plan.dtype == np.float32 else 1e-9
        if abs(term.value - shown) <= tolerance * max(abs(shown), 1e-3):
            return ""
        return "The update has changed the weights since: the terms are those of now. Step forward to compute it anew."

    def _of_parameter(self, end: End) -> str:
        updates = self.run.steps_done - self._is_updated
        begun = self.run.plan.op(end[0]).params.get(f"{end[1]}_init")
        start = f"It is learnt, and began as {begun}" if begun else "It is learnt"
        changed = f"{updates} update{'' if updates == 1 else 's'} have changed it since"
        return f"{start}; {changed}." if updates else f"{start}."

    def _kept_of(self, end: End) -> Array:
        """What the optimizer keeps under that name. ExplainError."""
        kept = state_array(self.run, end)
        if kept is None:
            optimizer = self.run.optimizer
            raise ExplainError(
                f"{type(optimizer).__name__} keeps no {end[1]} of {self._path(end[0])}.",
                hint=f"It keeps of each learnt parameter: {', '.join(names_of(optimizer))}.",
                node=self._path(end[0]),
            )
        return kept

    def _of_optimizer(self, end: End, array: Array, at: Place) -> tuple[Term, str]:
        """What the optimizer keeps of an element: how the last update made it, where that is known."""
        found = told_state(self.run, end, at)
        if found is not None:
            return of_node(replace(found[0], label="", origin=None), end[0]), found[1]
        return number(float(array[at])), "The optimizer keeps it from step to step; the update changes it."

    def _told(
        self, origin: Origin, array: Array, term: Term, formula: str, latex: str, note: str
    ) -> Explanation:
        title = f"{self._path(origin.node)}.{origin.name}{bracketed(origin.index)}"
        if origin.kind != "value":
            title = f"∂{self.run.plan.goal_title or 'goal'}/∂{title}"
            title += " through this wire" if origin.kind == "term" else ""
        keys = {origin.node, *_nodes(term)}
        return Explanation(
            title=title,
            origin=origin,
            shape=tuple(array.shape),
            formula=formula,
            latex=latex,
            symbols=in_symbols(term),
            numbers=in_numbers(term),
            shown=float(array[origin.index]),
            term=term,
            note=note,
            names={key: self._path(key) for key in sorted(keys)},
        )

    def _path(self, key: str) -> str:
        node = self.run.plan.nodes.get(key)
        return node.path if node is not None else key


def _winner(term: Term) -> str:
    """Which of the rivals won, where one does."""
    if term.how not in ("largest", "smallest") or len(term.parts) < 2:
        return ""
    if math.isnan(term.value):
        return f"{term.parts[0].label} is NaN, and so is the {term.how}."
    first = next(part for part in term.parts if part.value == term.value)
    return f"{first.label} wins: it is the {term.how}."


def _nodes(term: Term) -> set[str]:
    found = set() if term.origin is None else {term.origin.node}
    for part in term.parts:
        found |= _nodes(part)
    return found
