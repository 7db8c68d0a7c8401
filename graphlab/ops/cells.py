"""The fused recurrent layers: Elman's network, LSTM and GRU, all steps of a sequence in one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import Unsupported
from .base import Array, Example, Param, Socket
from .recurrence import Back, Pass
from .recurrent import Recurrent
from .registry import register

HIDDEN = Socket("h_0", learnable=True, init="zeros", help="The state before the first step.")
CELL = Socket("c_0", learnable=True, init="zeros", help="The cell before the first step.")
WEIGHTS = tuple(
    Socket(f"{kind}_l0", learnable=True) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
)


def _examples(states: Sequence[str]) -> tuple[Example, ...]:
    wired = {f"{state}_0": (2, 3, 4) for state in states}
    return (
        Example({"hidden_size": 4}, x=(5, 2, 3)),
        Example({"hidden_size": 3, "bias": False, "batch_first": True}, x=(2, 4, 3)),
        Example({"hidden_size": 4, "bidirectional": True}, x=(4, 3, 2), **wired),
        Example({"hidden_size": 4, "num_layers": 2, "initial_state": "learnable"}, x=(3, 2, 3)),
        Example({"hidden_size": 2, "num_layers": 2, "bidirectional": True, "batch_first": True}, x=(2, 3, 2)),
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

    def run(self, part: Pass) -> None:
        rows, (_, after, _) = part.rows(), part.remembered("h")
        weights, now = part.scratch("weights", 1, part.width, part.hidden), part.one_step("now")
        part.weigh(weights, slice(0, 1))
        for t in part.steps:
            np.matmul(rows[t], weights[0], now)
            if self.nonlinearity == "tanh":
                np.tanh(now, after[t])
            else:
                np.maximum(now, part.ctx.zero, out=after[t])

    def run_back(self, part: Pass, back: Back) -> None:
        _, after, _ = part.remembered("h")
        slopes = part.over_time("slopes", 1)
        if self.nonlinearity == "tanh":
            np.multiply(after, after, slopes[0])
            np.subtract(part.ctx.one, slopes, slopes)
        else:
            np.greater(after, part.ctx.zero, slopes[0])
        dh, weights = back.dh, part.w_hh[0]
        for t in reversed(part.steps):
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            d = slopes[0, t]
            np.multiply(dh, d, d)
            d.dot(weights, dh)
        back.weights(part, slopes, [slice(0, 1)])
        back.inputs(part, slopes, [0])

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

    formula = "c = f·c + i·g, h = o·tanh(c); i, f, o = σ(W·x + U·h + b), g = tanh(W·x + U·h + b)"
    latex = r"c_t = f_t c_{t-1} + i_t g_t,\quad h_t = o_t \tanh(c_t)"
    derivative = (
        r"\frac{\partial c_t}{\partial c_{t-1}} = f_t,\quad "
        r"\frac{\partial h_t}{\partial c_t} = o_t (1 - \tanh^2 c_t)"
    )
    inputs = (Socket("x"), HIDDEN, CELL, *WEIGHTS)
    outputs = ("y", "h_n", "c_n")
    onnx = ("LSTM",)
    gates = 4  # i, f, g, o
    states_of = ("h", "c")
    examples = _examples("hc")
    cell_cost = (18, 26)

    def run(self, part: Pass) -> None:
        """Inside, the gates stand in the order o, i, f, g: three neighbours are sigmoids, three act on the cell."""
        rows, (_, after, _) = part.rows(), part.remembered("h")
        cells_before, cells, _ = part.remembered("c")
        gates, bent = part.over_time("gates", 4), part.over_time("bent", 1)[0]
        now, gain, half = part.one_step("now", 4), part.one_step("gain"), part.ctx.half
        weights = part.scratch("weights", 4, part.width, part.hidden)
        part.weigh(weights[:1], slice(3, 4))
        part.weigh(weights[1:], slice(0, 3))
        np.multiply(weights[:3], half, weights[:3])  # σ(x) = ½ + ½ tanh(x / 2)
        sigmoids = now[:3]
        for t in part.steps:
            o, i, f, g = gates[0, t], gates[1, t], gates[2, t], gates[3, t]
            c = cells[t]
            np.matmul(rows[t], weights, now)
            np.tanh(sigmoids, sigmoids)
            np.tanh(now[3], g)
            np.multiply(sigmoids, half, sigmoids)
            np.add(sigmoids, half, gates[:3, t])
            np.multiply(f, cells_before[t], c)
            np.multiply(i, g, gain)
            np.add(c, gain, c)
            np.tanh(c, bent[t])
            np.multiply(o, bent[t], after[t])

    def run_back(self, part: Pass, back: Back) -> None:
        slopes, through = part.over_time("slopes", 4), part.over_time("through", 1)[0]
        self._slopes(part, slopes, through)
        forget, weights = part.over_time("gates", 4)[2], part.rolled()
        now, gain = part.one_step("now", 4), part.one_step("gain")
        dh, dc = back.dh, back.dc
        for t in reversed(part.steps):
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            np.multiply(dh, through[t], gain)
            np.add(dc, gain, dc)
            np.multiply(dh, slopes[0, t], slopes[0, t])
            np.multiply(dc, slopes[1:, t], slopes[1:, t])
            np.multiply(dc, forget[t], dc)
            np.matmul(slopes[:, t], weights, now)
            np.add.reduce(now, axis=0, out=dh)
        back.weights(part, slopes, [slice(3, 4), slice(0, 3)])
        back.inputs(part, slopes, [3, 0, 1, 2])

    def _slopes(self, part: Pass, slopes: Array, through: Array) -> None:
        """What each gate's gradient is per gradient of the cell (o: of the state); `through`: c per h."""
        one, gates, bent = part.ctx.one, part.over_time("gates", 4), part.over_time("bent", 1)[0]
        np.multiply(gates, gates, slopes)
        np.subtract(gates[:3], slopes[:3], slopes[:3])  # s(1 − s)
        np.subtract(one, slopes[3], slopes[3])  # 1 − g²
        np.multiply(slopes[0], bent, slopes[0])
        np.multiply(slopes[1], gates[3], slopes[1])
        np.multiply(slopes[2], part.remembered("c")[0], slopes[2])
        np.multiply(slopes[3], gates[1], slopes[3])
        np.multiply(bent, bent, through)
        np.subtract(one, through, through)
        np.multiply(through, gates[0], through)

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

    formula = "h = (1 − z)·n + z·h; r, z = σ(W·x + U·h + b), n = tanh(W·x + b + r·(U·h + b))"
    latex = r"h_t = (1 - z_t)\,n_t + z_t h_{t-1},\quad n_t = \tanh(W x_t + r_t U h_{t-1})"
    derivative = (
        r"\frac{\partial h_t}{\partial n_t} = 1 - z_t,\quad \frac{\partial h_t}{\partial z_t} = h_{t-1} - n_t"
    )
    inputs = (Socket("x"), HIDDEN, *WEIGHTS)
    onnx = ("GRU",)
    onnx_params = {"linear_before_reset": ""}
    gates = 3  # r, z, n
    examples = _examples("h")
    cell_cost = (15, 20)

    def run(self, part: Pass) -> None:
        """Inside, there are four: what n sees of the state, r, z, and n. Before its turn n holds what it sees of x."""
        rows, (before, after, _) = part.rows(), part.remembered("h")
        gates, now, gain, half = (
            part.over_time("gates", 4),
            part.one_step("now", 2),
            part.one_step("gain"),
            part.ctx.half,
        )
        weights = self._weights(part)
        of_state, of_x = weights[0, : part.hidden + 1], weights[3, part.hidden :]
        np.matmul(rows[..., part.hidden :], of_x, gates[3])
        for t in part.steps:
            seen, r, z, n = gates[0, t], gates[1, t], gates[2, t], gates[3, t]
            np.matmul(rows[t], weights[1:3], now)
            np.tanh(now, now)
            np.multiply(now, half, now)
            np.add(now, half, gates[1:3, t])
            np.matmul(rows[t, :, : part.hidden + 1], of_state, seen)
            np.multiply(r, seen, gain)
            np.add(gain, n, gain)
            np.tanh(gain, n)
            np.subtract(before[t], n, gain)
            np.multiply(gain, z, gain)
            np.add(gain, n, after[t])

    def _weights(self, part: Pass) -> Array:
        weights = part.scratch("weights", 4, part.width, part.hidden)
        part.weigh(weights[:1], slice(2, 3), x=False)
        part.weigh(weights[1:3], slice(0, 2))
        part.weigh(weights[3:], slice(2, 3), state=False)
        np.multiply(weights[1:3], part.ctx.half, weights[1:3])  # σ(x) = ½ + ½ tanh(x / 2)
        return weights

    def run_back(self, part: Pass, back: Back) -> None:
        slopes, weights = part.over_time("slopes", 4), part.rolled()
        self._slopes(part, slopes)
        now, kept = part.one_step("now", 3), part.one_step("gain")
        z, dh = part.over_time("gates", 4)[2], back.dh
        for t in reversed(part.steps):
            if back.dy is not None:
                np.add(dh, back.dy[t], dh)
            np.multiply(dh, z[t], kept)
            np.multiply(dh, slopes[:, t], slopes[:, t])
            np.matmul(slopes[:3, t], weights, now)
            np.add.reduce(now, axis=0, out=dh)
            np.add(dh, kept, dh)
        back.weights(part, slopes[:3], [slice(2, 3), slice(0, 2)], x=False)
        back.weights(part, slopes[1:], [slice(0, 3)], state=False)
        back.inputs(part, slopes[1:], [0, 1, 2])

    def _slopes(self, part: Pass, slopes: Array) -> None:
        """What each gate's gradient is per gradient of the state."""
        one, gates = part.ctx.one, part.over_time("gates", 4)
        seen, r, z, n = gates[0], gates[1], gates[2], gates[3]
        inside, dr, dz, dn = slopes[0], slopes[1], slopes[2], slopes[3]
        np.multiply(n, n, dn)
        np.subtract(one, dn, dn)
        np.subtract(one, z, inside)
        np.multiply(dn, inside, dn)  # (1 − z)(1 − n²)
        np.subtract(part.remembered("h")[0], n, dz)
        np.multiply(dz, z, dz)
        np.multiply(dz, inside, dz)  # (h − n) z (1 − z)
        np.multiply(dn, r, inside)
        np.subtract(one, r, dr)
        np.multiply(dr, inside, dr)
        np.multiply(dr, seen, dr)

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
