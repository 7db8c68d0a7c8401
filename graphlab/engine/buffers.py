"""Every array of a run for one batch size, allocated once, and the operations bound to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import GraphlabError
from ..ops import Clock, Context, Socket, cleared
from .blocks import Blocks, in_one_block, kind_of
from .flatten import End
from .lean import add, add_all, add_up, begin, lean_backward
from .plan import Edge, Plan
from .record import Call, record_all
from .scalars import compiled
from .together import together

Array = npt.NDArray[Any]
Bound = partial[Any]  # an operation's forward or backward with its arrays
SHARED, TURNED_FROM = 3, 1024  # users and numbers of a matrix from which on a transposed copy is worth it
PARTS = {"step": ("needed", "lean")}  # phases that are drained as one


class Buffers:
    """The values, gradients and bound calls of a plan for given sizes.

    `forward[key]` and `backward[key]` are the calls of one schedule entry. Gradients are allocated when first asked
    for, so that evaluation never pays for them.

    With one consumer, what flows back along the edge IS the gradient of its source: one array. With several, each
    edge has an array of its own and their sum is formed when the source's turn comes.

    `blocks` give other arrays to values than each its own: see `Reused`. Such buffers are for forward alone, after
    which what is `lost` is not to be read.
    """

    def __init__(
        self,
        plan: Plan,
        sizes: Mapping[str, int],
        parameters: Array,
        gradients: Array,
        states: tuple[Array, Array],
        clock: Clock,
        bytes: int,
        blocks: Blocks | None = None,
    ) -> None:
        self.plan = plan
        self.bytes = bytes
        self.sizes = dict(sizes)
        self.contexts = {key: Context(key, clock, plan.dtype) for key in plan.nodes}
        self._blocks = blocks or Blocks(plan)
        self.lost = self._blocks.lost
        self.values: dict[End, Array] = {}
        self.owned: dict[End, Array] = {}
        self.owned_gradients: dict[End, Array] = {}
        self._grads: dict[End, Array] = {}
        self.terms: dict[Edge, Array] = {}
        self._flat = (gradients, *states)
        self._by_source: dict[End, list[Edge]] = {}
        for end, slot in plan.parameters.items():
            self.owned[end] = parameters[slot.window].reshape(slot.shape)
            self.owned_gradients[end] = gradients[slot.window].reshape(slot.shape)
        for (key, name), slot in plan.states.items():
            now, after = (array[slot.window].reshape(slot.shape) for array in states)
            self.contexts[key].bind_state(name, now, after)
        self._turned: dict[End, Array] = {}
        self._to_be_turned = _shared_and_transposed(plan) if clock.in_pieces else set()
        self.forward: dict[str, tuple[Bound, ...]] = {key: self._bind_forward(key) for key in plan.nodes}
        self._backward: dict[str, tuple[Bound, ...]] | None = None
        self._lean: dict[str, tuple[Bound, ...]] | None = None
        self._drains: dict[str, list[Call]] = {}
        self._recordings: dict[str, dict[str, list[Call]]] = {}
        self._warm: set[str] = set()
        self._clock, self._recorded_training = clock, clock.training
        self.reached = 0  # so many entries of the schedule have been carried out here at least once

    @property
    def backward(self) -> dict[str, tuple[Bound, ...]]:
        if self._backward is None:
            assert not self.lost  # a gradient is computed from values
            self._allocate_gradients()
            active = [key for key in reversed(self.plan.nodes) if key in self.plan.active]
            self._backward = {key: self._bind_backward(key) for key in active}
        return self._backward

    def drain(self, phase: str) -> None:
        """Carries out a whole phase: "forward", "backward", or "step".

        A "step" is for when nobody looks: what the goal needs of forward, then backward without the gradients of
        inputs. After it only the goal's value, the parameters' gradients and the next states are sure to be there.

        The first time as bound, the second time noting what is done, from then on that alone (see `record`).
        """
        if self._clock.training is not self._recorded_training:  # operations may then do something else
            self._recorded_training = self._clock.training
            self._drains.clear()
            self._recordings.clear()
            self._warm.clear()
        calls = self._drains.get(phase)
        if calls is not None:
            self.carry_out(calls)
        elif phase in self._warm:
            self._drains[phase] = self._quickest(phase)
        else:
            self._warm.add(phase)
            self.carry_out(self.calls(phase))

    def carry_out(self, calls: Iterable[Call]) -> None:
        """One call after the other. An operation knows not where it stands: its errors are given the node's name."""
        call: Call | None = None
        try:
            for call in calls:
                call()
        except GraphlabError as error:
            self._name(error, call)
            raise

    def recorded(self, phase: str) -> Mapping[str, list[Call]]:
        """What `drain` carries out from its third time on, node by node; empty before. A "step" has its parts."""
        return self._recordings.get(phase, {})

    @contextmanager
    def ticking(self, tick: Callable[[], Any]) -> Iterator[None]:
        """While open, `drain` calls `tick` before the first node of a recorded phase, and after each."""
        kept, parts = self._drains, self._recordings
        ticking = {
            phase: [tick, *(call for calls in nodes.values() for call in (*calls, tick))]
            for phase, nodes in parts.items()
        }
        wholes = {whole: of for whole, of in PARTS.items() if all(part in parts for part in of)}
        ticking |= {whole: [call for part in of for call in ticking[part]] for whole, of in wholes.items()}
        self._drains = ticking
        try:
            yield
        finally:
            self._drains = kept

    def _quickest(self, phase: str) -> list[Call]:
        """Carries out a phase and returns the quickest calls that do the same."""
        recorded: list[Call] = []
        for part in PARTS.get(phase, (phase,)):
            nodes = {key: self._record(calls) for key, calls in self.bound(part).items()}
            self._recordings[part] = nodes
            recorded += together(nodes.items())
        return compiled(recorded, self._lasting() if phase == "step" else None, self._guarded)

    def _lasting(self) -> list[Array]:
        """What must be right after a "step"."""
        goal = self.plan.goal
        return [*self._flat, *(self.values[goal, name] for name in self.plan.op(goal).results())]

    def beside(self, plan: Plan, gradients: Array) -> Buffers:
        """The same values under a plan with another goal: gradients of their own, those of parameters in `gradients`.

        The plan must be one of the same document. No call of these and no gradient changes.
        """
        new = copy(self)
        new.plan, new._grads, new.terms, new._by_source = plan, {}, {}, {}
        new.owned_gradients = {
            end: gradients[slot.window].reshape(slot.shape) for end, slot in plan.parameters.items()
        }
        new._flat = (gradients, *self._flat[1:])
        new._backward = new._lean = None
        new._drains, new._recordings, new._warm = {}, {}, set()
        new.reached = min(self.reached, len(plan.nodes))
        return new

    def seed(self) -> None:
        """Puts into the goal's gradient what backward starts with. GoalError when there is no such element."""
        gradient = self._grads.get(self.plan.goal_end) if self.plan.goal else None
        if gradient is None:
            return
        if self.plan.question is None:
            gradient[...] = 1
        else:
            self.plan.question.seed(gradient, self.plan.end_name(self.plan.goal_end))

    def _guarded(self, call: Call) -> Call:
        """The call; one of an operation so that its errors get the node's name wherever it is called."""
        is_noted = not isinstance(next(iter(getattr(call, "args", ())), None), Context)
        return call if is_noted else partial(self.carry_out, (call,))

    def _record(self, calls: Iterable[Bound]) -> list[Call]:
        done: list[Call] = []
        for call in calls:
            try:
                done += record_all([call], _results)
            except GraphlabError as error:
                self._name(error, call)
                raise
        return done

    def _name(self, error: GraphlabError, call: Call | None) -> None:
        context = next(iter(getattr(call, "args", ())), None)
        if not error.node and isinstance(context, Context):
            error.node = self.plan.nodes[context.node].path
            error.message = f"{error.node}: {error.message}"

    def calls(self, phase: str, skip: int = 0) -> list[Bound]:
        """The bound calls of a phase in order, without those of its first `skip` entries."""
        if phase in PARTS:
            return [call for part in PARTS[phase] for call in self.calls(part)]
        return [call for calls in list(self.bound(phase).values())[skip:] for call in calls]

    def bound(self, phase: str) -> Mapping[str, tuple[Bound, ...]]:
        """The bound calls of each entry of a phase, in order."""
        if phase == "needed":
            return {key: calls if key in self.plan.needed else () for key, calls in self.forward.items()}
        if phase != "lean":
            return self.forward if phase == "forward" else self.backward
        if self._lean is None:
            self._lean = lean_backward(self)
        return self._lean

    @property
    def goal_values(self) -> Array:
        """The goal's value: one number, or those whose sum is asked about. GoalError when there is no such element."""
        return self.plan.goal_part(self.values[self.plan.goal_end])

    @property
    def gradients(self) -> dict[End, Array]:
        """The goal's gradient with respect to every output that it depends on."""
        _ = self.backward
        return self._grads

    def inputs(self, key: str) -> list[Array | None]:
        """The arrays at the sockets of a node, in their order; None for an absent learnable."""
        node = self.plan.nodes[key]
        return [self._input(key, socket, node.inputs.get(socket.name)) for socket in self.plan.sockets(key)]

    def incoming(self, end: End) -> list[Edge]:
        """The edges that bring gradient to an output; `terms` holds what each brings."""
        _ = self.backward
        return self._by_source.get(end, [])

    def _input(self, key: str, socket: Socket, end: End | None) -> Array | None:
        if end is not None:
            return self.values[end]
        if socket.learnable:
            return self.owned.get((key, socket.name))
        return np.asarray(self.plan.op(key).params[socket.name], dtype=self.plan.dtype)

    def _bind_forward(self, key: str) -> tuple[Bound, ...]:
        op = self.plan.op(key)
        inputs = self._inputs_for("forward", key)
        looked_at = op.view(*inputs) if inputs else None
        if looked_at is not None:
            self.values[key, op.results()[0]] = looked_at
            return self._turn(key)
        outputs = {name: self._allocate((key, name)) for name in op.results()}
        self.values.update({(key, name): array for name, array in outputs.items()})
        own = () if op.source else (partial(op.forward, self.contexts[key], *inputs, **outputs),)
        return own + self._turn(key)

    def rebind(self, key: str) -> None:
        """The operation of a node is another, for the same arrays; of a view, one that looks at the same."""
        op = self.plan.op(key)
        self.contexts[key].forget()
        if not op.source and not self.is_view(key):
            outputs = {name: self.values[key, name] for name in op.results()}
            own = partial(op.forward, self.contexts[key], *self._inputs_for("forward", key), **outputs)
            self.forward[key] = (own, *self.forward[key][1:])
        if self._backward is not None and key in self._backward:
            self._backward[key] = self._bind_backward(key)
        self._lean = None
        self._drains.clear()
        self._recordings.clear()
        self._warm.clear()

    def _turn(self, key: str) -> tuple[Bound, ...]:
        """The calls that keep transposed copies of those outputs that several nodes would else have to transpose."""
        calls: list[Bound] = []
        for name in self.plan.op(key).results():
            value = self.values[key, name]
            if (key, name) in self._to_be_turned and value.ndim == 2 and value.size >= TURNED_FROM:
                copy = self._turned[key, name] = cleared(value.shape[::-1], value.dtype)
                calls.append(partial(begin, value.T, copy))
        return tuple(calls)

    def _inputs_for(self, phase: str, key: str) -> list[Array | None]:
        """The same arrays as `inputs`, laid out as the op's forward or backward likes them best."""
        op, wired = self.plan.op(key), self.plan.nodes[key].inputs
        turned = [
            self._turned.get(wired[s.name])
            if s.name in wired and op.transposes.get(s.name) == phase
            else None
            for s in op.sockets()
        ]
        return [
            array if copy is None else copy.T for array, copy in zip(self.inputs(key), turned, strict=True)
        ]

    def _allocate(self, end: End) -> Array:
        shape = self.plan.inference.specs[end].at(self.sizes)
        return self._blocks.give(end, shape, kind_of(self.plan, end))

    def _allocate_gradients(self) -> None:
        """In topological order, so that a view's gradient can be a view of its source's."""
        self._blocks = Blocks(self.plan)
        for edge in self.plan.edges:
            self._by_source.setdefault(edge.source, []).append(edge)
        for key in self.plan.nodes:
            if key in self.plan.active:
                for output in self.plan.op(key).results():
                    self._allocate_gradient((key, output))
        self.seed()

    def _allocate_gradient(self, end: End) -> None:
        if self.plan.inference.specs[end].kind != "float":
            return
        edges = self._by_source.get(end, [])
        gradient = self._gradient_as_view(end)
        if gradient is None:
            gradient = self._blocks.give(end, self.values[end].shape, self.values[end].dtype)
        self._grads[end] = gradient
        if len(edges) == 1:
            self.terms[edges[0]] = gradient
        elif edges:  # one behind the other, as they are summed
            terms = in_one_block(len(edges), gradient.shape, gradient.dtype)
            self.terms.update(zip(reversed(edges), terms, strict=True))

    def _gradient_as_view(self, end: End) -> Array | None:
        """For an op that is a view: its gradient, looked at as the gradient it hands on."""
        key = end[0]
        if not self.is_view(key):
            return None
        target = self.gradient_target(key, self.plan.sockets(key)[0].name)
        if target is None:
            return None
        return self.plan.op(key).view(target, *self.inputs(key)[1:])

    def gradient_target(self, key: str, socket: str) -> Array | None:
        """The array into which the node writes the gradient of that socket; None when nobody needs it."""
        source = self.plan.nodes[key].inputs.get(socket)
        if source is None:
            return self.owned_gradients.get((key, socket))
        return self.terms.get(Edge(source, (key, socket)))

    def _bind_backward(self, key: str) -> tuple[Bound, ...]:
        """First the sum over outgoing edges where there are several, then the op's own backward."""
        op = self.plan.op(key)
        calls = [call for name in op.results() if (call := self._sum((key, name))) is not None]
        targets = {f"d{s.name}": self.gradient_target(key, s.name) for s in op.sockets()}
        if any(target is not None for target in targets.values()) and not self.is_view(key):
            upstream = [self.upstream((key, name)) for name in op.results()]
            calls.append(self.bind_own_backward(key, upstream, targets))
        return tuple(calls)

    def bind_own_backward(
        self, key: str, upstream: Iterable[Array | None], targets: Mapping[str, Array | None]
    ) -> Bound:
        """The op's backward, from the gradients of its outputs to those of its inputs ("dx")."""
        op = self.plan.op(key)
        arrays = self._inputs_for("backward", key)
        inputs = {s.name: array for s, array in zip(op.sockets(), arrays, strict=True)}
        outputs = {name: self.values[key, name] for name in op.results()}
        return partial(op.backward, self.contexts[key], *upstream, **inputs, **outputs, **targets)

    def is_view(self, key: str) -> bool:
        inputs = self.inputs(key)
        return bool(inputs) and self.plan.op(key).view(*inputs) is not None

    def upstream(self, end: End) -> Array | None:
        """The gradient of an output; None when nothing depends on it."""
        is_goal = end[0] == self.plan.goal and end == self.plan.goal_end
        return self._grads.get(end) if end in self._by_source or is_goal else None

    def _sum(self, end: End) -> Bound | None:
        """What comes back first is added first."""
        terms = [self.terms[edge] for edge in reversed(self._by_source.get(end, []))]
        if len(terms) < 2:
            return None
        return partial(add_all, terms, self._grads[end])


def _shared_and_transposed(plan: Plan) -> set[End]:
    """The outputs that at least `SHARED` sockets would transpose in the same phase."""
    counts = Counter(
        (end, op.transposes[socket])
        for key, node in plan.nodes.items()
        if (op := plan.op(key)).transposes
        for socket, end in node.inputs.items()
        if socket in op.transposes
    )
    return {end for (end, _), count in counts.items() if count >= SHARED}


def _results(call: partial[Any]) -> list[Array]:
    """What a bound call fills: the outputs of a forward, the gradients of a backward, the sum of terms."""
    if call.func in (add_all, add_up, begin, add):
        return [call.args[1]]
    method: Any = call.func
    op, named = method.__self__, call.keywords
    names = op.results() if method.__name__ == "forward" else [f"d{socket.name}" for socket in op.sockets()]
    return [named[name] for name in names if named[name] is not None]
