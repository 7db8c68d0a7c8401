"""One step of a run, told entry by entry: values, gradients with their terms, and what the update moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run, StepReport
from ..engine.flat import End
from ..engine.ledger import reuse, wanted
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
        self._goal = run.plan.goal_title
        self._wanted = wanted(run.plan.edges, run.plan.parameters, run.plan.active)
        self._fan_outs = Counter(edge.source for edge in run.plan.edges)
        self._arrived: Counter[End] = Counter()

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
        yield from self._saved(report)
        yield from self._arrivals(report)

    def _saved(self, report: StepReport) -> Iterator[Line]:
        """What this entry finds ready: its own gradient, and values of the forward phase."""
        plan = self._run.plan
        found = reuse(plan.nodes[report.id], self._wanted.get(report.id, ()), plan.end_name)
        told = "; ".join(part for part in (found.gradient_told, found.values_told) if part)
        if told:
            yield f"  {'':<{self._width}}{told}", "dim"

    def _arrivals(self, report: StepReport) -> Iterator[Line]:
        """Which sums at a fan-out this entry adds a term to, and what they have come to."""
        plan, buffers = self._run.plan, self._run.buffers
        for socket in reversed(plan.sockets(report.id)):
            end = plan.nodes[report.id].inputs.get(socket.name)
            if end is None or self._fan_outs[end] < 2 or socket.name not in self._wanted.get(report.id, ()):
                continue
            self._arrived[end] += 1
            came = list(reversed(buffers.incoming(end)))[: self._arrived[end]]
            so_far = sum((buffers.terms[edge] for edge in came[1:]), buffers.terms[came[0]].copy())
            count = f"{len(came)} of {self._fan_outs[end]} terms of {plan.end_name(end)}"
            rest = ", more to come" if len(came) < self._fan_outs[end] else ""
            yield f"  {'':<{self._width}}{count}: {summarise(so_far)}{rest}", "dim"

    def _gradient(self, name: str) -> Iterator[Line]:
        terms = self._run.contributions(name)
        gradient = self._run.grad(name)
        if not terms and self._run.names.end(name) != self._run.plan.goal_end:
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
