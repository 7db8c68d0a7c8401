"""Which nodes move a window over what, and the numbers of one as a scene to be played. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.flat import End, FlatNode
from ..engine.inference import Inference
from ..engine.messages import TensorKey
from ..lab.window_sizes import Trial, refitted, tried
from ..lab.windows import Floats, Scene
from ..lab.windows_back import as_correlation, weight_correlation
from ..ops import Op, Spec
from .sample_arrays import Wanted
from .session import Session
from .widgets.window_boards import Act

FORWARD, BACK, BACK_AS, FILTER = "forward", "backward", "backward as conv.", "filter's gradient"
MODES = (FORWARD, BACK, BACK_AS, FILTER)
OTHER_SIZE = "What comes back is known of the node as it is. Reset the settings, or apply them."


def slides(op: Op | None) -> bool:
    """Whether an operation moves a window."""
    return op is not None and type(op).sliding is not Op.sliding


def can_play(session: Session, node: str) -> bool:
    """Whether a node on the sheet moves a window."""
    flat = session.seen.whole.nodes.get(session.seen.key(node)) if node else None
    return flat is not None and slides(flat.op) and shape_of(session.seen.whole, flat) is not None


def windowed(whole: Inference) -> list[tuple[str, str]]:
    """(key, path) of every node that moves a window over something of known size."""
    return [
        (key, node.path)
        for key, node in whole.nodes.items()
        if slides(node.op) and shape_of(whole, node) is not None
    ]


def shape_of(whole: Inference, node: FlatNode) -> tuple[int, ...] | None:
    """The shape of x with one row; None where it is not known, or no sequence or image."""
    source = node.inputs.get("x")
    spec = whole.specs.get(source) if source is not None else None
    if spec is None or spec.ndim not in (3, 4) or node.op is None:
        return None
    rest = [size for size in spec.shape[1:] if isinstance(size, int) and size > 0]
    fits = len(rest) == spec.ndim - 1 == getattr(node.op, "field", 0) + 1
    return (1, *rest) if fits else None


@dataclass(frozen=True)
class Windowed:
    """A node that moves a window over an x of that shape; `changes` are settings tried instead of its own."""

    whole: Inference
    node: FlatNode
    x: tuple[int, ...]
    changes: Mapping[str, Any]

    @property
    def op(self) -> Op:
        assert self.node.op is not None
        return self.node.op

    @property
    def field(self) -> int:
        return len(self.x) - 2

    @property
    def name(self) -> str:
        return self.node.path.rpartition("/")[2]

    @property
    def source(self) -> str:
        """What x is called."""
        found = self.whole.nodes.get(self.node.inputs["x"][0])
        return found.path.rpartition("/")[2] if found is not None else "x"

    @property
    def outputs(self) -> int:
        """How many channels the result has."""
        found = self.trial().sliding or self.op.sliding(self.x)
        return 1 if found is None else found.outputs

    def trial(self) -> Trial:
        """With the settings tried, whatever is wired to the filter."""
        return tried(self.op, self.x, {}, **self.changes)

    def why_not(self) -> str:
        """Why those settings could not be the node's; "" when they could."""
        found = tried(self.op, self.x, self._wired(), **self.changes)
        return "" if not found.why else f"The filter is wired and keeps its shape: {found.why}"

    def _wired(self) -> dict[str, Spec | None]:
        ends = {name: end for name, end in self.node.inputs.items() if name != "x"}
        return {name: self.whole.specs.get(end) for name, end in ends.items() if not self.node.is_shared}

    # What is asked for

    def wanted(self, row: int, with_gradient: bool) -> dict[str, Wanted]:
        """The arrays by their names."""
        found = {"x": Wanted(TensorKey("value", *self.node.inputs["x"]), self.x[1:], row)}
        for name, shape in self._learnt().items():
            found[name] = Wanted(TensorKey("value", *self._end(name)), shape)
        spec = self.whole.specs.get((self.node.key, "y"))
        if with_gradient and spec is not None:
            sizes = tuple(int(str(size)) for size in spec.shape[1:])
            found["dy"] = Wanted(TensorKey("grad", self.node.key, "y"), sizes, row)
        return found

    def _learnt(self) -> dict[str, tuple[int, ...]]:
        shapes = self.op.learnable(x=Spec(self.x))
        return {name: tuple(int(str(size)) for size in shape) for name, shape in shapes.items()}

    def _end(self, name: str) -> End:
        return self.node.inputs.get(name, (self.node.key, name))

    def asked_about(
        self, mode: str, out: int, at: tuple[int, int], row: int
    ) -> tuple[str, str, str, Any] | None:
        """(kind, key, socket, index) of a number of the result as the engine knows it; None where it has no such."""
        place = at if self.field == 2 else at[1:]
        if mode in (FORWARD, BACK) and not self.changes:
            return "value" if mode == FORWARD else "grad", self.node.key, "y", (row, out, *place)
        return None

    def asked_about_input(
        self, mode: str, element: tuple[int, int, int], row: int
    ) -> tuple[str, str, str, Any] | None:
        """The same of a number of x."""
        place = element if self.field == 2 else (element[0], element[2])
        key, output = self.node.inputs["x"]
        if mode in (FORWARD, BACK) and not self.changes:
            return "value" if mode == FORWARD else "grad", key, output, (row, *place)
        return None

    # What is played

    def scene(self, trial: Trial, arrays: Mapping[str, Any]) -> Scene:
        """With filters as large as the trial has them."""
        assert trial.sliding is not None
        weight = arrays.get("weight")
        if weight is not None and trial.sliding.window is not None:
            weight = refitted(weight, trial.sliding.window.kernel[-self.field :])
        return Scene.of(trial.sliding, arrays["x"], weight, arrays.get("bias"))

    def upstream(self, arrays: Mapping[str, Any]) -> Floats:
        """The gradient of the result as images."""
        dy: Floats = arrays["dy"]
        return dy[:, None] if dy.ndim == 2 else dy

    def act(self, scene: Scene, mode: str, out: int, channel: int | None, dy: Floats | None) -> Act:
        """What the stage plays in that mode."""
        x, y = self.source, self.name
        if mode == FORWARD or dy is None:
            return Act(scene, out, channel, names=(x, "filter", y))
        if mode == BACK:
            return Act(scene, out, channel, dy, (x, "filter", y))
        group = scene.sliding.group(out)
        one = channel if channel is not None else group.start
        if mode == BACK_AS:
            return Act(as_correlation(scene, dy), one, names=(f"∂{y}", "flipped filter", f"∂{x}"))
        turned = weight_correlation(scene, dy, out, one)
        names = (f"{x}[{one}]", f"∂{y}[{out}] as a filter", "∂filter")
        return Act(turned, 0, names=names, ahead=(out, one - group.start))
