"""Run: the values of a plan, and the one schedule that stepping, running and training all follow.

Forward in topological order, backward in reverse order from the goal, then the update. `step` does one entry;
everything else drains entries, so there is no second interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError, ProblemsError, SettingsError
from ..graph import Document, Graph
from ..ops import Clock
from ..ops.explanation_text import Explanation
from . import numerics
from .buffers import Buffers
from .explaining import KEPT, explain
from .fed import Feeding
from .feeding import Feed, source_ends
from .goals import At
from .moments import Moment, Moments
from .names import Names
from .optimizers import Optimizer, make_optimizer
from .plan import Entry, Plan
from .quiet import quiet
from .readings import StepReport
from .store import Store
from .threads import blas_threads, multiplies_in_pieces

Array = npt.NDArray[Any]


class Run(Feeding):
    """Evaluates a graph forward and backward, one node at a time or at full speed.

    Args:
        graph: a Graph or Document; later edits of the graph do not reach a run that exists. Or a Plan, which says by
            itself what its goal and dtype are, and whether inputs get gradients.
        goal: name of the scalar node that `backward` starts from; by default the document's, or its loss.
        at: asks how one number of the output `goal` changes instead of training towards it: the index of an element, or
            "sum" for the sum of all. Backward then gives the row of its Jacobian, and there is no update.
        optimizer: what `update` does; by default the document's training settings.
        seed: of the initial weights and of all randomness; by default the document's.
        dtype: "float32" or "float64".
        memory_budget: bytes that may be allocated; by default 60 % of what is free.
        input_gradients: whether inputs get gradients too, or parameters only (faster).

    Raises:
        UnknownNodeError: `goal` names no node. GoalError: `at` names no element of it that has a gradient; of sizes
            that are open, when the first batch comes.
        MemoryBudgetError: before anything is allocated: at once when not even one example fits, else at the first
            pass.
    """

    def __init__(
        self,
        graph: Graph | Document | Plan,
        goal: str | None = None,
        optimizer: Optimizer | None = None,
        seed: int | None = None,
        dtype: str = "float32",
        memory_budget: int | None = None,
        input_gradients: bool = True,
        at: At | None = None,
    ) -> None:
        if not isinstance(graph, Plan):
            graph = Plan(graph, goal, at=at, dtype=dtype, input_gradients=input_gradients)
        self.plan, self.document = graph, graph.document
        self.schedule: list[Entry] = self.plan.schedule
        self.names = Names(self.plan)
        self.optimizer = make_optimizer(self.document.training) if optimizer is None else optimizer
        if not isinstance(self.optimizer, Optimizer):
            raise SettingsError(
                f"{optimizer!r} is no optimizer.", hint="Give one, such as graphlab.Adam(lr=0.01)."
            )
        self.clock = Clock(self.document.training.seed if seed is None else seed, multiplies_in_pieces())
        self.feeder: Callable[[int], Feed] | None = None
        self.cursor = 0
        self.losses: list[float] = []  # of the last call of `train`, also when it failed
        self.store = self._make_store(memory_budget)
        self._buffers: Buffers | None = None
        self._feed: Feed | None = None
        self._fed_step = -1
        self._sources = len(source_ends(self.plan))
        self._is_fed = False
        self._moments = Moments()
        self.forward_end = len(self.plan.nodes)
        self.backward_end = self.forward_end + len(self.plan.active)

    # The schedule

    @property
    def steps_done(self) -> int:
        """How many updates were made; also the number of the step that is next or under way."""
        return self.clock.step

    def step(self) -> StepReport:
        """Carries out the next entry of the schedule; after the last one, begins the next step.

        Raises:
            FeedError: an input has nothing to give. NumericsError: the entry produced NaN or infinity.
        """
        self._open()
        entry = self.schedule[self.cursor]
        if entry.phase == "update":
            self._remember()
        self._carry_out(entry)
        self.cursor += 1
        self._note_reach(self.cursor)
        self._check(entry)
        return self.report(entry)

    def back(self) -> Entry | None:
        """Takes the last entry back, over an update too; returns it, or None where history ends.

        Weights, optimizer state and values return to exactly what they were.
        """
        if self.cursor == 0 and not self._to_previous_step():
            return None
        entry = self.schedule[self.cursor - 1]
        if entry.phase == "update":
            if self._moments.last(self.clock.step - 1) is None:
                return None
            self._restore(self._moments.pop())
        self.cursor -= 1
        return entry

    def run_to(self, node: str, phase: str = "forward") -> StepReport:
        """Goes on (into the next step if need be) until just after the entry of that node in that phase.

        Raises:
            UnknownNodeError: the schedule has no such entry.
        """
        wanted = self.names.entry(node, phase)
        report = self.step()
        while report.index != wanted.index:
            report = self.step()
        return report

    def go_to(self, cursor: int) -> None:
        """Goes forward or back to a place in the present step's schedule (0: before everything)."""
        cursor = max(cursor, 0)
        while self.cursor > cursor and self.back() is not None:
            pass
        while self.cursor < min(cursor, len(self.schedule)):
            self.step()

    def forward(self) -> float | None:
        """Drains the forward phase (anew, when it is done) and returns the goal's value, if there is a goal.

        Raises:
            FeedError: an input has nothing to give. NumericsError: NaN or infinity appeared.
        """
        if self.cursor >= self.forward_end:
            self.cursor = 0
        self._open()
        with quiet():
            self._drain("forward")
        return self.loss

    def backward(self) -> None:
        """Drains what is left of forward, then backward (anew, when it is done; after an update, of the next step).

        Raises:
            ProblemsError: the graph has no goal. NumericsError: NaN or infinity appeared.
        """
        self.plan.require_goal()
        if self.cursor < self.forward_end or self.cursor > self.backward_end:
            self.forward()
        elif self.cursor == self.backward_end:
            self.cursor = self.forward_end
        with quiet():
            self._drain("backward")

    def update(self) -> None:
        """Drains everything left, ending with the optimizer's step; nothing more when the step is done.

        Raises:
            ProblemsError: there is no goal, or nothing to learn.
        """
        self.require_trainable()
        if self.cursor < self.backward_end:
            self.backward()
        if self.cursor < len(self.schedule):
            self._remember()
            self._carry_out(self.schedule[-1])
            self.cursor = len(self.schedule)

    def train_step(self) -> float:
        """One whole step, forward, backward and update; returns the loss before the update."""
        return float(self.train(1)[0])

    def train(self, steps: int, remember: bool = False) -> Array:
        """So many whole steps at full speed; returns their losses.

        Gradients of inputs, which training does not need, are computed in the last step only. Of steps taken this way,
        only the last can be taken back, and only with `remember`.

        Raises:
            ProblemsError, FeedError, NumericsError: as `forward`, `backward` and `update`.
        """
        self.require_trainable()
        self._moments.clear()
        self.losses = losses = []
        self._fetch()
        with quiet(), blas_threads(self.buffers.bytes):
            for left in range(steps - 1, -1, -1):
                self.cursor = 0
                self._fetch()
                for phase in ("step",) if left else ("forward", "backward"):
                    self.buffers.drain(phase)
                loss = self._loss_array.item()
                if not isfinite(loss):
                    self._find_fault()
                losses.append(loss)
                if not isfinite(self.store.gradient.dot(self.store.gradient)):
                    self._find_fault()
                if remember and not left:
                    self._remember()
                self._update()
        if losses:
            self.cursor = len(self.schedule)
            self._note_reach(self.cursor)
        return np.array(losses)

    def steps(self) -> Iterator[StepReport]:
        """Carries out the rest of the present step entry by entry (a whole new one when it is done)."""
        yield self.step()
        while self.cursor < len(self.schedule):
            yield self.step()

    def reset(self, seed: int | None = None) -> None:
        """Fresh weights, optimizer state and step 0."""
        self.clock.seed = self.clock.seed if seed is None else seed
        self.optimizer.reset()
        self.store.begin()
        self._begin_at(0)

    # Saving and loading the state

    def state(self) -> dict[str, Any]:
        """A copy of what training made: "parameters" and "states" (flat), "optimizer" and "step" (the next to do)."""
        return {
            "parameters": self.store.flat.copy(),
            "states": self.store.states.copy(),
            "optimizer": self.optimizer.save_state(),
            "step": self.steps_done,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes a state that `state` gave, of a run of the same graph. FeedError when the sizes differ."""
        for name, own in (("parameters", self.store.flat), ("states", self.store.states)):
            if len(state.get(name, own)) != len(own):
                raise FeedError(f"The state has {len(state[name])} {name}, the graph {len(own)}.")
        self.store.flat[...] = state["parameters"]
        self.store.set_states(state.get("states", self.store.states))
        self.optimizer.load_state(state["optimizer"])
        self._begin_at(int(state["step"]))

    # Inside

    def _make_store(self, memory_budget: int | None) -> Store:
        return Store(self.plan, self.clock, memory_budget)

    def _begin_at(self, step: int) -> None:
        self.clock.step = step
        self.cursor = 0
        self._fed_step = -1
        self._moments.clear()

    def _open(self) -> None:
        """Makes the cursor point at an entry to carry out: the next step begins when one is done."""
        if not self.schedule:
            self.plan.require_healthy()
            raise ProblemsError("There is nothing to run.", hint="Add a node.")
        self.cursor %= len(self.schedule)
        if self.cursor == 0:
            self._fetch()

    def _carry_out(self, entry: Entry) -> None:
        if entry.phase == "update":
            self._update()
            return
        calls = self.buffers.forward if entry.phase == "forward" else self.buffers.backward
        with quiet():
            self.buffers.carry_out(calls[entry.id])

    def _update(self) -> None:
        self.optimizer.step(self.store.trainable, self.store.trainable_gradient)
        self.store.advance_states()
        self.clock.step += 1

    @numerics.standing_at_fault
    def _drain(self, phase: str) -> None:
        """Every entry of the phase that is left, without stopping to look at each."""
        start, end = (0, self.forward_end) if phase == "forward" else (self.forward_end, self.backward_end)
        skip = self.cursor - start
        if skip:  # in the middle of stepping: what is left
            self.buffers.carry_out(self.buffers.calls(phase, skip))
        else:
            self.buffers.drain(phase)
        self.cursor = end
        self._note_reach(self.cursor)
        if phase == "forward":  # somebody looks at every value, so every value is checked
            numerics.check_forward(self.buffers, self.plan.nodes)
        else:
            numerics.check_backward(self.buffers, self.buffers.backward)

    def _note_reach(self, cursor: int) -> None:
        """Remembers how far these buffers were ever filled: what lies beyond holds no values yet."""
        self.buffers.reached = max(self.buffers.reached, cursor)

    @numerics.standing_at_fault
    def _find_fault(self) -> None:
        """After a step whose loss or gradient is not finite: NumericsError naming the node, if it was one.

        A number may also be too large to be squared only. The step is computed again, as the drain may have left out
        what nobody looks at.
        """
        self.buffers.drain("forward")
        self._note_reach(self.forward_end)
        numerics.check_forward(self.buffers, self.plan.nodes)
        self.buffers.drain("backward")
        self._note_reach(self.backward_end)
        numerics.check_backward(self.buffers, self.buffers.backward)

    def _check(self, entry: Entry) -> None:
        if entry.phase == "forward":
            numerics.check_forward(self.buffers, (entry.id,))
        elif entry.phase == "backward":
            numerics.check_backward(self.buffers, (entry.id,))

    def require_trainable(self) -> None:
        """ProblemsError when there is no goal, or nothing to learn."""
        self.plan.require_goal()
        if not self.plan.trains:
            asked = self.plan.question is not None
            raise ProblemsError(
                f"Gradients of {self.plan.goal_title} are asked for; that trains nothing."
                if asked
                else "There is nothing to learn: the goal depends on no parameter.",
                hint="Go back to the loss first." if asked else "Add a Linear layer.",
            )

    @property
    def moment(self) -> Moment | None:
        """The state before the last update; None when it was not kept, or nothing was updated yet."""
        return self._moments.last(self.clock.step - 1)

    def explain(
        self, name: str, index: Sequence[int] = (), kind: str = "value", terms: int = KEPT
    ) -> Explanation:
        """How one element came about: of a value ("hidden", "hidden.weight"), or of a gradient (kind "grad").

        Its `term` is a tree whose leaves are elements of other arrays and which comes to the number shown; `str` of the
        explanation tells it in lines. `terms`: how many are told one by one.

        Raises:
            UnknownNodeError: nothing has that name. ExplainError: no such element, or it was not computed yet.
        """
        return explain(self, name, index, kind, terms)

    def _remember(self) -> None:
        assert self._feed is not None
        feed = Feed({end: self.buffers.values[end].copy() for end in self._feed.arrays}, self._feed.sizes)
        parameters, states = self.store.flat.copy(), self.store.states.copy()
        self._moments.push(Moment(self.clock.step, feed, parameters, states, self.optimizer.save_state()))

    def _restore(self, moment: Moment) -> None:
        self.store.flat[...] = moment.parameters
        self.store.states[...] = moment.states  # what is to follow them stays as the pass has left it
        self.optimizer.load_state(moment.optimizer)
        self.clock.step = moment.step

    def redo(self, moment: Moment, after: Mapping[str, Any]) -> None:
        """Makes an update again that `back` took back: `moment` was before it, the state `after` it."""
        self._moments.push(moment)
        self.store.flat[...], self.store.states[...] = after["parameters"], after["states"]
        self.optimizer.load_state(after["optimizer"])
        self.clock.step, self.cursor = after["step"], len(self.schedule)

    def _to_previous_step(self) -> bool:
        """From the beginning of a step to the end of the one before; its pass is computed again."""
        moment = self._moments.last(self.clock.step - 1)
        if moment is None:
            return False
        now, states_now = self.store.flat.copy(), self.store.states.copy()
        self.clock.step = moment.step
        self.store.flat[...] = moment.parameters
        self.store.set_states(moment.states)
        self.take(moment.feed)
        with quiet():
            self.buffers.drain("forward")
            self.buffers.drain("backward")
        self.store.flat[...] = now
        self.store.states[...] = states_now
        self.clock.step = moment.step + 1
        self.cursor = len(self.schedule)
        return True
