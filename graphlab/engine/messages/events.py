"""What the engine process tells the window, asked or unasked."""

from __future__ import annotations

from typing import Any

import msgspec

from ...ops.explanation_text import Explanation
from .records import ScheduleEntry, TensorKey


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process is up."""

    pid: int


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The document is compiled. `trainable`: whether it has a goal, something to learn, and data."""

    run: int
    schedule: tuple[ScheduleEntry, ...]
    parameters: int
    trainable: bool
    batches_per_epoch: int


class Status(msgspec.Struct, frozen=True, tag=True):
    """Where the run is. `cursor` entries of the present step are done; `entry` is the last one done, None at 0.

    state: "idle", "training", "paused" (at a breakpoint or by hand) or "finished". `hit`: the breakpoint that it is
    paused at, in words, with the numbers that met its condition.
    """

    run: int
    state: str
    step: int
    epoch: int
    cursor: int
    entry: ScheduleEntry | None
    steps_per_second: float = 0.0
    hit: str = ""


class Stats(msgspec.Struct, frozen=True):
    """Of all finite elements: least, mean, greatest, standard deviation, Euclidean norm; and counts.

    `about`: a sample has been looked at, and speaks for the whole.
    """

    low: float
    mean: float
    high: float
    std: float
    norm: float
    zeros: int
    bad: int
    count: int
    about: bool = False


class Tensor(msgspec.Struct, frozen=True):
    """One watched array: full `shape`, statistics of all of it, and as much as was asked for.

    `array` is a leading block along each axis (`array.shape` ≤ `shape` elementwise, same number of axes). `fresh` is
    False when the present step has not computed it yet; then the array is what the last one left.
    """

    key: TensorKey
    shape: tuple[int, ...]
    dtype: str
    fresh: bool
    stats: Stats
    array: Any


class Frame(msgspec.Struct, frozen=True, tag=True):
    """All that is watched, as it is now. What was never computed since the document was compiled is not in it."""

    run: int
    step: int
    tensors: tuple[Tensor, ...]


class ReportRecord(msgspec.Struct, frozen=True):
    """What an epoch came to; `step` is the step after which it was measured. None: there is no validation part."""

    epoch: int
    step: int
    loss: float
    metrics: dict[str, float]
    validation_loss: float | None
    validation_metrics: dict[str, float]
    seconds: float


class Scalars(msgspec.Struct, frozen=True, tag=True):
    """The losses of the steps `first`, `first`+1, … since the last such event, none left out, and reports if any."""

    run: int
    first: int
    losses: Any
    reports: tuple[ReportRecord, ...] = ()


class Weights(msgspec.Struct, frozen=True, tag=True):
    """All weights by "node name.socket", running statistics among them ("bn.running_mean").

    `request` 0: a checkpoint sent unasked; `state` restores the optimizer and the step.
    """

    run: int
    request: int
    arrays: dict[str, Any]
    state: dict[str, Any] = {}


class Checked(msgspec.Struct, frozen=True, tag=True):
    """The gradient check: greatest relative error for each parameter, by "node id.socket"."""

    run: int
    errors: dict[str, float]
    passed: bool


class Explained(msgspec.Struct, frozen=True, tag=True):
    """How an element came about, or why that cannot be told: `message` and `hint`."""

    run: int
    request: int
    explanation: Explanation | None
    message: str = ""
    hint: str = ""


class Looked(msgspec.Struct, frozen=True, tag=True):
    """A part of an array as it is at that place of the run, or why there is none: `message` and `hint`.

    `spans` and `pool` are those asked for, the spans cut to the `shape` that the array has now.
    """

    run: int
    request: int
    shape: tuple[int, ...] = ()
    dtype: str = ""
    fresh: bool = False
    spans: tuple[tuple[int, int, int], ...] = ()
    pool: str = ""
    array: Any = None
    message: str = ""
    hint: str = ""


class Surveyed(msgspec.Struct, frozen=True, tag=True):
    """An array as a whole (see `engine.survey`); `stats` None: there is none, or none yet.

    bad, low, high: full indices of the first NaN or infinity, of the least and of the greatest element. counts, edges:
    how the finite elements are spread, in a large array by a sample; None where nobody asked or there are none.
    """

    run: int
    request: int
    stats: Stats | None = None
    nans: int = 0
    infinities: int = 0
    bad: tuple[int, ...] | None = None
    low: tuple[int, ...] | None = None
    high: tuple[int, ...] | None = None
    counts: Any = None
    edges: Any = None


class Ranged(msgspec.Struct, frozen=True, tag=True):
    """The largest magnitude in what this pass has computed: by kind in the whole graph, and by kind and node key."""

    run: int
    request: int
    whole: dict[str, float]
    nodes: dict[str, dict[str, float]]


class Exported(msgspec.Struct, frozen=True, tag=True):
    """An array is in a file of that many bytes, or why it is not: `message` and `hint`."""

    run: int
    request: int
    path: str
    size: int = 0
    message: str = ""
    hint: str = ""


class Totals(msgspec.Struct, frozen=True, tag=True):
    """What the part of the graph that runs takes.

    forward, backward: floating-point operations for one example; None where a size is open until something is fed.
    memory: bytes of a run with `batch` examples at once, None likewise; `learnt` of them are parameters, their
    gradients and what the optimizer keeps.
    """

    run: int
    forward: int | None
    backward: int | None
    memory: int | None
    learnt: int
    batch: int


class Profiled(msgspec.Struct, frozen=True, tag=True):
    """The seconds that each node takes, (forward, backward) by its key; those of the update stand under ""."""

    run: int
    seconds: dict[str, tuple[float, float]]


class Probed(msgspec.Struct, frozen=True, tag=True):
    """What the probes come to, in their order; NaN for what is not there, or not computed in this pass.

    step, cursor: where the run is; at the end of a step, the number of that step.
    """

    run: int
    step: int
    cursor: int
    values: tuple[float, ...]


class Vital(msgspec.Struct, frozen=True):
    """How a node is doing in one batch: see `vitals`.

    examples, units: the rows and columns of its value as a matrix (of images: pixels and channels). dead: units that
    gave 0 in every row, of an op in which such a unit learns nothing. saturated: share of its values near a bound.
    is_constant: all rows are alike. gradient, parameters: root mean square of its output's gradient and of the gradient
    of what it owns; −1 where there is none.
    """

    node: str
    examples: int
    units: int
    dead: int
    saturated: float
    is_constant: bool
    gradient: float
    parameters: float


class Examined(msgspec.Struct, frozen=True, tag=True):
    """The vitals of every node that was computed, in the order of computing."""

    run: int
    vitals: tuple[Vital, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A command could not be carried out; the run is where it was."""

    message: str
    hint: str = ""
    node: str = ""


Event = (
    Ready
    | Loaded
    | Status
    | Frame
    | Scalars
    | Weights
    | Checked
    | Explained
    | Looked
    | Surveyed
    | Ranged
    | Exported
    | Totals
    | Profiled
    | Examined
    | Probed
    | Failed
)
