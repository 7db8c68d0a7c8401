"""The fused recurrent layers: Elman's network, LSTM and GRU, all steps of a sequence in one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import Unsupported
from . import recipe_cells
from .base import Array, Example, Param, Socket
from .explain_cells import Moment
from .explanation import Term, call, number, sum_of_products, total
from .recurrence import Back, Pass, gates_of
from .recurrent import Recurrent
from .registry import register
from .rows import ones

HIDDEN = Socket("h_0", learnable=True, init="zeros", help="The state before the first step.")
CELL = Socket("c_0", learnable=True, init="zeros", help="The cell before the first step.")
WEIGHTS = tuple(
    Socket(f"{kind}_l0", learnable=True) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
)


def _examples(states: Sequence[str]) -> tuple[Example, ...]:
    wired = {f"{state}_0": (2, 3, 4) for state in states}
    short = {f"{state}_0": (2, 2, 3) for state in states}
    return (
        Example({"hidden_size": 4}, x=(5, 2, 3)),
        Example({"hidden_size": 3, "bias": False, "batch_first": True}, x=(2, 4, 3)),
        Example({"hidden_size": 4, "bidirectional": True}, x=(4, 3, 2), **wired),
        Example({"hidden_size": 4, "num_layers": 2, "initial_state": "learnable"}, x=(3, 2, 3)),
        Example({"hidden_size": 2, "num_layers": 2, "bidirectional": True, "batch_first": True}, x=(2, 3, 2)),
        Example({"hidden_size": 3, "reverse": True, "num_layers": 2}, x=(4, 2, 3), **short),
        Example({"hidden_size": 1}, x=(1, 1, 1)),
    )


@register
class RNN(Recurrent):
    """A recurrent network over a whole sequence: each state comes from the input of the moment and the state before.

    x is T×N×features (N×T×features with `batch_first`); y holds the top layer's state at every step,
    T×N×hidden, and h_n the last states, layers×N×hidden. Unplugged, h_0 is zero, or learnt. The same drawn
    step by step shows more and takes longer. (Elman 1990, "Finding structure in time"; torch.nn.RNN)
    """

    synonyms = ("SimpleRNN", "ElmanRNN")
    letters = {"h": "y"}
    formula = "hₜ = tanh(W·xₜ + U·hₜ₋₁ + b)"
    latex = r"h_t = \tanh(W x_t + U h_{t-1} + b)"
    derivative = r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\,U"
    inputs = (Socket("x"), HIDDEN, *WEIGHTS)
    onnx = ("RNN",)
    onnx_params = {"activations": ""}
    nonlinearity = Param("tanh", choices=("tanh", "relu"), help="What bends the new state.")
    examples = (
        *_examples("h"),
        Example({"hidden_size": 3, "nonlinearity": "relu"}, x=(3, 2, 2)),
    )
    cell_cost = (1, 4)
    gate_words = {"h": "state"}
    passes = (recipe_cells.rnn, recipe_cells.rnn_gradient)

    def run(self, part: Pass) -> None:
        _, after, _ = part.states("h")
        gate, now = part.over_time("gate", 1), part.one_step("now", 1)
        part.look_at_x(part.weights_of_x(), gate)
        weights = part.weights_of_state()
        for t in part.steps:
            part.look_at_state(t, weights, now)
            np.add(now[0], gate[0, t], now[0])
            if self.nonlinearity == "tanh":
                np.tanh(now[0], after[t])
            else:
                np.maximum(now[0], part.ctx.zero, out=after[t])

    def slopes_of_x(self, part: Pass) -> Sequence[Array]:
        return [part.over_time("gate", 1)[0]]

    def state_at(self, moment: Moment) -> Term:
        return moment.gate(0, "", "tanh" if self.nonlinearity == "tanh" else "positive")

    def run_back(self, part: Pass, back: Back) -> None:
        _, after, _ = part.states("h")
        gate, dh, weights = part.over_time("gate", 1), back.dh, part.w_hh[0]
        for t in reversed(part.steps):
            h, d = after[t], gate[0, t]
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            if self.nonlinearity == "tanh":
                np.multiply(h, h, d)
                np.subtract(part.ctx.one, d, d)
            else:
                np.greater(h, part.ctx.zero, d)
            np.multiply(d, dh, d)
            if back.goes_on(part, t):
                d.dot(weights, dh)
        back.of_state(part, gates_of(gate))
        back.of_x(part, gates_of(gate))

    def _torch_name(self) -> str:
        return f"torch.rnn_{self.nonlinearity}"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params, arrays = super().from_onnx(kind, attributes, inputs)
        names = {str(name).lower() for name in attributes.get("activations", ("tanh",))}
        if len(names) > 1 or not names <= {"tanh", "relu"}:
            raise Unsupported(f"RNN takes one of tanh and relu, not {', '.join(sorted(names))}.")
        return {**params, "nonlinearity": names.pop()}, arrays


@register
class LSTM(Recurrent):
    """Long short-term memory: a recurrent network with a cell that gates fill, keep and read.

    x is T×N×features (N×T×features with `batch_first`); y holds the top layer's state at every step,
    T×N×hidden; h_n and c_n are the last states and cells, layers×N×hidden. Where the forget gate f stays
    near 1 the gradient reaches far back. (Hochreiter and Schmidhuber 1997; Gers et al. 2000; torch.nn.LSTM)
    """

    letters = {"h": "y"}
    formula = "c = f·c + i·g, h = o·tanh(c); i, f, o = σ(W·x + U·h + b), g = tanh(W·x + U·h + b)"
    latex = r"c_t = f_t c_{t-1} + i_t g_t,\quad h_t = o_t \tanh(c_t)"
    derivative = (
        r"\frac{\partial c_t}{\partial c_{t-1}} = f_t,\quad "
        r"\frac{\partial h_t}{\partial c_t} = o_t (1 - \tanh^2 c_t)"
    )
    inputs = (Socket("x"), HIDDEN, CELL, *WEIGHTS)
    outputs = ("y", "h_n", "c_n")
    onnx = ("LSTM",)
    gates = 4
    gate_names = ("i", "f", "g", "o")
    states_of = ("h", "c")
    examples = _examples("hc")
    cell_cost = (18, 26)
    passes = (recipe_cells.lstm, recipe_cells.lstm_gradient)
    keeps = ("states", "cells", "gates")
    carries = {"c": "f"}
    gate_words = {
        "f": "forget gate: what is kept",
        "i": "input gate: what is written",
        "g": "what would be written",
        "o": "output gate: what is read",
        "c": "cell",
        "h": "state",
    }

    def held(self, part: Pass) -> dict[str, Array]:
        i, f, g, o = gates_of(part.over_time("gates", 4))
        return {"f": f, "i": i, "g": g, "o": o, "c": part.states("c")[1], **super().held(part)}

    def run(self, part: Pass) -> None:
        """What the input adds to a gate stands in its place until the gate itself does."""
        _, after, _ = part.states("h")
        cells_before, cells, _ = part.states("c")
        gates, bent = part.over_time("gates", 4), part.over_time("bent", 1)[0]
        now, gain, half = part.one_step("now", 4), part.one_step("gain"), part.ctx.half
        of_x, weights = part.weights_of_x(), part.weights_of_state()
        for halved in (of_x[:2], of_x[3], weights[:2], weights[3]):
            np.multiply(halved, half, halved)  # σ(x) = ½ + ½ tanh(x / 2)
        part.look_at_x(of_x, gates)
        for t in part.steps:
            i, f, g, o = (gates[k, t] for k in range(4))
            part.look_at_state(t, weights, now)
            for k in range(4):
                np.add(now[k], gates[k, t], now[k])
            np.tanh(now[:2], now[:2])
            np.tanh(now[2], g)
            np.tanh(now[3], now[3])
            for k, gate in ((0, i), (1, f), (3, o)):
                np.multiply(now[k], half, now[k])
                np.add(now[k], half, gate)
            np.multiply(f, cells_before[t], cells[t])
            np.multiply(i, g, gain)
            np.add(cells[t], gain, cells[t])
            np.tanh(cells[t], bent[t])
            np.multiply(o, bent[t], after[t])

    def slopes_of_x(self, part: Pass) -> Sequence[Array]:
        return gates_of(part.over_time("slopes", 4))

    def state_at(self, moment: Moment) -> Term:
        return moment.gate(3, "o", "σ") * call("tanh", self.cell_at(moment).called("c"))

    def cell_at(self, moment: Moment) -> Term:
        kept = moment.gate(1, "f", "σ") * moment.before("c")
        return total([kept, moment.gate(0, "i", "σ") * moment.gate(2, "g", "tanh")])

    def run_back(self, part: Pass, back: Back) -> None:
        _, after, _ = part.states("h")
        cells_before, dh, dc = part.states("c")[0], back.dh, back.dc
        gates, slopes = part.over_time("gates", 4), part.over_time("slopes", 4)
        bent, one = part.over_time("bent", 1)[0], part.ctx.one
        now, rest = part.one_step("now", 4), part.one_step("gain")
        for t in reversed(part.steps):
            i, f, g, o = (gates[k, t] for k in range(4))
            di, df, dg, do = (slopes[k, t] for k in range(4))
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            np.multiply(dh, after[t], do)  # do = dh · h · (1 − o), as h = o · tanh(c)
            np.subtract(one, o, rest)
            np.multiply(do, rest, do)
            np.multiply(bent[t], bent[t], rest)  # dc += dh · o · (1 − tanh²(c))
            np.subtract(one, rest, rest)
            np.multiply(rest, o, rest)
            np.multiply(rest, dh, rest)
            np.add(dc, rest, dc)
            np.multiply(g, g, dg)  # dg = dc · i · (1 − g²)
            np.subtract(one, dg, dg)
            np.multiply(dc, i, di)
            np.multiply(dg, di, dg)
            np.multiply(di, g, di)  # di = dc · i · g · (1 − i)
            np.subtract(one, i, rest)
            np.multiply(di, rest, di)
            np.multiply(dc, f, dc)  # df = dc · f · c · (1 − f)
            np.multiply(dc, cells_before[t], df)
            np.subtract(one, f, rest)
            np.multiply(df, rest, df)
            if back.goes_on(part, t):
                np.matmul(slopes[:, t], part.w_hh, now)
                np.add(now[0], now[1], dh)
                np.add(dh, now[2], dh)
                np.add(dh, now[3], dh)
        back.of_state(part, gates_of(slopes))
        back.of_x(part, gates_of(slopes))

    @classmethod
    def _reordered(cls, rows: Array) -> Array:
        i, o, f, c = np.split(rows, 4)
        return np.concatenate([i, f, c, o])


@register
class GRU(Recurrent):
    """A gated recurrent unit: like LSTM, with two gates and no cell besides the state.

    x is T×N×features (N×T×features with `batch_first`); y holds the top layer's state at every step,
    T×N×hidden, and h_n the last states, layers×N×hidden. z mixes the old state with the new proposal n; r
    says how much of the old state the proposal sees. (Cho et al. 2014; torch.nn.GRU)
    """

    letters = {"h": "y"}
    formula = "h = (1 − z)·n + z·h; r, z = σ(W·x + U·h + b), n = tanh(W·x + b + r·(U·h + b))"
    latex = r"h_t = (1 - z_t)\,n_t + z_t h_{t-1},\quad n_t = \tanh(W x_t + r_t U h_{t-1})"
    derivative = (
        r"\frac{\partial h_t}{\partial n_t} = 1 - z_t,\quad \frac{\partial h_t}{\partial z_t} = h_{t-1} - n_t"
    )
    inputs = (Socket("x"), HIDDEN, *WEIGHTS)
    onnx = ("GRU",)
    onnx_params = {"linear_before_reset": ""}
    gates = 3
    gate_names = ("r", "z", "n")
    examples = _examples("h")
    cell_cost = (15, 20)
    passes = (recipe_cells.gru, recipe_cells.gru_gradient)
    keeps = ("states", "gates")
    carries = {"h": "z"}
    gate_words = {
        "z": "update gate: what is kept",
        "r": "reset gate: what the proposal reads",
        "n": "what would be written",
        "h": "state",
    }

    def held(self, part: Pass) -> dict[str, Array]:
        r, z, n, _ = gates_of(part.over_time("gates", 4))
        return {"z": z, "r": r, "n": n, **super().held(part)}

    def run(self, part: Pass) -> None:
        """What the input adds to a gate stands in its place until the gate itself does; fourth, what n sees of h."""
        before, after, _ = part.states("h")
        gates, now = part.over_time("gates", 4), part.one_step("now", 3)
        gain, half, bias = part.one_step("gain"), part.ctx.half, part.one_step("bias")
        of_x, weights = part.weights_of_x(slice(0, 2)), part.weights_of_state()
        for halved in (of_x[:2], weights[:2]):
            np.multiply(halved, half, halved)  # σ(x) = ½ + ½ tanh(x / 2)
        part.look_at_x(of_x, gates[:3])
        np.copyto(bias, part.ctx.zero if part.b_hh is None else part.b_hh[2])
        for t in part.steps:
            r, z, n, seen = (gates[k, t] for k in range(4))
            part.look_at_state(t, weights, now)
            np.add(now[0], r, now[0])
            np.add(now[1], z, now[1])
            np.tanh(now[:2], now[:2])
            np.multiply(now[:2], half, now[:2])
            np.add(now[0], half, r)
            np.add(now[1], half, z)
            np.add(now[2], bias, seen)
            np.multiply(r, seen, gain)
            np.add(gain, n, gain)
            np.tanh(gain, n)
            np.subtract(before[t], n, gain)
            np.multiply(gain, z, gain)
            np.add(gain, n, after[t])

    def slopes_of_x(self, part: Pass) -> Sequence[Array]:
        dn, dr, dz, _ = gates_of(part.over_time("slopes", 4))
        return [dr, dz, dn]

    def slopes_of_state(self, part: Pass) -> Sequence[Array]:
        _, dr, dz, inside = gates_of(part.over_time("slopes", 4))
        return [dr, dz, inside]

    def state_at(self, moment: Moment) -> Term:
        mix, keep = moment.gate(1, "z", "σ"), moment.call.keep
        recalled = sum_of_products(*moment.seen_state(2), plus=moment.biases(2, "bias_hh"), keep=keep)
        seen = moment.gate(0, "r", "σ") * recalled.called("U·h + b")
        fresh = sum_of_products(*moment.seen_input(2), plus=moment.biases(2, "bias_ih"), keep=keep)
        proposal = call("tanh", total([fresh, seen])).called("n")
        return total([(number(1.0) - mix) * proposal, mix * moment.before("h")])

    def run_back(self, part: Pass, back: Back) -> None:
        """The gradients stand in the order n, r, z, and inside: that of what n sees of h."""
        before, dh, one = part.states("h")[0], back.dh, part.ctx.one
        gates, slopes = part.over_time("gates", 4), part.over_time("slopes", 4)
        now, rest, kept = part.one_step("now", 3), part.one_step("gain"), part.one_step("kept")
        for t in reversed(part.steps):
            r, z, n, seen = (gates[k, t] for k in range(4))
            dn, dr, dz, inside = (slopes[k, t] for k in range(4))
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            np.multiply(dh, z, kept)
            np.subtract(dh, kept, rest)  # dh · (1 − z)
            np.multiply(n, n, dn)
            np.subtract(one, dn, dn)
            np.multiply(dn, rest, dn)
            np.subtract(before[t], n, dz)
            np.multiply(dz, z, dz)
            np.multiply(dz, rest, dz)
            np.multiply(dn, r, inside)
            np.subtract(one, r, dr)
            np.multiply(dr, inside, dr)
            np.multiply(dr, seen, dr)
            if back.goes_on(part, t):
                np.matmul(slopes[1:, t], part.w_hh, now)
                np.add(kept, now[0], dh)
                np.add(dh, now[1], dh)
                np.add(dh, now[2], dh)
        dn, dr, dz, inside = gates_of(slopes)
        back.of_state(part, [dr, dz, inside])
        back.of_x(part, [dr, dz, dn])
        if back.db_hh is not None:
            inside = inside.reshape(-1, part.hidden)
            ones(part.ctx, len(inside)).dot(inside, back.db_hh[2])

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if not attributes.get("linear_before_reset", 0):
            raise Unsupported(
                "GRU resets after the product with the state (linear_before_reset = 1), as PyTorch."
            )
        return super().from_onnx(kind, attributes, inputs)

    @classmethod
    def _reordered(cls, rows: Array) -> Array:
        z, r, h = np.split(rows, 3)
        return np.concatenate([r, z, h])
