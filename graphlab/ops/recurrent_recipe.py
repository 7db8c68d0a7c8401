"""How recurrent layers say themselves in NumPy: one line for each pass of each layer, whose loop is a tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .recipe import Recipe
from .recipe_parts import summed

Shapes = Mapping[str, tuple[int, ...]]


class _Layers:
    """The lines for one op: what goes into each layer, what its passes compute, and back."""

    def __init__(self, op: Any, shapes: Shapes) -> None:
        self.op, self.shapes = op, shapes
        self.run, self.run_back = (tool.__name__ for tool in op.passes)
        self.endings = [op._endings(layer) for layer in range(op.num_layers)]

    def forward(self) -> list[str]:
        source = "x.swapaxes(0, 1)" if self.op.batch_first else "x"
        lines = [f"x_l0 = {source}"]
        for layer, endings in enumerate(self.endings):
            lines += [self._run(layer, k, ending) for k, ending in enumerate(endings)]
            lines.append(f"x_l{layer + 1} = {self._joined(endings)}")
        top = f"x_l{len(self.endings)}"
        lines.append(f"y = {top}.swapaxes(0, 1)" if self.op.batch_first else f"y = {top}")
        every = [ending for endings in self.endings for ending in endings]
        for letter, name in zip(self.op.states_of, ("states", "cells"), strict=False):
            lines.append(f"{letter}_n = np.stack([{', '.join(f'{name}{ending}[-1]' for ending in every)}])")
        return lines

    def _run(self, layer: int, k: int, ending: str) -> str:
        place = layer * self.op.directions + k
        begin = [f"{s}_0[{place}]" if f"{s}_0" in self.shapes else "0" for s in self.op.states_of]
        given = [self._input(layer, ending), *begin, *self._weights(ending, "weight_ih", "weight_hh")]
        given += self._weights(ending, "bias_ih", "bias_hh") if self.op.bias else []
        kept = ", ".join(name + ending for name in self.op.keeps)
        return f"{kept} = {self.run}({', '.join([*given, *self._bend()])})"

    def backward(self) -> list[str]:
        top = len(self.endings)
        lines = [f"dx_l{top} = dy.swapaxes(0, 1)" if self.op.batch_first else f"dx_l{top} = dy"]
        for layer in reversed(range(len(self.endings))):
            endings = self.endings[layer]
            lines += [self._run_back(layer, k, ending) for k, ending in enumerate(endings)]
            total = " + ".join(self._turned(f"dx_of{ending}", ending) for ending in endings)
            lines.append(f"dx_l{layer} = {total}")
        lines.append("dx = dx_l0.swapaxes(0, 1)" if self.op.batch_first else "dx = dx_l0")
        every = [ending for endings in self.endings for ending in endings]
        for letter in self.op.states_of:
            stacked = f"np.stack([{', '.join(f'd{letter}{ending}' for ending in every)}])"
            name, whole = f"{letter}_0", self.shapes[f"{letter}_n"]
            if name in self.shapes:
                lines.append(f"d{name} = {summed(stacked, name, self.shapes[name], whole)}")
        return lines

    def _run_back(self, layer: int, k: int, ending: str) -> str:
        place, hidden = layer * self.op.directions + k, self.op.hidden_size
        half = "" if self.op.directions == 1 else f"[..., {k * hidden}:{(k + 1) * hidden}]"
        flowing = self._turned(f"dx_l{layer + 1}{half}", ending)
        ends = [f"0 if d{s}_n is None else d{s}_n[{place}]" for s in self.op.states_of]
        kept = [name + ending for name in self.op.keeps]
        given = [flowing, *ends, self._input(layer, ending), *kept]
        given += self._weights(ending, "weight_ih", "weight_hh")
        made = [f"dx_of{ending}", *(f"d{s}{ending}" for s in self.op.states_of)]
        made += [f"d{name}{ending}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        return f"{', '.join(made)} = {self.run_back}({', '.join([*given, *self._bend()])})"

    def _joined(self, endings: tuple[str, ...]) -> str:
        """The states of all moments, both directions side by side."""
        halves = [self._turned(f"states{ending}[1:]", ending) for ending in endings]
        return halves[0] if len(halves) == 1 else f"np.concatenate([{', '.join(halves)}], axis=-1)"

    def _input(self, layer: int, ending: str) -> str:
        return self._turned(f"x_l{layer}", ending)

    def _turned(self, text: str, ending: str) -> str:
        """A pass that reads backwards has its own order of time."""
        return f"{text}[::-1]" if self.op.is_backwards(ending) else text

    def _weights(self, ending: str, *kinds: str) -> list[str]:
        return [kind + ending for kind in kinds]

    def _bend(self) -> list[str]:
        return ["nonlinearity=nonlinearity"] if "nonlinearity" in self.op.params else []


def recurring(op: Any, shapes: Shapes) -> Recipe:
    """The recipe of a recurrent layer whose `passes` are the tools that run a cell over a sequence, and back."""
    layers = _Layers(op, shapes)
    return Recipe("\n".join(layers.forward()), "\n".join(layers.backward()), op.passes)
