"""The contract of an operation: its sockets, params, shape rule, forward and backward, all in one class.

What runs operations (the engine) and what draws them (the window) ask the class; neither knows a concrete one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import Unsupported
from .context import Context
from .example import Example
from .explaining import Call, Influence
from .explaining import explain as explain_any
from .explaining import gradient as gradient_of_any
from .explaining import influence as influence_of_any
from .explanation import Term
from .footprint import Footprint
from .initialisers import INITIALISERS
from .param import Param
from .recipe import Recipe
from .rows import unbroadcast
from .sliding import Sliding
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
    "Structure",
)


class Op:
    """One operation of a graph. A subclass says everything about it; `@register` makes it known everywhere.

    Class attributes:
        category: one of `CATEGORIES`; chooses colour and place in the library.
        formula: what it computes, in one line of plain text.
        latex: the same for typesetting; empty where the plain text will do.
        derivative: its local derivative for typesetting.
        letters: what the two call a socket, output or param, where that is neither its name, nor its symbol, nor usual
            (`engine/symbols`): letter → name.
        inputs: the sockets; `outputs`: the names of the results.
        examples: argument shapes that its tests, help page and pictures run.
        torch: the PyTorch expression of the same thing, with the sockets and params in braces; empty where
            PyTorch has none. `F` is torch.nn.functional.
        numpy: the same thing in a few lines of NumPy, forward and backward, that run on their own; see `Recipe`.
        onnx: the ONNX operators (opset 20) that it stands for; `onnx_params` has ONNX's attribute names with our params
            where they differ ("" for an attribute that means nothing here); `onnx_outputs` has our outputs in ONNX's
            order where that differs; `onnx_count` names an attribute that stands for the number of results, where it
            is not given.
        aliases: former names, so that old files load.
        synonyms: what other libraries and books call it, so that a search finds it.
        grows: the name of the int param that counts the sockets, for an op with any number of inputs.
        passes_on: inputs that get the upstream gradient as it is, wherever their shape is the output's. (Full speed
            then needs no copy of it; `backward` writes one all the same.)
        transposes: matrices that it multiplies by transposed, and in which phase, "forward" or "backward". (It may get
            them laid out by columns there.)
        source: True for an op that is fed from outside (`feeds` names the outputs).
        brings: for a source that has rows of its own, who gives them: a name in `data.givers`.
        elementwise: True where each element of the result is made of those of the inputs at the same place, broadcast.
        scalar_loss: True where the result is what training makes small.
        saturates: the values between which its result always lies, and near which its gradient vanishes.
        usual: True for what one tries first among its like.
        stops_gradient: True where its result is a constant to all that lies upstream, on purpose.
        dies: True where a result of 0 means a gradient of 0, so that a unit that always gives 0 learns nothing more.
        reads_as: what its result is to be taken for: "probabilities", "log-probabilities", or "" for neither.
        wants: of a loss, what its first input is taken for: those, or "scores" (which may be any numbers).
        role: "" for an op that computes; else what the engine puts in its place: "group" (its content), "unroll" (as
            many copies of it as there are steps), "wire" (what feeds it), "port in" and "port out" (what the group
            around it is given, and what it gives).
        drawing: params that only say how a node is drawn: when they change, nothing is computed anew.
        pictures: True where a result of one or three channels is to be looked at as a picture, grey or in colour.
        adapts: True for an op that is put into a wire to make a value fit where it goes, such as Flatten;
            `adaptations` says with which params.
        knobs: params that one turns while it trains, such as the p of Dropout; `knob` tells between which bounds.
        states: what the op keeps from step to step besides parameters, such as running statistics: name → the
            number it begins with. `state_shapes` tells the shapes, `ctx.state` gives the arrays.
        cost: floating-point operations of `forward` for each element of the largest array at hand: the result of an
            elementwise operation, the input of a reduction. Counted by the formula; 0 for what only moves numbers.
        backward_cost: the same for the gradient of an input; that of an input not named is `cost`.
        factors: the inputs whose product it is, such as x and weight of a layer. The gradient of one of them is such a
            product again, of the others with the upstream gradient; what else there is (a bias) is added.
        saved: the inputs and outputs on which its gradients depend; None for all inputs. (PyTorch: saved for backward)

    Methods take arrays by socket name, NumPy style: results go into arrays handed in (`y`, `dx`), `dx` is None where
    nobody needs it. What comes in may lie scattered in memory, as a transposed matrix does; what is to be written lies
    in one piece. An op keeps nothing between calls but its params; randomness, scratch space and the
    training flag come from `ctx`.
    """

    category: ClassVar[str] = "Math"
    formula: ClassVar[str] = ""
    latex: ClassVar[str] = ""
    derivative: ClassVar[str] = ""
    letters: ClassVar[dict[str, str]] = {}
    inputs: ClassVar[tuple[Socket, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("y",)
    examples: ClassVar[tuple[Example, ...]] = ()
    torch: ClassVar[str] = ""
    numpy: ClassVar[Recipe | None] = None
    onnx: ClassVar[tuple[str, ...]] = ()
    onnx_params: ClassVar[dict[str, str]] = {}
    onnx_outputs: ClassVar[tuple[str, ...]] = ()
    onnx_count: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    synonyms: ClassVar[tuple[str, ...]] = ()
    grows: ClassVar[str] = ""
    passes_on: ClassVar[tuple[str, ...]] = ()
    transposes: ClassVar[dict[str, str]] = {}
    source: ClassVar[bool] = False
    brings: ClassVar[str] = ""
    elementwise: ClassVar[bool] = False
    scalar_loss: ClassVar[bool] = False
    saturates: ClassVar[tuple[float, float] | None] = None
    usual: ClassVar[bool] = False
    stops_gradient: ClassVar[bool] = False
    dies: ClassVar[bool] = False
    reads_as: ClassVar[str] = ""
    wants: ClassVar[str] = ""
    role: ClassVar[str] = ""
    drawing: ClassVar[tuple[str, ...]] = ()
    pictures: ClassVar[bool] = False
    adapts: ClassVar[bool] = False
    knobs: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[dict[str, float]] = {}
    cost: ClassVar[int] = 1
    backward_cost: ClassVar[dict[str, int]] = {}
    factors: ClassVar[tuple[str, ...]] = ()
    saved: ClassVar[tuple[str, ...] | None] = None
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

    def knob(self, name: str) -> tuple[float, float, float] | None:
        """A param of `knobs`: its number in force, and the bounds that a slider has; None where it has no meaning."""
        param, value = self.params_of[name], getattr(self, name)
        low, high = (0.0 if bound is None else float(bound) for bound in (param.low, param.high))
        return float(value), low, high or max(1.0, 2 * float(value))

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

    def lack(self) -> tuple[str, str]:
        """What it cannot run without and does not have, and what to try; ("", "") for nothing. Shapes are known yet."""
        return "", ""

    def contents(self) -> tuple[str, ...]:
        """The hashes of the contents of files that it needs besides its params; see `data.store`."""
        return ()

    def start(self, socket: str) -> Any:
        """The values a learnable socket begins with instead of its initialiser's; None for the initialiser."""
        return None

    def workspace(self, *args: Any, **shapes: Any) -> int:
        """`workspace(**shapes of the wired sockets)`: how many elements of scratch space a call takes.

        It serves the estimate of memory before anything is allocated.
        """
        return 0

    # How its numbers came about

    def explain(self, call: Call, output: str, at: tuple[int, ...]) -> Term:
        """How one element of an output came about, as a tree whose leaves are elements of what went in.

        The default says it exactly for what is elementwise or linear; of anything else it tells the elements on which
        it depends, each with its derivative.
        """
        return explain_any(call, output, at)

    def influence(self, call: Call, socket: str, at: tuple[int, ...]) -> Sequence[Influence]:
        """Which elements of the outputs one element of an input changes, and how fast."""
        return influence_of_any(call, socket, at)

    def explain_gradient(self, call: Call, socket: str, at: tuple[int, ...]) -> Term:
        """What it hands back to one element of an input: by `influence`, each upstream gradient times its slope."""
        return gradient_of_any(call, socket, at)

    def apart(self, *args: Any, **shapes: Any) -> Sequence[Mapping[str, int]]:
        """`apart(**shapes of all arrays)`: along which axes it treats each place by itself, such as the examples.

        One entry for each such axis: which axis of each array it is, by name. An array that has no such axis, or is of
        size 1 there, is looked at from everywhere. An explanation then needs to look at one place only.
        """
        return ()

    def sliding(self, x: tuple[int, ...]) -> Sliding | None:
        """How its windows lie over an x of that shape, for an op that moves a window; None for any other."""
        return None

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        """Of pictures N×C×H×W and sequences N×C×L: which places of an input the result looks at along axis 2 or 3.

        x, y: the shapes of that input and of the result. What training does otherwise (dropout, statistics of a batch)
        is as in use. None where nothing is told: an elementwise op looks at the same place, any other everywhere.
        """
        return None

    # How it is written in an equation of the graph

    def formula_latex(self) -> str:
        """Its formula in LaTeX as this instance has it, where its params change what is to be written."""
        return self.latex

    def slope_latex(self) -> str:
        """The same for its derivative."""
        return self.derivative

    # What it costs. `shapes` are those of all inputs that are there and of all outputs, by name.

    def flops(self, *args: Any, **shapes: Any) -> int:
        """How many floating-point operations `forward` takes; `cost` for each element unless overridden.

        Every +, −, ×, ÷, comparison and elementary function (exp, tanh, √) of one number is one, so a multiply-add is
        two, as torch.utils.flop_counter has it (papers that count MACs give half). The bias of a product is where its
        sum begins. Copying, choosing by index and drawing random numbers are none.
        """
        return self.cost * max((math.prod(shape) for shape in shapes.values()), default=0)

    def backward_flops(self, wanted: Collection[str], /, **shapes: Any) -> int:
        """How many `backward` takes for the gradients of the inputs in `wanted`, given what `forward` has computed."""
        if self.factors:
            product, added = self.flops(**shapes), math.prod(shapes[self.results()[0]])
            return sum(product if name in self.factors else added for name in wanted)
        elements = max((math.prod(shape) for shape in shapes.values()), default=0)
        return elements * sum(self.backward_cost.get(name, self.cost) for name in wanted)

    def reads(self, *args: Any, **shapes: Any) -> dict[str, int]:
        """How many elements `forward` reads of those inputs that it does not read whole."""
        return {}

    def saves(self, socket: str) -> tuple[str, ...]:
        """The inputs and outputs on which the gradient of that input depends."""
        if self.factors:
            names = [other.name for other in self.sockets() if other.name in self.factors]
            return tuple(name for name in names if name != socket and socket in self.factors)
        return tuple(other.name for other in self.sockets()) if self.saved is None else self.saved

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """Params with which an op that `adapts` may make `given` fit where it goes, the likeliest first.

        `beside`: the specs of what else is wired there, and those that are asked for there. Whether one of them does
        fit is for others to find out.
        """
        return ({},)

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

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        """What it does in plain NumPy: `numpy`, unless params or the shapes of what is there ask for other lines.

        `shapes` has all inputs that are there and all outputs, by name. None for an op that has no such text.
        """
        return self.numpy

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
    def other_names(cls) -> tuple[str, ...]:
        """Under which names a search should find it, besides its own; among them what ONNX calls it."""
        return (*cls.aliases, *cls.synonyms, *cls.onnx)

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
    "Recipe",
    "Socket",
    "Spec",
    "unbroadcast",
]
