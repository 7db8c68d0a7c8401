"""A repeated cell in PyTorch: a module for the cell, and a loop over the steps of the sequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ...graph.document import Node
from ...graph.groups import definition_of, ports
from ...ops.unroll import LENGTHS, Unroll

if TYPE_CHECKING:
    from .sheets import SheetWriter

STEP = "    "


def write_unrolled(writer: SheetWriter, node: Node, wired: Mapping[str, str]) -> None:
    """Adds the cell to the modules and the loop to forward."""
    _Loop(writer, node, wired).write()


class _Loop:
    def __init__(self, writer: SheetWriter, node: Node, wired: Mapping[str, str]) -> None:
        self._writer, self._node, self._wired = writer, node, wired
        self._op = cast("Unroll", node.make())
        self._name = writer.names.free(node.name)
        given = {*self._op.state_inputs, *(name for name in self._op.per_step if name in wired)}
        self._cell, self._inner = writer.inside(node, given, f"{node.id}/t=0/")
        content = definition_of(writer.sheet, node)
        assert content is not None
        self._takes = [p.name for p in ports(content, "port in") if p.name in given]
        self._gives = self._inner.gives_of()
        self._states = {name: self._free(name) for name in self._op.state_inputs}
        self._lengths = wired.get(LENGTHS) if LENGTHS not in self._op.takes else None
        self._masked = self._lengths is not None or bool(self._op.stops_on)
        self._lists: dict[str, str] = {}
        self._outs: dict[str, str] = {}

    def _free(self, word: str) -> str:
        return self._writer.names.free(f"{self._name}_{word}")

    def write(self) -> None:
        writer = self._writer
        writer.own(self._node, self._name, self._cell)
        for part in (self._before, self._loop, self._after):
            for text in part():
                writer.say(text)

    # Before

    def _batch(self) -> str:
        """How many rows there are, as an expression."""
        for name in (*self._op.per_step, *self._op.state_inputs):
            if name in self._wired:
                return f"{self._wired[name]}.shape[0]"
        return "1"

    def _before(self) -> Iterator[str]:
        for name in self._op.state_inputs:
            yield f"{self._states[name]} = {self._beginning(name)}"
        if self._op.stops_on and self._lengths is None:
            self._lengths = self._free(LENGTHS)
            yield f"{self._lengths} = torch.full(({self._batch()},), {self._op.steps}{self._device()})"
        elif self._op.stops_on:
            own = self._free(LENGTHS)
            yield f"{own} = {self._lengths}"
            self._lengths = own
        for output in self._collected():
            self._lists[output] = self._free(f"{output}_steps")
            yield f"{self._lists[output]} = []"

    def _beginning(self, name: str) -> str:
        if name in self._wired:
            return self._wired[name]
        writer, key = self._writer, f"{self._node.id}/in {name}"
        spec = writer.spec_of((key, "y"))
        sizes = ", ".join([self._batch(), *map(str, spec.shape[1:])])
        full = writer.prefix + key
        slot = writer.plan.parameters.get((full, "start"))
        if slot is None:
            node = writer.plan.nodes[full]
            shared = writer.plan.parameters.get((f"{node.owner}:start", "value"))
            slot = shared if node.owner else None
        if slot is not None:
            own = self._free(f"{name}_start")
            writer.parameter(own, full, "start", slot.name)
            return f"self.{own}.expand({sizes})"
        kind = ", dtype=torch.long" if spec.kind == "int" else ""
        return f"torch.zeros({sizes}{kind}{self._device()})"

    def _device(self) -> str:
        """Where what is made anew has to lie."""
        batch = self._batch()
        return f", device={batch.removesuffix('.shape[0]')}.device" if batch != "1" else ""

    def _collected(self) -> list[str]:
        """The outputs of which every step is kept."""
        used = {edge.output for edge in self._writer.sheet.consumers(self._node.id)}
        used |= self._writer.wanted.get(self._node.id, set())
        states = {output for output, _ in self._op.pairs}
        found = []
        for name in self._gives:
            how = self._op.given_as(name)
            is_last = how == "last" and (not self._masked or name in states)
            if name in used and not is_last:
                found.append(name)
        return found

    # The steps

    def _loop(self) -> Iterator[str]:
        yield f"for t in range({self._op.steps}):"
        for text in self._step():
            yield STEP + text

    def _step(self) -> Iterator[str]:
        op = self._op
        into = dict(self._states)
        back = op.fed_back
        before = {output: self._fed(output) for output in back.values()}
        if op.truncate:
            carried = dict.fromkeys([*self._states.values(), *before.values()])
            yield f"if t and t % {op.truncate} == 0:"
            for variable in carried:
                yield f"{STEP}{variable} = {variable}.detach()"
        for name in op.per_step:
            if name not in self._wired:
                continue
            whole = self._wired[name]
            if name not in back:
                into[name] = f"{whole}[:, t]"
                continue
            own, last = self._free(f"{name}_now"), before[back[name]]
            taught = {0.0: "t == 0", 1.0: "t == 0 or self.training"}.get(
                op.teacher, f"t == 0 or (self.training and torch.rand(()) < {op.teacher})"
            )
            yield f"{own} = {whole}[:, t] if {taught} else {last}"
            into[name] = own
        results = [self._step_name(output) for output in self._gives]
        sent = ", ".join(into[name] for name in self._takes)
        yield f"{', '.join(results)} = self.{self._name}({sent})"
        yield from self._carried_on(dict(zip(self._gives, results, strict=True)))

    def _step_name(self, output: str) -> str:
        """What a result is called at a step: that of a state is the state itself, unless some rows are over."""
        pairs = dict(self._op.pairs)
        if output in pairs and not self._masked:
            return self._states[pairs[output]]
        return self._last_of(output)

    def _fed(self, output: str) -> str:
        """What holds the output of the step before."""
        pairs = dict(self._op.pairs)
        return self._states[pairs[output]] if output in pairs else self._last_of(output)

    def _last_of(self, output: str) -> str:
        pairs = dict(self._op.pairs)
        if output in pairs and not self._masked:
            return self._states[pairs[output]]
        if output not in self._outs:
            self._outs[output] = self._free(f"{output}_t")
        return self._outs[output]

    def _carried_on(self, results: Mapping[str, str]) -> Iterator[str]:
        op, lengths = self._op, self._lengths
        for output, name in op.pairs:
            if output in results and lengths is not None:
                state, new = self._states[name], results[output]
                ndim = self._writer.spec_of((f"{self._node.id}/in {name}", "y")).ndim
                yield f"{state} = torch.where({_column(f't < {lengths}', ndim)}, {new}, {state})"
        states = dict(op.pairs)
        for output, kept in self._lists.items():
            value = (
                self._states[states[output]] if output in states and lengths is not None else results[output]
            )
            yield f"{kept}.append({value})"
        if op.stops_on and op.stop is not None:
            yield f"ends = ({results[op.stops_on]} == {op.stop}) & (t < {lengths})"
            yield f"{lengths} = torch.where(ends, t + 1, {lengths})"

    # After

    def _after(self) -> Iterator[str]:
        op, writer, node = self._op, self._writer, self._node
        states = dict(op.pairs)
        used = {edge.output for edge in writer.sheet.consumers(node.id)} | writer.wanted.get(node.id, set())
        for output in self._gives:
            if output in self._lists:
                own = self._free(output) if len(used) > 1 else self._free("out")
                writer.bind(node, output, own)
                yield f"{own} = {self._gathered(output)}"
            elif output in used and output in states:
                writer.bind(node, output, self._states[states[output]])
            elif output in used:
                writer.bind(node, output, self._last_of(output))
        for last, output in op.lasts.items():
            writer.bind(node, last, self._states[states[output]])
        if op.stops_on and LENGTHS not in op.gives and self._lengths is not None:
            writer.bind(node, LENGTHS, self._lengths)

    def _gathered(self, output: str) -> str:
        """All steps of an output as one sequence, their mean, or the last within the length of each row."""
        whole, steps, lengths = f"torch.stack({self._lists[output]}, dim=1)", self._op.steps, self._lengths
        how = self._op.given_as(output)
        spec = self._writer.spec_of((f"{self._node.id}/t=0", output))
        if lengths is None:
            return whole if how == "all" else f"{whole}.mean(dim=1)"
        within = _column(
            f"torch.arange({steps}, device={lengths}.device) < {lengths}[:, None]", spec.ndim + 1, 2
        )
        if how == "all":
            return f"torch.where({within}, {whole}, 0)"
        if how == "mean":
            counts = _column(f"{lengths}.clamp(1, {steps})", spec.ndim)
            return f"torch.where({within}, {whole}, 0).sum(dim=1) / {counts}"
        rows = f"torch.arange(len({lengths}), device={lengths}.device)"
        last = self._free(f"{output}_last")
        self._writer.say(f"{last} = {whole}[{rows}, {lengths}.clamp(1, {steps}) - 1]")
        return f"torch.where({_column(f'{lengths} > 0', spec.ndim)}, {last}, 0)"


def _column(rows: str, ndim: int, there: int = 1) -> str:
    """One for each row, laid out so that it goes with all that the row has."""
    more = ", None" * (ndim - there)
    return f"({rows})[{':, ' * (there - 1)}:{more}]" if more else f"({rows})" if " " in rows else rows


__all__ = ["write_unrolled"]
