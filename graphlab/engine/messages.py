"""What the window and the engine process say to each other: msgspec records, arrays as raw bytes, no pickle.

A frame on the pipe is an 8-byte little-endian length and a MessagePack payload. Arrays inside a record travel as an
extension type: dtype, shape, bytes.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from ..errors import EngineLostError
from ..ops.explanation_text import Explanation

Array = npt.NDArray[Any]
LONGEST = 1 << 31
_ARRAY = 1


class TensorKey(msgspec.Struct, frozen=True, order=True):
    """Names an array of the run.

    kind: "value" or "grad" of an output or of a learnable socket; "term" for what one edge adds to a gradient.
    node: node id. socket: the output or learnable socket; for a term "target id.input".
    """

    kind: str
    node: str
    socket: str


class Watched(msgspec.Struct, frozen=True):
    """A tensor somebody looks at; at most `limit` of its elements are sent."""

    key: TensorKey
    limit: int = 256


# Commands: window → engine


class Load(msgspec.Struct, frozen=True, tag=True):
    """Compile this document. `keep`: carry over the weights of parameters that stayed.

    `run` numbers the compiled document; events carry it, so that stale ones are ignored. `document`: its JSON bytes;
    with `since`, what made it of the document with that number (`graph.patch`).
    """

    run: int
    document: bytes
    keep: bool = True
    since: int = 0


class Rows(msgspec.Struct, frozen=True, tag=True):
    """The rows of a file that a document names by this hash (see `data.store`); once for each process, before Load."""

    content: str
    cells: Any


class SetWeights(msgspec.Struct, frozen=True, tag=True):
    """Puts values into learnable parameters, by "node name.socket".

    A checkpoint's `state` restores the optimizer and the step.
    """

    arrays: dict[str, Any]
    state: dict[str, Any] = {}


class Watch(msgspec.Struct, frozen=True, tag=True):
    """From now on, send these, and only these."""

    items: tuple[Watched, ...]


class Step(msgspec.Struct, frozen=True, tag=True):
    """Carry out so many entries of the schedule; `heed`: up to the first breakpoint."""

    count: int = 1
    heed: bool = False


class Back(msgspec.Struct, frozen=True, tag=True):
    """Take so many entries back."""

    count: int = 1


class RunTo(msgspec.Struct, frozen=True, tag=True):
    """Go to just after the entry of that node (id) in that phase; `phase` "update" needs no node."""

    node: str
    phase: str


class GoTo(msgspec.Struct, frozen=True, tag=True):
    """Go to a place in the schedule of the present step: 0 is before everything, forwards or back."""

    cursor: int


class Phase(msgspec.Struct, frozen=True, tag=True):
    """Drain "forward", "backward" or "update" (with all before it)."""

    phase: str


class Train(msgspec.Struct, frozen=True, tag=True):
    """Train until paused, or for so many steps (0: the document's epochs)."""

    steps: int = 0


class Pause(msgspec.Struct, frozen=True, tag=True):
    """Stop training after the present step."""


class Reset(msgspec.Struct, frozen=True, tag=True):
    """Fresh weights, optimizer and step 0, from the document's seed."""


class Breakpoint(msgspec.Struct, frozen=True, order=True):
    """The run pauses after that node's entry in that phase, if the condition (see `conditions`) is met; "": always."""

    node: str
    phase: str
    condition: str = ""


class Breakpoints(msgspec.Struct, frozen=True, tag=True):
    """These, and only these, from now on."""

    entries: tuple[Breakpoint, ...]


class Probe(msgspec.Struct, frozen=True, order=True):
    """A number to be watched: an expression (see `conditions`) at a node."""

    node: str
    expression: str


class Probes(msgspec.Struct, frozen=True, tag=True):
    """From now on say what these come to, and only these, with every frame."""

    entries: tuple[Probe, ...]


class SetElement(msgspec.Struct, frozen=True, tag=True):
    """Changes one number of a learnable parameter or of a fed input."""

    node: str
    socket: str
    index: tuple[int, ...]
    value: float


class Snapshot(msgspec.Struct, frozen=True, tag=True):
    """Send all weights; answered by Weights with the same `request`."""

    request: int


class GradientCheck(msgspec.Struct, frozen=True, tag=True):
    """Compare all gradients with finite differences; answered by Checked."""


class Explain(msgspec.Struct, frozen=True, tag=True):
    """Say how one element came about; answered by Explained with the same `request`.

    kind, node, socket: as `TensorKey` has them, but for kind "term", where node and socket are the input that the wire
    ends in. `terms` of it are told one by one.
    """

    request: int
    kind: str
    node: str
    socket: str
    index: tuple[int, ...]
    terms: int = 50


class Tally(msgspec.Struct, frozen=True, tag=True):
    """Add up what the graph takes, which is too slow to be done after each edit; answered by Totals."""


class Measure(msgspec.Struct, frozen=True, tag=True):
    """Time every node as it runs in training, for about a second; answered by Profiled. The step begins anew."""


class Examine(msgspec.Struct, frozen=True, tag=True):
    """Say how the nodes are doing in the present pass, going on to the end of backward first; answered by Examined."""


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """End the process."""


Command = (
    Load
    | Rows
    | SetWeights
    | Watch
    | Step
    | Back
    | RunTo
    | GoTo
    | Phase
    | Train
    | Pause
    | Reset
    | Breakpoints
    | Probes
    | SetElement
    | Snapshot
    | GradientCheck
    | Explain
    | Tally
    | Measure
    | Examine
    | Shutdown
)

# Events: engine → window


class ScheduleEntry(msgspec.Struct, frozen=True):
    """One line of the schedule: phase "forward" | "backward" | "update", node id ("" for the update)."""

    phase: str
    node: str


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
    | Totals
    | Profiled
    | Examined
    | Probed
    | Failed
)


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        head = msgspec.msgpack.encode((array.dtype.str, value.shape))
        return msgspec.msgpack.Ext(_ARRAY, struct.pack("<I", len(head)) + head + array.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _unpack(code: int, data: memoryview) -> Array:
    (length,) = struct.unpack_from("<I", data)
    dtype, shape = msgspec.msgpack.decode(data[4 : 4 + length], type=tuple[str, tuple[int, ...]])
    return np.frombuffer(data, dtype=np.dtype(dtype), offset=4 + length).reshape(shape).copy()


_encoder = msgspec.msgpack.Encoder(enc_hook=_pack)
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command, ext_hook=_unpack)
_events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event, ext_hook=_unpack)


def encode(message: Command | Event) -> bytes:
    """The frame of a message, length included."""
    payload = _encoder.encode(message)
    return struct.pack("<Q", len(payload)) + payload


def decode_command(payload: bytes) -> Command:
    """The command in a payload. msgspec.DecodeError when it is none."""
    return _commands.decode(payload)


def decode_event(payload: bytes) -> Event:
    """The event in a payload. msgspec.DecodeError when it is none."""
    return _events.decode(payload)


def read_payload(stream: BinaryIO) -> bytes | None:
    """The next payload of a pipe; None at its end. EngineLostError when it breaks off in the middle."""
    head = stream.read(8)
    if not head:
        return None
    (length,) = struct.unpack("<Q", head.ljust(8, b"\0"))
    payload = stream.read(length) if len(head) == 8 and length <= LONGEST else b""
    if len(payload) != length or len(head) != 8:
        raise EngineLostError("The pipe to the engine broke off in the middle of a message.")
    return payload
