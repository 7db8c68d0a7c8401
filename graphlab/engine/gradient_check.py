"""Back-propagation against finite differences, in float64: parameter by parameter, and operation by operation.

Each parameter is moved, and the change of the goal compared with its gradient. That says whether a gradient is right,
not whose fault it is; so each operation is also checked by itself (`local_check`), and those that hand back something
wrong are named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import stream
from .check_report import ArrayCheck, GradientReport
from .differences import TOLERANCE, Verdict, compare
from .feeding import Feed, source_ends
from .flatten import End
from .local_check import OneNode, sockets_to_check
from .plan import Plan
from .quiet import quiet
from .run import Run

Array = npt.NDArray[Any]
MOST = 200  # elements tried of each parameter
FEWEST = (
    4  # where there is not even time for so many of each, some parameters are left to the check of their node
)
OF_A_WIRE = 24  # elements tried of what one operation hands back
LOCALLY = 0.3  # of the time goes into single operations
A_LOOK = 60e-6  # seconds that an element of one takes at least
LEAST_ARRAYS = 16
PATIENCE = 6  # wrong elements of an array that are looked at more than once


def check_gradients(
    run: Run, most: int = MOST, nodes: Iterable[str] | None = None, inputs: bool = False
) -> GradientReport:
    """Checks a copy of the run, in float64, at its present weights and inputs, by central differences.

    At most `most` elements of each parameter are tried, drawn at random from the run's seed. Kinks (ReLU at 0, a tie in
    max pooling) are no errors; they are counted. `nodes`: only these by name, of a group all inside. `inputs`: also
    what the graph is fed.

    Raises:
        ProblemsError: there is no goal. FeedError: an input has nothing to give. UnknownNodeError: in `nodes`.
    """
    keys = None if nodes is None else keys_of(run, nodes)
    checking = Checking(run, keys, inputs, most)
    for _ in checking.work():
        pass
    return checking.report()


def keys_of(run: Run, names: Iterable[str]) -> frozenset[str]:
    """The keys of nodes by name; a group's name stands for all that is inside. UnknownNodeError."""
    found: set[str] = set()
    for name in names:
        ids = run.plan.document.ids_by_name
        path = ids.get(name, name)
        inside = {
            key
            for key, node in run.plan.nodes.items()
            if key.startswith(f"{path}/") or node.path.startswith(f"{name}/")
        }
        found |= inside or {run.names.key(name)}
    return frozenset(found)


@dataclass
class _Task:
    """An array to be checked: its elements are changed in place, `along` says what the goal then is."""

    kind: str
    end: End
    array: Array
    gradient: Array
    chosen: list[int]
    prepare: Callable[[], Callable[[], float]]
    restore: Callable[[], object] = lambda: None
    sum_of: float = 0.0  # size of the numbers that the goal is the sum of, where they may cancel out
    checks: list[tuple[int, Verdict]] = field(default_factory=list)


