"""What the engine process tells the window, asked or unasked."""

from __future__ import annotations

from typing import Any

import msgspec

from ...ops.explanation_text import Explanation
from ..check_report import ArrayCheck
from .experiments import LossMapped, Raced, RatesTried, Walked
from .fields import FieldMapped
from .moments import Compared, Forgotten, Remembered
from .records import Asked, ScheduleEntry, TensorKey
from .sequences import Reached, Unfolded
from .single import SampleShown
from .travel import Improved, Joined, Parted, Stopped, Trail, Travelled, Travelling
from .wants import Because, Climbed, Dreamt, FoundBest


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process is up."""

    pid: int


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The document is compiled. `trainable`: whether it has a goal, something to learn, and data.

    asked: what backward starts from instead of the loss, which the schedule then is of. rows: of the training split.
    """

    run: int
    schedule: tuple[ScheduleEntry, ...]
    parameters: int
    trainable: bool
    batches_per_epoch: int
    asked: Asked | None = None
    rows: int = 0


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
    """Of what is watched, all that looks different from when it was sent before; of another `run`, all there is.

    What was never computed since the document was compiled is not in it.
    """

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


class Checking(msgspec.Struct, frozen=True, tag=True):
    """The gradient check goes on: so many of all the elements have been tried."""

    run: int
    done: int
    total: int


class Checked(msgspec.Struct, frozen=True, tag=True):
    """The gradient check: greatest relative error for each parameter, by "node id.socket".

    checks: every array that was looked at. culprits: keys of the nodes that hand back something wrong. step: at which
    the run stood. stopped: it was told to stop, and the rest was not looked at. left_out: parameters that were not
    moved for want of time.
    """

    run: int
    errors: dict[str, float]
    passed: bool
    checks: tuple[ArrayCheck, ...] = ()
    culprits: tuple[str, ...] = ()
    step: int = 0
    stopped: bool = False
    left_out: int = 0


class Explained(msgspec.Struct, frozen=True, tag=True):
    """How an element came about, or why that cannot be told: `message` and `hint`."""

    run: int
    request: int
    explanation: Explanation | None
    message: str = ""
    hint: str = ""


class Evaluated(msgspec.Struct, frozen=True, tag=True):
    """The values of the ends that were asked for, in their order; or why there are none: `message` and `hint`.

    step: how many updates the weights have seen. rows: which rows of the data went in. seconds: how long it took.
    """

    run: int
    request: int
    step: int
    values: tuple[Any, ...]
    rows: Any = None
    message: str = ""
    hint: str = ""
    seconds: float = 0.0


class Circling(msgspec.Struct, frozen=True, tag=True):
    """What the stages of the loop hold, after so many updates (`step`).

    epoch, batch: of the batch that was fed last, from 0, of so many `batches`; rows: the numbers of its first rows, of
    `size`. gradient, update: Euclidean norms over all that is learnt; NaN for what is not known. rate: the learning
    rate of the update just made, or else of the next. seconds: how long it took to find all this.
    """

    run: int
    request: int
    step: int
    epoch: int
    batch: int
    batches: int
    rows: tuple[int, ...]
    size: int
    is_fed: bool
    loss: float
    gradient: float
    update: float
    optimizer: str
    rate: float
    seconds: float = 0.0


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


class Sampled(msgspec.Struct, frozen=True, tag=True):
    """What the probes came to after earlier steps of the training under way: `values` (n, probes) after `steps` (n)."""

    run: int
    steps: Any
    values: Any


class Norms(msgspec.Struct, frozen=True, tag=True):
    """(n, parameters, 3): Euclidean norms of gradient, update and weights after `steps` (n); see `engine.norms`.

    In the order of the WatchNorms with that `request`.
    """

    run: int
    request: int
    steps: Any
    values: Any


class Spreads(msgspec.Struct, frozen=True, tag=True):
    """Histograms after `steps` (n) of the arrays of the WatchSpreads with that `request`; see `engine.spreads`.

    exponents, firsts, bad: (n, arrays). counts: (n, arrays, bins); all zero where there was nothing to count.
    """

    run: int
    request: int
    steps: Any
    exponents: Any
    firsts: Any
    counts: Any
    bad: Any


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


class Pair(msgspec.Struct, frozen=True, tag=True):
    """An array in A, in B, and B − A in float64; None where it is not there.

    per_gradient: for a parameter of which a gradient is kept, the number k for which −k·gradient is nearest to B − A,
    and `gradient_cosine` how well it fits (−1: exactly); None where there is no gradient.
    """

    run: int
    request: int
    key: TensorKey
    a: Tensor | None
    b: Tensor | None
    difference: Tensor | None
    per_gradient: float | None = None
    gradient_cosine: float | None = None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A command could not be carried out; the run is where it was. `step`: one that can be gone back to, 0 for none."""

    message: str
    hint: str = ""
    node: str = ""
    step: int = 0


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


Event = (
    Ready
    | Loaded
    | Status
    | Frame
    | Scalars
    | Weights
    | Checking
    | Checked
    | Explained
    | Evaluated
    | Circling
    | Reached
    | Unfolded
    | Totals
    | Profiled
    | Examined
    | Probed
    | Edited
    | Recomputed
    | Supposed
    | Sampled
    | Remembered
    | Forgotten
    | Compared
    | Pair
    | Failed
    | Looked
    | Surveyed
    | Ranged
    | Exported
    | Norms
    | Trail
    | Parted
    | Joined
    | Travelling
    | Travelled
    | Stopped
    | Improved
    | LossMapped
    | Walked
    | RatesTried
    | Raced
    | Climbed
    | FieldMapped
    | FoundBest
    | Because
    | Dreamt
    | Spreads
    | SampleShown
)
