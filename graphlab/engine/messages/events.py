"""What the engine process tells the window, asked or unasked."""

from __future__ import annotations

from typing import Any

import msgspec

from ...ops.explanation_text import Explanation
from .records import Asked, ScheduleEntry, TensorKey


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process is up."""

    pid: int


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The document is compiled. `trainable`: whether it has a goal, something to learn, and data.

    asked: what backward starts from instead of the loss, which the schedule then is of.
    """

    run: int
    schedule: tuple[ScheduleEntry, ...]
    parameters: int
    trainable: bool
    batches_per_epoch: int
    asked: Asked | None = None


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
    """Of all finite elements: least, mean, greatest, standard deviation, Euclidean norm; and counts."""

    low: float
    mean: float
    high: float
    std: float
    norm: float
    zeros: int
    bad: int
    count: int


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


class Evaluated(msgspec.Struct, frozen=True, tag=True):
    """The values of the ends that were asked for, in their order; or why there are none: `message` and `hint`.

    step: how many updates the weights have seen. rows: which rows of the data went in.
    """

    run: int
    request: int
    step: int
    values: tuple[Any, ...]
    rows: Any = None
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


class RowOrder(msgspec.Struct, frozen=True):
    """In which order the rows of a data set come, where they are not shuffled.

    rows, size: how many are trained on, and in a batch. classes: of the targets, 0 where these are numbers; runs: of
    rows of one class that follow one another; seen: classes in a batch, on average. kinship: the correlation of a
    target that is a number with that of the row before.
    """

    rows: int
    size: int
    classes: int = 0
    runs: int = 0
    seen: float = 0.0
    kinship: float = 0.0


class Vital(msgspec.Struct, frozen=True):
    """How a node is doing in one batch: see `vitals`.

    examples, units: the rows and columns of its value as a matrix (of images: pixels and channels). dead: units that
    gave 0 in every row, of an op in which such a unit learns nothing; if `looked` is not 0, in so many rows of many
    batches. saturated: share of its values near a bound. is_constant: all rows are alike. gradient, parameters: root
    mean square of its output's gradient and of the gradient of what it owns; −1 where there is none. order: that of
    the rows it brings, if they are not shuffled.
    """

    node: str
    examples: int
    units: int
    dead: int
    saturated: float
    is_constant: bool
    gradient: float
    parameters: float
    order: RowOrder | None = None
    looked: int = 0


class Examined(msgspec.Struct, frozen=True, tag=True):
    """The vitals of every node that was computed, in the order of computing."""

    run: int
    vitals: tuple[Vital, ...]


class Edited(msgspec.Struct, frozen=True, tag=True):
    """Numbers were changed: what they were and what they are. Or why they were not: `message` and `hint`."""

    run: int
    request: int
    step: int
    node: str
    socket: str
    places: tuple[tuple[int, ...], ...]
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    message: str = ""
    hint: str = ""


class Recomputed(msgspec.Struct, frozen=True, tag=True):
    """These nodes, of `total` that the pass has computed, were computed again after numbers were changed."""

    run: int
    nodes: tuple[str, ...]
    total: int


class Supposed(msgspec.Struct, frozen=True, tag=True):
    """What if a number were another: see `what_if.WhatIf`. Or why that cannot be told: `message` and `hint`."""

    run: int
    request: int
    value: float = 0.0
    goal: str = ""
    before: float = 0.0
    deltas: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    gradient: float | None = None
    message: str = ""
    hint: str = ""


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
    | Evaluated
    | Totals
    | Profiled
    | Examined
    | Probed
    | Edited
    | Recomputed
    | Supposed
    | Failed
)
