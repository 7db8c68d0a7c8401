"""One step of a run, told entry by entry: values, gradients with their terms, and what the update moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run, StepReport
from ..engine.summary import figure, summarise

Array = npt.NDArray[Any]
Line = tuple[str, str]  # text and style
STYLES = {"forward": "bold green", "backward": "bold magenta", "update": "bold yellow"}


class Story:
    """Tells each entry right after it was carried out."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._phase = ""
        self._before = {name: values.copy() for name, values in run.weights.items()}
        paths = [node.path for node in run.plan.nodes.values()]
        self._width = max((len(path) for path in [*paths, *run.weights]), default=0) + 2
        self._goal = run.plan.nodes[run.plan.goal].path if run.plan.goal else ""

    def lines(self, report: StepReport) -> Iterator[Line]:
        if report.phase != self._phase:
            if self._phase:
                yield "", ""
            self._phase = report.phase
            yield self._heading(report.phase), STYLES[report.phase]
        tell = {"forward": self._forward, "backward": self._backward, "update": self._update}[report.phase]
        yield from tell(report)

    def _heading(self, phase: str) -> str:
        if phase == "forward":
            return "Forward, in topological order"
        if phase == "backward":
            return f"Backward: how {self._goal} changes with each value (∂{self._goal}/∂·), in reverse order"
        return f"Update: {type(self._run.optimizer).__name__}, lr {self._run.optimizer.rate:g}"

    def _forward(self, report: StepReport) -> Iterator[Line]:
        op = self._run.plan.nodes[report.id].op_name
        yield f"  {report.node:<{self._width}}{op:<20} {report.value_summary}", ""

    def _backward(self, report: StepReport) -> Iterator[Line]:
        op = self._run.plan.op(report.id)
        several = len(op.results()) > 1
        for output in op.results():
            name = f"{report.node}.{output}" if several else report.node
            yield from self._gradient(name)
        for (key, socket), slot in self._run.plan.parameters.items():
            if key == report.id and op.view(self._run.parameters[slot.name]) is None:
                yield (
                    f"  {slot.name:<{self._width}}{summarise(self._run.grad(f'{report.node}.{socket}'))}",
                    "dim",
                )

    def _gradient(self, name: str) -> Iterator[Line]:
        terms = self._run.contributions(name)
        gradient = self._run.grad(name)
        if not terms and name.partition(".")[0] != self._goal:
            return
        text = summarise(gradient)
        if len(terms) > 1 and gradient.ndim == 0:
            text += " = " + " + ".join(
                f"{_signed(float(term))} (through {edge})" for edge, term in terms.items()
            )
        yield f"  {name:<{self._width}}{text}", ""
        if len(terms) > 1 and gradient.ndim:
            for edge, term in terms.items():
                yield f"  {'':<{self._width}}  + {summarise(term)} (through {edge})", "dim"

    def _update(self, report: StepReport) -> Iterator[Line]:
        for name, values in self._run.weights.items():
            before = self._before[name]
            if values.size <= 4:
                text = f"{_numbers(before)} → {_numbers(values)}"
            else:
                text = f"moved by up to {figure(float(np.abs(values - before).max()))}"
            yield f"  {name:<{self._width}}{text}", ""


def _numbers(array: Array) -> str:
    text = ", ".join(figure(float(value)) for value in array.ravel())
    return text if array.size == 1 else f"[{text}]"


def _signed(value: float) -> str:
    text = figure(value)
    return f"({text})" if text.startswith("−") else text
