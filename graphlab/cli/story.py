"""One step of a run, told entry by entry: values and gradients with their terms, and what the update moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run, StepReport
from ..engine.flat import End
from ..engine.ledger import reuse, wanted
from ..engine.summary import figure, told
from .because import because

Array = npt.NDArray[Any]
Line = tuple[str, str]  # text and style
STYLES = {"forward": "bold green", "backward": "bold magenta", "update": "bold yellow"}


class Story:
    """Tells each entry right after it was carried out.

    A line has a name, forward the operation, the shape of an array, the number or what is to be said of many, and how
    it came about. Of an array that is told of its largest element, on a line below.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._phase = ""
        self._before = {name: values.copy() for name, values in run.weights.items()}
        nodes = run.plan.nodes.values()
        names = [name for node in nodes for name in self._outputs(node.key)]
        self._width = max(map(len, [*names, *run.weights]), default=0) + 2
        self._op_width = max((len(node.op_name) for node in nodes), default=0) + 2
        shapes = [array.shape for array in run.buffers.values.values()]
        shapes += [values.shape for values in run.weights.values()]
        self._shape_width = max((len(_shape(shape)) for shape in shapes), default=0)
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

    def _outputs(self, key: str) -> list[str]:
        """What the outputs of a node are called: by its name, where there are several with theirs."""
        path, results = self._run.plan.nodes[key].path, self._run.plan.op(key).results()
        return [f"{path}.{name}" for name in results] if len(results) > 1 else [path]

    def _forward(self, report: StepReport) -> Iterator[Line]:
        op = self._run.plan.nodes[report.id].op_name
        for name in self._outputs(report.id):
            head = f"  {name:<{self._width}}{op:<{self._op_width}}"
            yield from self._number(head, name, self._run.value(name), "value")
            op = ""

    def _backward(self, report: StepReport) -> Iterator[Line]:
        op = self._run.plan.op(report.id)
        for name in self._outputs(report.id):
            yield from self._gradient(name)
        for (key, socket), slot in self._run.plan.parameters.items():
            if key == report.id and op.view(self._run.parameters[slot.name]) is None:
                name = f"{report.node}.{socket}"
                yield from self._number(f"  {slot.name:<{self._width}}", name, self._run.grad(name), "grad")
        yield from self._saved(report)
        yield from self._arrivals(report)

    def _saved(self, report: StepReport) -> Iterator[Line]:
        """What this entry finds ready: its own gradient, and values of the forward phase."""
        plan = self._run.plan
        found = reuse(plan.nodes[report.id], self._wanted.get(report.id, ()), plan.end_name)
        words = "; ".join(part for part in (found.gradient_told, found.values_told) if part)
        if words:
            yield f"  {'':<{self._width}}{words}", "dim"

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
            yield f"  {'':<{self._width}}{count}: {told(so_far)}{rest}", "dim"

    def _gradient(self, name: str) -> Iterator[Line]:
        terms, gradient = self._run.contributions(name), self._run.grad(name)
        if not terms and self._run.names.end(name) != self._run.plan.goal_end:
            return
        head = f"  {name:<{self._width}}"
        if len(terms) < 2:
            yield from self._number(head, name, gradient, "grad")
        elif gradient.ndim == 0:
            listed = " + ".join(f"{_signed(float(term))} (through {edge})" for edge, term in terms.items())
            yield f"{head}{self._told(gradient)} = {listed}", ""
        else:
            yield f"{head}{self._told(gradient)}", ""
            for edge, term in terms.items():
                yield f"{'':<{len(head)}}+ {told(term)} (through {edge})", "dim"

    def _number(self, head: str, name: str, array: Array, kind: str) -> Iterator[Line]:
        """A value or gradient, and why it is what it is: of one number beside it, of an array's largest below."""
        why, text = because(self._run, name, array, kind), f"{head}{self._told(array)}"
        if why is None:
            yield text, ""
        elif array.ndim == 0:
            yield f"{text} = {why[1]}", ""
        else:
            at, words = why
            yield text, ""
            place = ", ".join(map(str, at))
            yield f"{'':<{len(head)}}[{place}] {figure(float(array[at]))} = {words}", "dim"

    def _told(self, array: Array) -> str:
        """Shape and numbers in columns of their own; where no array has a shape, the number alone."""
        room = self._shape_width + 2 if self._shape_width else 0
        return f"{_shape(array.shape):<{room}}{told(array)}"

    def _update(self, report: StepReport) -> Iterator[Line]:
        for name, values in self._run.weights.items():
            before = self._before[name]
            if values.size <= 4:
                text = f"{_numbers(before)} → {_numbers(values)}"
            else:
                text = f"moved by up to {figure(float(np.abs(values - before).max()))}"
            yield f"  {name:<{self._width}}{text}", ""


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _numbers(array: Array) -> str:
    text = ", ".join(figure(float(value)) for value in array.ravel())
    return text if array.size == 1 else f"[{text}]"


def _signed(value: float) -> str:
    text = figure(value)
    return f"({text})" if text.startswith("−") else text
