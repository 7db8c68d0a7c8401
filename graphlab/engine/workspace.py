"""Workspace: one document being run, as the engine process holds it. Commands in, state out; knows nothing of pipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError, GraphlabError, MemoryBudgetError, UnknownNodeError
from ..graph import Document, diff
from .feeding import Feed
from .gradient_check import GradientReport, check_gradients
from .messages import ReportRecord, TensorKey
from .optimizers import adjust
from .plan import Entry
from .run import Run
from .training import Report, Trainer

Array = npt.NDArray[Any]


class Workspace:
    """Compiles a document, keeps what was learnt over edits, and answers for every array of the run.

    `obstacle` says why the document cannot be trained, None when it can; `run` is always there.
    """

    run: Run
    trainer: Trainer | None
    obstacle: GraphlabError | None

    def __init__(self, document: Document | None = None) -> None:
        self.breakpoints: frozenset[tuple[str, str]] = frozenset()
        self.losses: list[tuple[int, Array]] = []
        self._compile(document or Document())

    # The document

    def load(self, document: Document, keep: bool = True) -> bool:
        """Puts another version of the document in place; True when it had to be compiled anew.

        `keep` carries over the weights of parameters that stayed, and the place in the schedule as far as its phase.
        """
        if keep and self._only_settings_differ(document):
            self._adjust(document)
            return False
        before = self.run if keep else None
        self._compile(document)
        if before is not None:
            self._carry_over(before)
        return True

    def _only_settings_differ(self, document: Document) -> bool:
        change = diff(self.document, document)
        old, new = self.document.training, document.training
        same = all(getattr(old, n) == getattr(new, n) for n in ("goal", "seed", "validation", "test"))
        return same and not change.computes_differently and not change.renamed

    def _adjust(self, document: Document) -> None:
        self.document = self.run.document = document
        self.run.optimizer = adjust(self.run.optimizer, document.training)
        if self.trainer is not None:
            self.trainer.batch_size = document.training.batch_size

    def _compile(self, document: Document) -> None:
        self.document = document
        self.obstacle = None
        self.trainer = None
        try:
            self.trainer = Trainer(document, input_gradients=True, healthy_only=True)
            self.run = self.trainer.run
            self.run.plan.require_healthy()
            self.run.require_trainable()
        except GraphlabError as error:
            self.obstacle = error
        if self.trainer is None:  # what has values of its own runs all the same, if there is room for it
            fits = not isinstance(self.obstacle, MemoryBudgetError)
            self.run = Run(document if fits else Document())

    def _carry_over(self, before: Run) -> None:
        old, new = before.plan.parameters, self.run.plan.parameters
        if {e: s.shape for e, s in old.items()} == {e: s.shape for e, s in new.items()}:
            if type(before.optimizer) is type(self.run.optimizer):
                self.run.load_state(before.state())
            else:
                self.run.load_state(before.state() | {"optimizer": self.run.optimizer.save_state()})
        values = before.parameters
        for end, slot in new.items():
            if end in old and old[end].shape == slot.shape:
                self.run.parameters[slot.name][...] = values[old[end].name]
        if before.cursor >= before.forward_end > 0:
            try:
                self.run.forward()
                if before.cursor >= before.backward_end > before.forward_end:
                    self.run.backward()
            except GraphlabError:
                self.run.cursor = 0

    # Stepping

    def step(self, count: int) -> None:
        for _ in range(count):
            self._note_loss(self.run.step().phase)

    def back(self, count: int) -> None:
        for _ in range(count):
            if self.run.back() is None:
                break

    def run_to(self, node: str, phase: str) -> None:
        wanted = self.run.names.entry(node, phase)
        for _ in range(len(self.run.schedule)):
            report = self.run.step()
            self._note_loss(report.phase)
            if report.index == wanted.index:
                break

    def go_to(self, cursor: int) -> None:
        was = self.run.cursor
        self.run.go_to(cursor)
        end = len(self.run.schedule)
        if was < self.run.cursor == end:
            self._note_loss(self.run.schedule[-1].phase)

    def phase(self, phase: str) -> None:
        if phase == "forward":
            self.run.forward()
        elif phase == "backward":
            self.run.backward()
        elif self.run.cursor < len(self.run.schedule) or not self.run.cursor:
            self.run.update()
            self._note_loss("update")

    def step_to_breakpoint(self, most: int) -> bool:
        """Up to `most` entries; True when one of them was a breakpoint, just carried out."""
        for _ in range(most):
            report = self.run.step()
            self._note_loss(report.phase)
            if (report.id, report.phase) in self.breakpoints:
                return True
        return False

    def train(self, most: int) -> None:
        """Up to `most` steps, not past the end of the epoch. The obstacle is raised when it cannot be trained."""
        if self.obstacle is not None:
            raise self.obstacle
        assert self.trainer is not None
        first = self.run.steps_done
        try:
            self.trainer.advance(most, remember=True)
        finally:
            self.losses.append((first, np.array(self.run.losses[: self.run.steps_done - first])))

    def _note_loss(self, phase: str) -> None:
        if phase == "update" and self.run.loss is not None:
            self.losses.append((self.run.steps_done - 1, np.array([self.run.loss])))

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

    # Values

    def array(self, key: TensorKey) -> tuple[Array, bool] | None:
        """The array of a key and whether the present pass has computed it; None while nothing was computed at all."""
        plan, run = self.run.plan, self.run
        if (key.node, key.socket) in plan.parameters and key.kind != "term":
            return self._parameter(key)
        if key.node not in plan.nodes or not run.has_buffers:
            return None
        node = key.socket.partition(".")[0] if key.kind == "term" else key.node
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
        target, _, socket = key.socket.partition(".")
        into = (target, socket)
        return next(
            (a for e, a in buffers.terms.items() if e.source[0] == key.node and e.target == into), None
        )

    def _parameter(self, key: TensorKey) -> tuple[Array, bool] | None:
        run, slot = self.run, self.run.plan.parameters[key.node, key.socket]
        if key.kind == "value":
            return run.parameters[slot.name], True
        if not run.has_buffers or not run.was_done(key.node, "backward"):
            return None
        return run.gradients[slot.name], run.is_done(key.node, "backward")

    def set_element(self, node: str, socket: str, index: tuple[int, ...], value: float) -> None:
        """Changes one number of a parameter or of what a source was fed, and computes the pass anew up to where it was.

        Raises:
            UnknownNodeError: there is no such array. FeedError: no such element, or the number does not fit.
        """
        cursor = min(self.run.cursor, self.run.backward_end)
        slot = self.run.plan.parameters.get((node, socket))
        if slot is not None:
            array = self.run.parameters[slot.name].copy()
            _assign(array, index, value, slot.name)
            self.run.set(slot.name, array)
        else:
            self._set_fed(node, socket, index, value)
        self.run.cursor = 0
        self.run.go_to(cursor)

    def _set_fed(self, node: str, socket: str, index: tuple[int, ...], value: float) -> None:
        feed = self.run.present_feed()
        end = (node, socket)
        if end not in feed.arrays:
            name = self.document.node(node).name
            raise UnknownNodeError(
                f"{name}.{socket} is computed, so it cannot be set.", hint="Change what it depends on."
            )
        array = feed.arrays[end].copy()
        _assign(array, index, value, self.document.node(node).name)
        self.run.take(Feed({**feed.arrays, end: array}, feed.sizes))

    # Weights

    def weights(self) -> dict[str, Array]:
        return {name: values.copy() for name, values in self.run.parameters.items()}

    def state(self) -> dict[str, Any]:
        """What besides the weights it takes to go on training: optimizer state and step."""
        state = self.run.state()
        return {"optimizer": state["optimizer"], "step": state["step"]}

    def set_weights(self, arrays: Mapping[str, Array], state: Mapping[str, Any]) -> list[str]:
        """Takes weights by name; returns the names that fit nothing here."""
        own = self.run.parameters
        strays = [
            name for name, array in arrays.items() if name not in own or own[name].shape != np.shape(array)
        ]
        for name in set(arrays) - set(strays):
            self.run.set(name, arrays[name])
        if state and not strays:
            self.run.load_state({**state, "parameters": self.run.state()["parameters"]})
        return strays

    def check_gradients(self) -> GradientReport:
        return check_gradients(self.run)

    @property
    def last_entry(self) -> Entry | None:
        return self.run.schedule[self.run.cursor - 1] if self.run.cursor else None

    @property
    def epoch(self) -> int:
        return self.trainer.epoch if self.trainer is not None else 0


def _assign(array: Array, index: tuple[int, ...], value: float, name: str) -> None:
    if len(index) != array.ndim or not all(0 <= i < size for i, size in zip(index, array.shape, strict=True)):
        raise FeedError(f"{name} has no element {list(index)}.", node=name)
    if not np.isfinite(value):
        raise FeedError(f"{name} cannot hold {value}.", hint="Type a finite number.", node=name)
    if array.dtype.kind == "i" and value != int(value):
        raise FeedError(f"{name} takes whole numbers.", node=name)
    array[index] = value
