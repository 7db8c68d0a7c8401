"""The contract of an operation: its sockets, params, shape rule, forward and backward, all in one class.

What runs operations (the engine) and what draws them (the window) ask the class; neither knows a concrete one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import Unsupported
from .context import Context
from .example import Example
from .initialisers import INITIALISERS
from .param import Param
from .rows import unbroadcast
from .socket import Socket
from .spec import Shape, Spec

Array = npt.NDArray[Any]

CATEGORIES = (
    "Input",
    "Parameter",
    "Math",
    "Layer",
    "Activation",
    "Normalisation",
    "Recurrent",
    "Attention",
    "Features",
    "Shape",
    "Reduction",
    "Loss",
)


class Op:
    """One operation of a graph. A subclass says everything about it; `@register` makes it known everywhere.

    Class attributes:
        category: one of `CATEGORIES`; chooses colour and place in the library.
        formula: what it computes, in one line of plain text.
        latex: the same for typesetting; empty where the plain text will do.
        derivative: its local derivative for typesetting.
        inputs: the sockets; `outputs`: the names of the results.
        examples: argument shapes that its tests, help page and pictures run.
        torch: the PyTorch expression of the same thing, with the sockets and params in braces; empty where
            PyTorch has none. `F` is torch.nn.functional.
        onnx: the ONNX operators (opset 20) that it stands for; `onnx_params` has ONNX's attribute names with our params
            where they differ ("" for an attribute that means nothing here); `onnx_outputs` has our outputs in ONNX's
            order where that differs.
        aliases: former names, so that old files load.
        grows: the name of the int param that counts the sockets, for an op with any number of inputs.
        source: True for an op that is fed from outside (`feeds` names the outputs).
        scalar_loss: True where the result is what training makes small.
        states: what the op keeps from step to step besides parameters, such as running statistics: name → the
            number it begins with. `state_shapes` tells the shapes, `ctx.state` gives the arrays.

    Methods take arrays by socket name, NumPy style: results go into arrays handed in (`y`, `dx`), `dx` is None where
    nobody needs it. What comes in may lie scattered in memory, as a transposed matrix does; what is to be written lies
    in one piece. An op keeps nothing between calls but its params; randomness, scratch space and the
    training flag come from `ctx`.
    """

    category: ClassVar[str] = "Math"
    formula: ClassVar[str] = ""
    latex: ClassVar[str] = ""
    derivative: ClassVar[str] = ""
    inputs: ClassVar[tuple[Socket, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("y",)
    examples: ClassVar[tuple[Example, ...]] = ()
    torch: ClassVar[str] = ""
    onnx: ClassVar[tuple[str, ...]] = ()
    onnx_params: ClassVar[dict[str, str]] = {}
    onnx_outputs: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    grows: ClassVar[str] = ""
    source: ClassVar[bool] = False
    scalar_loss: ClassVar[bool] = False
    states: ClassVar[dict[str, float]] = {}
    params_of: ClassVar[dict[str, Param]] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        params = dict(cls.params_of)
        params.update((name, p) for name, p in vars(cls).items() if isinstance(p, Param))
        for socket in cls.inputs:
            for name, param in socket.params():
                params[name] = param
                param.__set_name__(cls, name)
        cls.params_of = params

    def __init__(self, **params: Any) -> None:
        """Raises ParamError for an unknown param or an impossible value."""
        for name, value in params.items():
            self.__dict__[name] = Param.named(type(self), name).check(value, type(self).__name__)
        for name, param in self.params_of.items():
            self.__dict__.setdefault(name, param.default)
        self.check()

    @property
    def params(self) -> dict[str, Any]:
        """Every param with its value."""
        return {name: self.__dict__[name] for name in self.params_of}

    def check(self) -> None:
        """Refuses combinations of params that cannot be. Raises ParamError."""

    def sockets(self) -> tuple[Socket, ...]:
        """The input sockets of this instance."""
        return self.inputs

    def results(self) -> tuple[str, ...]:
        """The names of the outputs of this instance."""
        return self.outputs

    def learnable(self, *args: Any, **specs: Any) -> dict[str, Shape]:
        """`learnable(**specs of the data sockets)`: the shapes of the learnable sockets. ShapeError if they misfit."""
        return {}

    def state_shapes(self, *args: Any, **specs: Any) -> dict[str, Shape]:
        """`state_shapes(**specs of the data sockets)`: the shapes of those `states` that this instance keeps."""
        return {}

    def initialiser(self, socket: str) -> str:
        """The name of the initialiser of an unplugged learnable socket."""
        return str(self.params[f"{socket}_init"])

    def gain(self, socket: str) -> float:
        """What the first values of an unplugged learnable socket are multiplied by."""
        return float(self.params.get(f"{socket}_gain", 1.0))

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        """(fan in, fan out) for the initialiser of a learnable socket, as PyTorch counts them."""
        shape = shapes.get("weight", shapes[socket])
        if len(shape) < 2:
            return max(1, *shape, 1), max(1, *shape, 1)
        field = int(np.prod(shape[2:], dtype=np.int64))
        return shape[1] * field, shape[0] * field

    def infer(self, *args: Any, **specs: Any) -> Spec | tuple[Spec, ...]:
        """`infer(**specs of all inputs)`: the specs of the outputs. An absent learnable (no bias) comes as None.

        Raises:
            ShapeError: the shapes do not fit; the message holds the numbers.
        """
        raise TypeError(f"{type(self).__name__} has no shape rule")

    def forward(self, *args: Any, **arrays: Any) -> None:
        """`forward(ctx, *inputs, **outputs)`: computes the outputs into the arrays given."""
        raise TypeError(f"{type(self).__name__} has no forward")

    def backward(self, *args: Any, **arrays: Any) -> None:
        """`backward(ctx, *upstream gradients, **inputs, outputs and d-inputs)`: writes each `dx` that is not None."""
        raise TypeError(f"{type(self).__name__} has no backward")

    def view(self, *args: Any, **arrays: Any) -> Array | None:
        """The output as a view of the first input, for an op that only looks at it differently; else None.

        Such an op costs nothing: the engine calls neither `forward` nor `backward`. It must hold for gradients too.
        """
        return None

    def literal(self) -> Any:
        """What a source gives when nothing is fed: a number or nested tuples; None when it must be fed."""
        return None

    def start(self, socket: str) -> Any:
        """The values a learnable socket begins with instead of its initialiser's; None for the initialiser."""
        return None

    def workspace(self, *args: Any, **shapes: Any) -> int:
        """`workspace(**shapes of the wired sockets)`: how many elements of scratch space a call takes.

        It serves the estimate of memory before anything is allocated.
        """
        return 0

    def metrics(self, *args: Any, **arrays: Any) -> dict[str, float]:
        """What besides the loss tells how good the batch is, from the input arrays, e.g. {"accuracy": 0.9}."""
        return {}

    def join_metrics(self, parts: Sequence[tuple[int, Mapping[str, float]]]) -> dict[str, float]:
        """The metrics of several batches, each given with its number of rows, taken together: their weighted mean."""
        rows = sum(count for count, _ in parts)
        return {name: sum(count * part[name] for count, part in parts) / rows for name in parts[0][1]}

    def emit_torch(self, **names: str) -> str:
        """The PyTorch expression with the sockets' variable names filled in. Empty where there is none."""
        absent = {socket.name: "None" for socket in self.sockets() if socket.learnable}
        absent |= dict.fromkeys(self.states, "None")
        known = {name: repr(value) for name, value in self.params.items()}
        return self.torch.format(**known | absent | names) if self.torch else ""

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """(params, inputs by socket) of our op for an ONNX node of that kind; an absent input is None.

        An input that is computed in the graph stands there as something that is no array: hand it on as it is, and
        ask for `interchange.constant(…)` where a param follows from its numbers. As it stands, attributes become
        params by name and inputs follow the order of the sockets. Where ONNX's defaults are not ours, override.

        Raises:
            Unsupported: we do not have that form; the message says why.
        """
        params = {cls.onnx_params.get(name, name): value for name, value in attributes.items()}
        params.pop("", None)
        strange = sorted(set(params) - set(cls.params_of))
        if strange:
            raise Unsupported(f"{cls.__name__} has nothing for {kind}'s {', '.join(strange)}.")
        if cls.grows:
            params[cls.grows] = len(inputs)
        sockets = cls(**params).sockets()
        if len(inputs) > len(sockets):
            raise Unsupported(f"{cls.__name__} takes {len(sockets)} inputs; this {kind} has {len(inputs)}.")
        wired = {s.name: value for s, value in zip(sockets, inputs, strict=False) if value is not None}
        missing = [s.name for s in sockets if s.must_be_wired and s.name not in wired]
        if missing:
            raise Unsupported(f"{cls.__name__} needs {', '.join(missing)}, which this {kind} leaves out.")
        return params, wired

    @classmethod
    def help(cls) -> str:
        """The op's help text: its docstring without indentation."""
        import inspect

        return inspect.cleandoc(cls.__doc__ or "")

    def __repr__(self) -> str:
        changed = {n: v for n, v in self.params.items() if v != self.params_of[n].default}
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in changed.items())})"


__all__ = [
    "CATEGORIES",
    "INITIALISERS",
    "Array",
    "Context",
    "Example",
    "Op",
    "Param",
    "Socket",
    "Spec",
    "unbroadcast",
]
