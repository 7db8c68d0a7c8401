"""What the fused recurrent layers share: sockets, shapes, and the walk over layers and directions.

The cells are in cells.py; the same networks drawn node by node need none of this.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Array, Context, Op, Param, Recipe, Socket, Spec, unbroadcast
from .explain_cells import Moment, moment_of, recurrent_gradient
from .explaining import Call, Place
from .explanation import Term
from .interchange import constant
from .recipe import Tool
from .recurrence import Back, Pass, by_gate
from .recurrent_recipe import recurring
from .spec import Shape, Size, require_filled

STATES = ("zeros", "learnable")


class Recurrent(Op):
    """A recurrent layer, all steps in one node. A subclass has the cell: `run` and `run_back` of one pass."""

    category = "Recurrent"
    outputs: ClassVar[tuple[str, ...]] = ("y", "h_n")
    gates: ClassVar[int] = 1
    gate_names: ClassVar[tuple[str, ...]] = ("h",)  # of the gates, for people
    states_of: ClassVar[tuple[str, ...]] = ("h",)
    carries: ClassVar[Mapping[str, str]] = {}  # by which gate a state is handed on besides all products
    gate_words: ClassVar[Mapping[str, str]] = {}  # of what is `held`, what it does
    passes: ClassVar[tuple[Tool, ...]] = ()  # a pass over a sequence in NumPy, and back; see recipe_cells.py
    keeps: ClassVar[tuple[str, ...]] = ("states",)  # what the one gives and the other takes
    cell_cost: ClassVar[tuple[int, int]] = (
        1,
        1,
    )  # operations of a state's number besides products: forward, backward
    hidden_size = Param(32, low=1, high=100_000, help="How many numbers the state holds.")
    num_layers = Param(1, low=1, high=16, help="How many such layers are stacked.")
    bias = Param(True, help="Whether biases are added.")
    batch_first = Param(False, help="Whether x is N×T×features instead of T×N×features.")
    bidirectional = Param(False, help="Whether a second pass reads the sequence backwards.")
    reverse = Param(False, help="Whether the only pass reads the sequence backwards, from its last step on.")
    initial_state = Param("zeros", choices=STATES, help="What an unplugged initial state is.")

    def check(self) -> None:
        if self.bidirectional and self.reverse:
            raise ParamError(
                f"{type(self).__name__} reads both ways already.", hint="Switch bidirectional or reverse off."
            )

    def run(self, part: Pass) -> None:
        """Fills the states of all moments, and keeps in scratch what `run_back` needs."""
        raise TypeError(f"{type(self).__name__} has no cell")

    def run_back(self, part: Pass, back: Back) -> None:
        raise TypeError(f"{type(self).__name__} has no cell")

    def held(self, part: Pass) -> dict[str, Array]:
        """After `run`: gates and states at every moment, T×N×hidden each, for whoever looks at them."""
        return {"h": part.states("h")[1]}

    # How its numbers came about

    def explain(self, call: Call, output: str, at: Place) -> Term:
        passes = self._walk(call.fresh(), call.inputs)
        moment = moment_of(call, passes, self.directions, output, at)
        return self.cell_at(moment) if output == "c_n" else self.state_at(moment)

    def explain_gradient(self, call: Call, socket: str, at: Place) -> Term:
        found = recurrent_gradient(call, socket, at)
        return super().explain_gradient(call, socket, at) if found is None else found

    def walk(self, ctx: Context, arrays: Mapping[str, Array | None]) -> list[Pass]:
        """The passes in order, computed in that context."""
        return self._walk(ctx, arrays)

    def walk_again(self, ctx: Context, arrays: Mapping[str, Array | None]) -> list[Pass]:
        """The passes as the last call with this context left them."""
        return self._walk(ctx, arrays, again=False)

    def slopes_of_x(self, part: Pass) -> Sequence[Array]:
        """After `run_back`: the gradient of what stands inside each gate, as far as x adds to it, T×N×hidden each."""
        raise TypeError(f"{type(self).__name__} has no cell")

    def slopes_of_state(self, part: Pass) -> Sequence[Array]:
        """The same, as far as the state adds to it."""
        return self.slopes_of_x(part)

    def state_at(self, moment: Moment) -> Term:
        """How the state of one unit came about at one moment."""
        raise TypeError(f"{type(self).__name__} has no cell")

    def cell_at(self, moment: Moment) -> Term:
        """The same of its cell."""
        raise TypeError(f"{type(self).__name__} has no cell")

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        """Sequences know nothing of one another."""
        batch = 0 if self.batch_first else 1
        states = {f"{state}_{end}": 1 for state in self.states_of for end in "0n"}
        return [{"x": batch, "y": batch, **states}]

    # Sockets and shapes

    def sockets(self) -> tuple[Socket, ...]:
        data = tuple(s for s in self.inputs if not s.name.startswith(("weight", "bias")))
        return data + tuple(Socket(name, learnable=True) for name in self._names())

    def initialiser(self, socket: str) -> str:
        return super().initialiser(_of_first_layer(socket))

    def gain(self, socket: str) -> float:
        return super().gain(_of_first_layer(socket))

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        """PyTorch draws everything from U(−1/√hidden, 1/√hidden)."""
        shape = shapes[socket]
        if self.initialiser(socket) == "fan_in_uniform" or len(shape) != 2:
            return int(self.hidden_size), int(self.hidden_size)
        return shape[1], shape[0]

    def learnable(self, x: Spec) -> dict[str, Shape]:
        self._check(x)
        shapes: dict[str, Shape] = {}
        if self.initial_state == "learnable":
            shapes = {f"{s}_0": (self._passes, 1, self.hidden_size) for s in self.states_of}
        rows = self.gates * self.hidden_size
        for layer in range(self.num_layers):
            width = x.shape[2] if not layer else self.hidden_size * self.directions
            for ending in self._endings(layer):
                shapes |= {f"weight_ih{ending}": (rows, width)}
                shapes |= {f"weight_hh{ending}": (rows, self.hidden_size)}
                if self.bias:
                    shapes |= {f"bias_ih{ending}": (rows,), f"bias_hh{ending}": (rows,)}
        return shapes

    def infer(self, x: Spec, **more: Spec | None) -> tuple[Spec, ...]:
        asked = self.learnable(x)
        batch: Size = x.shape[0 if self.batch_first else 1]
        state = (self._passes, batch, self.hidden_size)
        for name, spec in more.items():
            if spec is None:
                continue
            shared = (state[0], 1, state[2])  # one state for all sequences
            fitting = (state, shared) if name.endswith("_0") else (asked.get(name),)
            if spec.shape not in fitting:
                raise ShapeError(
                    f"{name} is {spec}, but x ({x}) and the params ask for {Spec(fitting[0] or (0,))}.",
                    hint=f"Change hidden_size or num_layers, or what is wired to {name}.",
                    socket=name,
                )
        y = x.with_shape(*x.shape[:2], self.hidden_size * self.directions)
        return (y, *(x.with_shape(*state) for _ in self.states_of))

    def _check(self, x: Spec) -> None:
        order = "N×T×features" if self.batch_first else "T×N×features"
        if x.ndim != 3:
            raise ShapeError(f"x ({x}) should be {order}.", hint="Reshape it to three axes.", socket="x")
        if not isinstance(x.shape[2], int):
            raise ShapeError(f"x ({x}) has no fixed last axis to weigh.", hint=f"It is {order}.", socket="x")
        if x.shape[1 if self.batch_first else 0] == 0:
            raise ShapeError(f"x ({x}) has no step: T is 0.", hint=f"It is {order}.", socket="x")
        require_filled(x, (2,))

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _passes(self) -> int:
        return self.directions * int(self.num_layers)

    def _endings(self, layer: int) -> tuple[str, ...]:
        return (f"_l{layer}", f"_l{layer}_reverse")[: self.directions]

    def is_backwards(self, ending: str) -> bool:
        """Whether the pass whose parameters end so reads from the last step on."""
        return bool(self.reverse) or ending.endswith("_reverse")

    def _names(self) -> list[str]:
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if self.bias else 2]
        endings = [ending for layer in range(self.num_layers) for ending in self._endings(layer)]
        return [kind + ending for ending in endings for kind in kinds]

    # Forward

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return recurring(self, shapes) if self.passes else None

    def forward(self, ctx: Context, *inputs: Array | None, **outputs: Array) -> None:
        arrays = self._named(inputs)
        passes = self._walk(ctx, arrays)
        last = passes[-self.directions :]
        y = self._time_first(outputs["y"])
        for k, part in enumerate(last):
            width = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
            np.copyto(y[:, :, width], part.states("h")[1])
        for state in self.states_of:
            for k, part in enumerate(passes):
                np.copyto(outputs[f"{state}_n"][k], part.states(state)[1][part.last])

    def _named(self, inputs: Sequence[Array | None]) -> dict[str, Array | None]:
        return {socket.name: array for socket, array in zip(self.sockets(), inputs, strict=True)}

    def _time_first(self, x: Array) -> Array:
        return x.transpose(1, 0, 2) if self.batch_first else x

    def _walk(self, ctx: Context, arrays: Mapping[str, Array | None], again: bool = True) -> list[Pass]:
        """All passes in order; computed unless what an earlier walk left is to be taken."""
        x = arrays["x"]
        assert x is not None
        x = self._time_first(x)
        passes: list[Pass] = []
        for layer in range(self.num_layers):
            parts = [
                self._pass(ctx, layer, ending, self.is_backwards(ending), x, arrays)
                for ending in self._endings(layer)
            ]
            for part in parts:
                if again:
                    self._begin(part, len(passes), arrays)
                    self.run(part)
                passes.append(part)
            if layer < self.num_layers - 1:
                x = self._joined(ctx, layer, parts, again)
        return passes

    def _pass(
        self,
        ctx: Context,
        layer: int,
        ending: str,
        reverse: bool,
        x: Array,
        arrays: Mapping[str, Array | None],
    ) -> Pass:
        w_ih, w_hh, b_ih, b_hh = (
            by_gate(arrays.get(kind + ending), self.gates)
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        assert w_ih is not None
        assert w_hh is not None
        is_fresh = all(arrays[f"{state}_0"] is None for state in self.states_of)
        return Pass(ctx, ending, reverse, is_fresh, x, w_ih, w_hh, b_ih, b_hh)

    def _begin(self, part: Pass, place: int, arrays: Mapping[str, Array | None]) -> None:
        for state in self.states_of:
            given = arrays[f"{state}_0"]
            np.copyto(part.states(state)[2], part.ctx.zero if given is None else given[place])
        part.begin()

    def _joined(self, ctx: Context, layer: int, parts: list[Pass], again: bool) -> Array:
        """What the next layer sees: the states of all moments, both directions side by side."""
        if len(parts) == 1:
            return parts[0].states("h")[1]
        halves = [part.states("h")[1] for part in parts]
        both = ctx.scratch(f"joined{layer}", (*halves[0].shape[:2], 2 * self.hidden_size))
        if again:
            for k, half in enumerate(halves):
                np.copyto(both[:, :, k * self.hidden_size : (k + 1) * self.hidden_size], half)
        return both

    # Backward

    def backward(self, ctx: Context, *upstream: Array | None, **named: Array | None) -> None:
        passes = self._walk(ctx, named, again=ctx.kept("_l0h") is None)
        d = dict(zip(self.outputs, upstream, strict=True))
        dy = d["y"]
        flowing = None if dy is None else self._time_first(dy)
        starts = {s: ctx.scratch(f"d{s}_0", (self._passes, *passes[0].states("h")[2].shape)) for s in "hc"}
        for layer in reversed(range(self.num_layers)):
            at = layer * self.directions
            parts = passes[at : at + self.directions]
            dx = self._gradient_of_x(ctx, layer, parts[0].x, named["dx"])
            for k, part in enumerate(parts):
                for state, start in starts.items():
                    given = d.get(f"{state}_n")
                    np.copyto(start[at + k], ctx.zero if given is None else given[at + k])
                width = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
                mine = dx if dx is None or not k else ctx.scratch("other", dx.shape)
                back = Back(
                    None if flowing is None else flowing[:, :, width],
                    starts["h"][at + k],
                    starts["c"][at + k],
                    any(named[f"d{state}_0"] is not None for state in self.states_of),
                    mine,
                    *(
                        by_gate(named.get(f"d{kind}{part.tag}"), self.gates)
                        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    ),
                )
                self.run_back(part, back)
                if k and dx is not None and mine is not None:
                    np.add(dx, mine, dx)
            flowing = dx
        wanted = named["dx"]
        if wanted is not None and flowing is not None and flowing is not wanted:
            np.copyto(self._time_first(wanted), flowing)
        for state in self.states_of:
            target = named[f"d{state}_0"]
            if target is not None:
                unbroadcast(starts[state], target)

    def _gradient_of_x(self, ctx: Context, layer: int, x: Array, wanted: Array | None) -> Array | None:
        """Where the gradient of a layer's input is to be written; None when nobody wants it."""
        if layer:
            return ctx.scratch(f"dx{layer % 2}", x.shape)
        if wanted is None or (not self.batch_first and wanted.flags.c_contiguous):
            return wanted
        return ctx.scratch("dx", x.shape)

    # What it costs

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        weights = sum(math.prod(shape) for name, shape in others.items() if name.startswith("weight"))
        return x[0] * x[1] * (2 * weights + self.cell_cost[0] * self._passes * int(self.hidden_size))

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """For each step and sequence: back through the cells, to the layer below, and what is wanted of the step."""
        steps = shapes["x"][0] * shapes["x"][1]
        each = self.cell_cost[1] * self._passes * self.hidden_size
        for name, shape in shapes.items():
            passes_on = name.startswith("weight") and ("x" in wanted or not name.startswith("weight_ih_l0"))
            wants = name in wanted and name.startswith(("weight", "bias"))
            size = math.prod(shape)
            each += 2 * size * passes_on + (2 if name.startswith("weight") else 1) * size * wants
        return int(steps * each)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        length, batch, width = shapes["x"]
        each = (3 * self.gates + 6) * self.hidden_size + 2 * max(width, 2 * self.hidden_size)
        return int(length * batch * each * self._passes)

    # Other programs

    def emit_torch(self, **names: str) -> str:
        batch = f"{names['x']}.shape[{0 if self.batch_first else 1}]"
        states = []
        for state in self.states_of:
            given = names.get(f"{state}_0", "None")
            shape = f"{self._passes}, {batch}, {self.hidden_size}"
            plugged = f"{given}.expand({shape}).contiguous()"
            states.append(f"{names['x']}.new_zeros({shape})" if given == "None" else plugged)
        state = states[0] if len(states) == 1 else f"({', '.join(states)})"
        weights = ", ".join(names[name] for name in self._names())
        switches = (
            f"{self.bias}, {self.num_layers}, 0.0, self.training, {self.bidirectional}, {self.batch_first}"
        )
        if self.reverse:
            turned = f".flip({1 if self.batch_first else 0})"
            found = f"{self._torch_name()}({names['x']}{turned}, {state}, [{weights}], {switches})"
            return f"(lambda y, *last: (y{turned}, *last))(*{found})"
        return f"{self._torch_name()}({names['x']}, {state}, [{weights}], {switches})"

    def _torch_name(self) -> str:
        return f"torch.{type(self).__name__.lower()}"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX: x, W, R, B, sequence_lens, initial_h, initial_c, P; weights by direction, gates in its own order."""
        x, w, r, b, lengths, *more = list(inputs) + [None] * (8 - len(inputs))
        for name in sorted(set(attributes) - {"hidden_size", "direction", "layout", *cls.onnx_params}):
            raise Unsupported(f"{cls.__name__} has nothing for {kind}'s {name}.")
        direction = attributes.get("direction", "forward")
        if lengths is not None or more[2] is not None:
            raise Unsupported(f"{cls.__name__} has no sequence_lens or peepholes.")
        w, r = constant(w, f"W of {kind}"), constant(r, f"R of {kind}")
        layout = bool(attributes.get("layout", 0))
        params = {"hidden_size": r.shape[2], "bias": b is not None, "batch_first": layout}
        params |= {"bidirectional": direction == "bidirectional", "reverse": direction == "reverse"}
        arrays = {"x": x}
        for state, given in zip(cls.states_of, more, strict=False):
            if given is not None:
                arrays[f"{state}_0"] = constant(given, "initial state").swapaxes(0, 1) if layout else given
        for ending, k in zip(("_l0", "_l0_reverse"), range(len(w)), strict=False):
            arrays[f"weight_ih{ending}"] = cls._reordered(w[k])
            arrays[f"weight_hh{ending}"] = cls._reordered(r[k])
            if b is not None:
                ih, hh = np.split(constant(b, f"B of {kind}")[k], 2)
                arrays[f"bias_ih{ending}"] = cls._reordered(ih)
                arrays[f"bias_hh{ending}"] = cls._reordered(hh)
        return params, arrays

    @classmethod
    def _reordered(cls, rows: Array) -> Array:
        """Rows by gate in ONNX's order, put into PyTorch's."""
        return rows


def _of_first_layer(socket: str) -> str:
    """The socket whose params say how this one begins: all layers begin alike."""
    return socket if socket.endswith("_0") else f"{socket.rpartition('_l')[0]}_l0"
