"""Workspace: one document being run, as the engine process holds it. Commands in, state out; knows nothing of pipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError, GraphlabError, MemoryBudgetError, SettingsError
from ..graph import Diff, Document, diff
from .asking import Asking
from .beside import Beside, Evaluated
from .breakpoints import Breakpoints
from .changing import Change, change
from .check_report import GradientReport
from .feeding import Feed
from .flatten import End
from .gradient_check import check_gradients
from .literals import take_over
from .messages import ReportRecord, SetElements, TensorKey
from .optimizer_state import split, state_array
from .optimizers import SGD, adjust, make_optimizer
from .partial import Anew
from .plan import Edge, Entry, Plan
from .remembered import Remembered
from .run import Run
from .single import Single
from .training import Report, Trainer
from .travel import Travel

Array = npt.NDArray[Any]


class Workspace:
    """Compiles a document, keeps what was learnt over edits, and answers for every array of the run.

    `obstacle` says why the document cannot be trained, None when it can; `run` is always there.
    """

    run: Run
    trainer: Trainer | None
    obstacle: GraphlabError | None
    document: Document

    def __init__(self, document: Document | None = None) -> None:
        self.breakpoints = Breakpoints()
        self.asking = Asking(self)
        self.moments = Remembered()
        self.losses: list[tuple[int, Array]] = []
        self._is_stale = False
        self._beside: Beside | None = None
        self.single: Single | None = None
        self.anew: Anew | None = None  # what an edit had computed again, until it was told
        self._compile(document or Document())
        self.travel = Travel(self)

    # The document

    def load(self, document: Document, keep: bool = True) -> bool:
        """Puts another version of the document in place; True when it had to be compiled anew.

        `keep` carries over the weights of parameters that stayed, and the place in the schedule as far as its phase.
        """
        if keep:
            change = diff(self.document, document)
            if self._can_stay(document, change):
                self._adjust(document, change)
                self.travel.note_document(hard=False)
                return False
            if self._goes_on(document, change):
                self.travel.note_document(hard=True)
                return False
        before, trained_by = self.run, self.trainer
        self._compile(document, None if self._is_stale else before.plan)
        self._is_stale = False
        if keep:
            self._carry_over(before)
            if self.trainer is not None and trained_by is not None and self.run.steps_done:
                self.trainer.go_on_from(trained_by)
            self.travel.note_document(hard=True)
        else:
            self.losses = []  # those of another document, that nobody has taken yet
            self.moments.forget()
            self.travel.begin()
        return True

    def look_again(self) -> None:
        """Something that a source may lack has come: the next document is compiled anew, and all of it looked at."""
        self._is_stale = True

    def _can_stay(self, document: Document, change: Diff) -> bool:
        """Whether the run serves that document too: it differs in names, places, notes and the optimizer's settings."""
        if self._is_stale:
            return False
        old, new = self.document.training, document.training
        same = all(
            getattr(old, n) == getattr(new, n)
            for n in ("goal", "seed", "validation", "test", "stratified", "order")
        )
        is_makeshift = isinstance(self.obstacle, (MemoryBudgetError, SettingsError))
        return same and not is_makeshift and not change.computes_differently

    def _goes_on(self, document: Document, change: Diff) -> bool:
        """Whether the run could take over the edited operations where it is; `anew` then says what it computed."""
        if self._is_stale or self.trainer is None:
            return False
        self.anew = take_over(self.run, document, change)
        if self.anew is None:
            return False
        self.document = document
        self.trainer.renew()
        return True

    def _adjust(self, document: Document, change: Diff) -> None:
        """Takes over the names and settings of a document that the run serves as well."""
        run, trainer = self.run, self.trainer
        if change.renamed:
            run.plan.rename(document)
        self.document = run.document = document
        if trainer is not None:
            trainer.adjust(document.training)
            self.obstacle = _obstacle(run)
        else:
            run.optimizer = adjust(run.optimizer, document.training)
            self._make_trainer()

    def _compile(self, document: Document, previous: Plan | None = None) -> None:
        """Makes the run of a document, and its trainer if it can be trained.

        What cannot be trained runs all the same, if there is room for it.
        """
        self.document, self.trainer, self.obstacle = document, None, None
        plan = Plan(document, previous=previous)
        try:
            optimizer = make_optimizer(document.training)
        except SettingsError as error:
            optimizer, self.obstacle = SGD(), error
        try:
            self.run = Run(plan, optimizer=optimizer)
        except MemoryBudgetError as error:
            self.run, self.obstacle = Run(Document()), error
        if self.obstacle is None:
            self._make_trainer()

    def _make_trainer(self) -> None:
        try:
            self.trainer = Trainer(self.run, healthy_only=True)
            self.obstacle = _obstacle(self.run)
        except GraphlabError as error:
            self.obstacle = error
            if isinstance(error, DataError):  # says more than that a source has not been fed
                self.run.feeder = partial(_refuse, error)

    def _carry_over(self, before: Run) -> None:
        """Parameters that stayed keep their values; when all did, the optimizer's state and the step go on as well.

        One whose shape or whose beginning (a value or initialiser) was edited begins anew.
        """
        old, new = before.plan.parameters, self.run.plan.parameters
        came_from = former_ends(old, new)
        stayed = {end: came_from[end] for end in came_from if self._begins_alike(before, came_from[end], end)}
        state = before.state()
        flat = self.run.store.flat
        for end, former in stayed.items():
            flat[new[end].window] = state["parameters"][old[former].window]
        if len(came_from) == len(new) == len(old) and all(
            new[e].shape == old[f].shape for e, f in came_from.items()
        ):
            own = self.run.state()
            optimizer = own["optimizer"]
            if type(before.optimizer) is type(self.run.optimizer):
                optimizer = self._carried(before.plan, state["optimizer"], stayed)
            self.run.load_state(
                {"parameters": flat, "states": own["states"], "optimizer": optimizer, "step": state["step"]}
            )
        self._carry_states(before)
        self._go_as_far_as(before)

    def _carried(self, old: Plan, state: Mapping[str, Any], stayed: Mapping[End, End]) -> dict[str, Any]:
        """The optimizer's state in the order of the new parameters; zeros where one was frozen until now."""
        new = self.run.plan

        def carried(vector: Array) -> Array:
            into = np.zeros(new.trainable_size, vector.dtype)
            for end, former in stayed.items():
                source, target = old.parameters[former].window, new.parameters[end].window
                if source.stop <= len(vector) and target.stop <= len(into):
                    into[target] = vector[source]
            return into

        return {name: carried(v) if isinstance(v, np.ndarray) else v for name, v in state.items()}

    def _begins_alike(self, before: Run, former: End, end: End) -> bool:
        old, new, socket = before.plan, self.run.plan, end[1]
        if old.parameters[former].shape != new.parameters[end].shape:
            return False
        was, now = old.op(former[0]), new.op(end[0])
        return was is now or (
            np.array_equal(was.start(socket), now.start(socket))
            and was.params.get(f"{socket}_init") == now.params.get(f"{socket}_init")
            and was.gain(socket) == now.gain(socket)
        )

    def _go_as_far_as(self, before: Run) -> None:
        """Computes what was on show before the edit, as far as its phase."""
        if before.cursor >= before.forward_end > 0:
            try:
                self.run.forward()
                if before.cursor >= before.backward_end > before.forward_end:
                    self.run.backward()
            except GraphlabError:
                self.run.cursor = 0

    def _carry_states(self, before: Run) -> None:
        old, values, own = before.plan.states, before.states, self.run.states
        new = self.run.plan.states
        for end, former in former_ends(old, new).items():
            if old[former].shape == new[end].shape:
                own[new[end].name][...] = values[old[former].name]
        self.run.store.set_states(self.run.store.states)

    # Stepping

    def step(self, count: int) -> None:
        for _ in range(count):
            self.note_loss(self.run.step().phase)

    def back(self, count: int) -> None:
        for _ in range(count):
            if self.run.back() is None and not self.travel.back():
                break
            self.travel.note_back()

    def run_to(self, node: str, phase: str) -> None:
        wanted = self.run.names.entry(node, phase)
        for _ in range(len(self.run.schedule)):
            report = self.run.step()
            self.note_loss(report.phase)
            if report.index == wanted.index:
                break

    def go_to(self, cursor: int) -> None:
        was = self.run.cursor
        self.run.go_to(cursor)
        end = len(self.run.schedule)
        if was < self.run.cursor == end:
            self.note_loss(self.run.schedule[-1].phase)

    def phase(self, phase: str) -> None:
        if phase == "forward":
            self.run.forward()
        elif phase == "backward":
            self.run.backward()
        elif self.run.cursor < len(self.run.schedule) or not self.run.cursor:
            self.run.update()
            self.note_loss("update")

    def step_to_breakpoint(self, most: int) -> str:
        """Up to `most` entries; which breakpoint one of them, just carried out, was at, "" for none. ConditionError."""
        for _ in range(most):
            report = self.run.step()
            self.note_loss(report.phase)
            if why := self.breakpoints.hit(self, self.run.schedule[report.index]):
                return why
        return ""

    def train(self, most: int) -> None:
        """Up to `most` steps, not past the end of the epoch. The obstacle is raised when it cannot be trained."""
        if self.obstacle is not None:
            raise self.obstacle
        assert self.trainer is not None
        first = self.run.steps_done
        try:
            self.trainer.advance(self.travel.at_most(most), remember=True)
        finally:
            self._note_losses(first, np.array(self.run.losses[: self.run.steps_done - first]))

    def note_loss(self, phase: str) -> None:
        """After an entry of that phase: an update ends a step, whose loss somebody may want."""
        if phase == "update":
            self._note_losses(
                self.run.steps_done - 1, np.array([np.nan if self.run.loss is None else self.run.loss])
            )

    def _note_losses(self, first: int, losses: Array) -> None:
        """Of the steps from `first` on; those that are known already are not told again."""
        new = max(self.travel.note_steps(first), first)
        if new < first + len(losses):
            self.losses.append((new, losses[new - first :]))

    def take_losses(self) -> Iterator[tuple[int, Array]]:
        """The losses since the last call, as runs of consecutive steps: (first step, losses)."""
        chunks, self.losses = self.losses, []
        start = end = 0
        parts: list[Array] = []
        for first, losses in chunks:
            if parts and first != end:
                yield start, np.concatenate(parts)
                parts = []
            if not parts:
                start = end = first
            parts.append(losses)
            end += len(losses)
        if parts:
            yield start, np.concatenate(parts)

    def report(self) -> ReportRecord:
        assert self.trainer is not None
        report: Report = self.trainer.report()
        return ReportRecord(
            report.epoch,
            report.step,
            report.loss,
            report.metrics,
            report.validation_loss,
            report.validation_metrics,
            report.seconds,
        )

    def reset(self) -> None:
        self.run.reset(self.document.training.seed)
        if self.trainer is not None:
            self.trainer.reset()
        self.travel.begin()

    # Values

    def array(self, key: TensorKey) -> tuple[Array, bool] | None:
        """What is shown under a key: of the run, or of the one sample that somebody looks at."""
        found = self.of_run(key)
        return found if self.single is None else self.single.instead(key, found)

    def of_run(self, key: TensorKey) -> tuple[Array, bool] | None:
        """The array of a key and whether the present pass has computed it; None while nothing was computed at all."""
        plan, run = self.run.plan, self.run
        if (key.node, key.socket) in plan.states:
            slot = plan.states[key.node, key.socket]
            return (run.states[slot.name], True) if key.kind == "value" else None
        if (key.node, key.socket) in plan.parameters and key.kind != "term":
            return self._parameter(key)
        if split(key.socket)[1] and key.kind == "value":
            kept = state_array(self.asking.trained, (key.node, key.socket))
            return None if kept is None else (kept, True)
        if key.node not in plan.nodes or not run.has_buffers:
            return None
        node = key.taker[0] if key.kind == "term" else key.node
        phase = "forward" if key.kind == "value" else "backward"
        found = self._array(key) if run.was_done(node, phase) else None
        return None if found is None else (found, run.is_done(node, phase))

    def _array(self, key: TensorKey) -> Array | None:
        buffers, end = self.run.buffers, (key.node, key.socket)
        if key.kind == "value":
            return buffers.values.get(end)
        gradients = buffers.gradients
        if key.kind == "grad":
            return gradients.get(end)
        target, socket = key.taker
        node = self.run.plan.nodes.get(target)
        source = node.inputs.get(socket) if node is not None else None
        if source is None or source[0] != key.node:
            return None
        return buffers.terms.get(Edge(source, key.taker))

    def _parameter(self, key: TensorKey) -> tuple[Array, bool] | None:
        run, slot = self.run, self.run.plan.parameters[key.node, key.socket]
        if key.kind == "value":
            return run.store.value(slot), True
        if not run.has_buffers or not run.was_done(key.node, "backward"):
            return None
        return run.store.grad(slot), run.is_done(key.node, "backward")

    def set_element(self, node: str, socket: str, index: tuple[int, ...], value: float) -> None:
        """Changes one number of a parameter or of what a source was fed, and computes what depends on it.

        Raises:
            UnknownNodeError: there is no such array. FeedError: no such element, or the number does not fit.
            NumericsError: something that depends on it became NaN or infinite.
        """
        self.asking.touch()
        found = change(self.run, (node, socket), (index,), (value,))
        self.anew = found.anew
        self.travel.note_change(by_hand=True)
        if found.anew.fault is not None:
            raise found.anew.fault

    def set_elements(self, command: SetElements, compute: bool = True) -> Change:
        """The same for several numbers of one array; a fault that comes of it is told in the answer."""
        self.asking.touch()
        end = (command.node, command.socket)
        found = change(self.run, end, command.places, command.values, compute)
        self.anew = found.anew
        if self.single is not None:
            self.single.renew(self)
        self.travel.note_change(by_hand=True)
        return found

    def evaluate(
        self,
        ends: Sequence[End],
        given: Mapping[str, Array],
        split: str = "",
        rows: Sequence[int] | None = None,
    ) -> Evaluated:
        """Values beside the run, of arrays by "key.output" or of rows of a split; see `Beside`. GraphlabError."""
        if self._beside is None or not self._beside.serves(self.run):
            self._beside = Beside(self.run)
        if not split:
            sources = {
                (key, output): a for (key, _, output), a in ((n.rpartition("."), a) for n, a in given.items())
            }
            return self._beside.of_arrays(sources, ends)
        if self.trainer is None:
            raise self.obstacle or DataError("There are no rows.")
        return self._beside.of_rows(self.trainer, split, None if rows is None else np.array(rows), ends)

    # Weights

    def weights(self) -> dict[str, Array]:
        """Copies of all parameters and running statistics by name."""
        return {name: values.copy() for name, values in self.run.weights.items()}

    def state(self) -> dict[str, Any]:
        """What besides the weights it takes to go on training: optimizer state and step."""
        state = self.run.state()
        return {"optimizer": state["optimizer"], "step": state["step"]}

    def set_weights(self, arrays: Mapping[str, Array], state: Mapping[str, Any]) -> list[str]:
        """Takes weights by name; returns the names that fit nothing here."""
        own = self.run.weights
        strays = [
            name for name, array in arrays.items() if name not in own or own[name].shape != np.shape(array)
        ]
        for name in set(arrays) - set(strays):
            self.run.set(name, arrays[name])
        if state and not strays:
            now = self.run.state()
            self.run.load_state({**state, "parameters": now["parameters"], "states": now["states"]})
        self.travel.note_change()
        return strays

    def check_gradients(self) -> GradientReport:
        return check_gradients(self.run)

    @property
    def last_entry(self) -> Entry | None:
        return self.run.schedule[self.run.cursor - 1] if self.run.cursor else None

    @property
    def batches(self) -> int:
        """How many there are in an epoch; 0 where nothing can be trained."""
        return self.trainer.steps_per_epoch if self.trainer is not None else 0

    @property
    def epoch(self) -> int:
        return self.trainer.epoch if self.trainer is not None else 0


def former_ends(old: Mapping[End, Any], new: Mapping[End, Any]) -> dict[End, End]:
    """Where each of the new ends stood before: under the same key, or where grouping or ungrouping put it.

    A node that went into a group kept its id there, and keeps it when it comes out ("n2" ↔ "n9/n2").
    """
    found = {end: end for end in new if end in old}
    gone: dict[End, list[End]] = {}
    for key, socket in old:
        if (key, socket) not in new:
            gone.setdefault((key.rpartition("/")[2], socket), []).append((key, socket))
    for key, socket in new:
        former = gone.get((key.rpartition("/")[2], socket), [])
        if (key, socket) not in found and len(former) == 1:
            found[key, socket] = former.pop()
    return found


def _obstacle(run: Run) -> GraphlabError | None:
    """Why a run that has all its data cannot be trained."""
    try:
        run.plan.require_healthy()
        run.require_trainable()
    except GraphlabError as error:
        return error
    return None


def _refuse(error: GraphlabError, step: int) -> Feed:
    """A feeder that says why there is nothing to feed."""
    raise error.with_traceback(None)