class Checking:
    """A gradient check that can be done in slices: `work` yields after every element, `done` of `total`.

    Args:
        keys: the nodes to be checked by key, with the shared parameters that they use; None for all.
        seconds: about how long it may take; where that is short, fewer elements are tried, and where that is not
            enough, only some parameters are moved (`left_out` tells how many are not): each node is checked by itself
            in any case. 0: as long as `most` elements take.
    """

    def __init__(
        self,
        run: Run,
        keys: Collection[str] | None = None,
        inputs: bool = False,
        most: int = MOST,
        seconds: float = 0.0,
    ) -> None:
        self.run = exact = _in_float64(run)
        exact.forward()
        exact.backward()
        self.step = run.clock.step
        self.done = 0
        self._rng = stream(run.clock.seed, "gradient check")
        self._order = {key: place for place, key in enumerate(exact.plan.nodes)}
        self._readers = _readers(exact)
        ends = [*self._parameters(keys), *(self._fed(keys) if inputs else ())]
        wires = self._wires(keys)
        of_a_wire, self.left_out = OF_A_WIRE, 0
        if seconds:
            all_ends, most, ends = ends, *self._affordable(ends, most, seconds * (1 - LOCALLY))
            self.left_out = len(all_ends) - len(ends)
            fits = int(seconds * LOCALLY / A_LOOK / max(len(wires), 1))
            of_a_wire = min(max(fits, 1), OF_A_WIRE)
        self._tasks = [self._whole(kind, end, most) for kind, end in ends]
        self._tasks += [self._wire(*wire, of_a_wire) for wire in wires]
        self.total = sum(len(task.chosen) for task in self._tasks)

    def work(self) -> Iterator[None]:
        """Checks one element after the other, in the order of the report."""
        for task in self._tasks:
            yield from self._check(task)

    def report(self) -> GradientReport:
        """What has been found so far."""
        checks = tuple(self._told(task) for task in self._tasks if task.checks or not task.chosen)
        errors = {check.name: check.error for check in checks if check.kind != "wire"}
        nodes = self.run.plan.nodes
        wrong = [check.key for check in checks if check.kind == "wire" and not check.passed]
        culprits = tuple(nodes[key].path for key in dict.fromkeys(wrong))
        return GradientReport(errors, checks=checks, culprits=culprits, left_out=self.left_out)

    # What is to be checked

    def _parameters(self, keys: Collection[str] | None) -> list[tuple[str, End]]:
        """The learnable ends of these nodes, and those of `Parameter` nodes and shared ones that feed them."""
        plan = self.run.plan
        if keys is None:
            return [("parameter", end) for end in plan.parameters]
        feeding = {end[0] for key in keys if key in plan.nodes for end in plan.nodes[key].inputs.values()}
        return [
            ("parameter", end)
            for end in plan.parameters
            if end[0] in keys or (end[0] in feeding and not plan.nodes[end[0]].inputs)
        ]

    def _fed(self, keys: Collection[str] | None) -> list[tuple[str, End]]:
        values = self.run.buffers.values
        return [
            ("input", end)
            for end in source_ends(self.run.plan)
            if values[end].dtype.kind == "f" and (keys is None or end[0] in keys)
        ]

    def _affordable(
        self, ends: list[tuple[str, End]], most: int, seconds: float
    ) -> tuple[int, list[tuple[str, End]]]:
        """How many elements of each array there is time for, and of which arrays if that is not all.

        Of an array, about half the graph is computed anew.
        """
        buffers, began = self.run.buffers, time.perf_counter()
        with quiet():
            buffers.carry_out(buffers.calls("forward"))
        each = time.perf_counter() - began  # two looks, each at half of it
        fits = int(seconds / max(each, 1e-6))
        if fits >= FEWEST * len(ends):
            return min(most, fits // max(len(ends), 1)), ends
        count = min(max(fits // FEWEST, LEAST_ARRAYS), len(ends))
        chosen = sorted(self._rng.choice(len(ends), count, replace=False).tolist())
        return min(most, FEWEST), [ends[k] for k in chosen]

    def _whole(self, kind: str, end: End, most: int) -> _Task:
        """A parameter or input: everything that depends on it is computed anew."""
        run = self.run
        if kind == "parameter":
            slot = run.plan.parameters[end]
            array, gradient = run.store.value(slot), run.store.grad(slot)
        else:
            array = run.buffers.values[end]
            found = run.buffers.gradients.get(end)
            gradient = np.zeros_like(array) if found is None or end[0] not in run.plan.active else found
        task = _Task(kind, end, array, gradient.copy(), self._choose(array, most), lambda: float)

        def prepare() -> Callable[[], float]:
            calls = [call for key in self._after(end[0]) for call in run.buffers.forward[key]]

            def goal() -> float:
                with quiet():
                    run.buffers.carry_out(calls)
                return float(run.loss or 0.0)

            task.restore = goal
            return goal

        task.prepare = prepare
        return task

    def _after(self, key: str) -> list[str]:
        """A node and all that depend on it, in order. What stands behind a stop of gradients is left as it is."""
        plan, found, queue = self.run.plan, {key}, [key]
        while queue:
            for reader in self._readers.get(queue.pop(), ()):
                if reader not in found and not plan.op(reader).stops_gradient:
                    found.add(reader)
                    queue.append(reader)
        return sorted(found, key=self._order.__getitem__)

    def _wires(self, keys: Collection[str] | None) -> list[tuple[str, str, Array]]:
        nodes = [key for key in self.run.plan.nodes if keys is None or key in keys]
        return [(key, *found) for key in nodes for found in sockets_to_check(self.run, key)]

    def _wire(self, key: str, socket: str, gradient: Array, most: int) -> _Task:
        """What one node hands back: only the node itself is computed anew."""
        chosen = self._choose(gradient, most)
        task = _Task("wire", (key, socket), gradient, gradient, chosen, lambda: float)

        def prepare() -> Callable[[], float]:
            node = OneNode(self.run, key)
            task.array, task.sum_of = node.input(socket), node.size
            return node.forward

        task.prepare = prepare
        return task

    def _choose(self, array: Array, most: int) -> list[int]:
        if array.size <= most:
            return list(range(array.size))
        return [int(i) for i in self._rng.choice(array.size, most, replace=False)]

    # Checking

    def _check(self, task: _Task) -> Iterator[None]:
        goal = task.prepare() if task.chosen else float
        flat, gradient = task.array.reshape(-1), task.gradient.reshape(-1)
        scale, wrong = float(np.abs(gradient).max(initial=0.0)), 0
        for i in task.chosen:
            verdict = _moved(goal, flat, i, (float(gradient[i]), scale, wrong < PATIENCE, task.sum_of))
            wrong += verdict.error > TOLERANCE
            task.checks.append((i, verdict))
            self.done += 1
            yield
        task.restore()

    def _told(self, task: _Task) -> ArrayCheck:
        plan, (key, socket), shape = self.run.plan, task.end, task.gradient.shape
        i, worst = max(task.checks, key=lambda c: c[1].error, default=(0, Verdict(0.0, 0.0)))
        kinks = [(at, verdict.kink) for at, verdict in task.checks if verdict.kink]
        at, kink = kinks[0] if kinks else (0, "")
        return ArrayCheck(
            task.kind,
            key,
            socket,
            f"{plan.nodes[key].path}.{socket}",
            task.gradient.size,
            len(task.checks),
            worst.error,
            _index(i, shape),
            float(task.gradient.reshape(-1)[i]) if task.gradient.size else 0.0,
            worst.numeric,
            len(kinks),
            kink,
            _index(at, shape) if kink else (),
        )


def _moved(goal: Callable[[], float], flat: Array, i: int, how: tuple[float, float, bool, float]) -> Verdict:
    """What `compare` finds of an element, with its other arguments in `how`; the element is put back."""
    kept = float(flat[i])

    def along(value: float) -> float:
        flat[i] = value
        return goal()

    try:
        with np.errstate(all="ignore"):
            return compare(along, kept, *how)
    finally:
        flat[i] = kept


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if all(shape) else ()


def _readers(run: Run) -> dict[str, list[str]]:
    """By node, those that read what it gives."""
    found: dict[str, list[str]] = {}
    for key, node in run.plan.nodes.items():
        for source, _ in node.inputs.values():
            found.setdefault(source, []).append(key)
    return found


def _in_float64(run: Run) -> Run:
    run.plan.require_goal()
    goal, at = run.plan.aim
    plan = Plan(run.document, goal, at=at, dtype="float64", previous=run.plan)
    exact = Run(plan, seed=run.clock.seed)
    exact.clock.step = run.clock.step
    own = exact.parameters
    for name, values in run.parameters.items():
        own[name][...] = values
    exact.store.set_states(run.store.states)
    exact.clock.training = run.clock.training
    feed = run.present_feed()
    arrays = {end: a.astype(np.float64) if a.dtype.kind == "f" else a for end, a in feed.arrays.items()}
    exact.take(Feed(arrays, feed.sizes))
    return exact
