"""What the window tells the engine process, and asks it."""

from __future__ import annotations

from typing import Any

import msgspec

from .experiments import FindRate, MapLoss, StartRace, StopExperiment
from .fields import MapField
from .moments import Compare, Forget, LookAt, Remember
from .records import Asked, Breakpoint, Probe, TensorKey, Watched
from .sequences import Reach, Unfold
from .single import LookAtSample
from .travel import KeepStates, Part, Rejoin, Travel
from .wants import AskWhy, FindBest, StartClimb, StartDream


class Load(msgspec.Struct, frozen=True, tag=True):
    """Compile this document. `keep`: carry over the weights of parameters that stayed.

    `run` numbers the compiled document; events carry it, so that stale ones are ignored. `document`: its JSON bytes;
    with `since`, what made it of the document with that number (`graph.patch`). adopted: it is what the Travelled with
    that number said.
    """

    run: int
    document: bytes
    keep: bool = True
    since: int = 0
    adopted: int = 0


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
    """Carry out so many entries of the schedule.

    since: up to the first breakpoint; the step and the place in it where one who plays has begun. Whoever sends several
        goes on from a breakpoint that stood there, and does not run over the next one with what was sent too late.
    """

    count: int = 1
    since: tuple[int, int] | None = None


class Back(msgspec.Struct, frozen=True, tag=True):
    """Take so many entries back."""

    count: int = 1


class Stride(msgspec.Struct, frozen=True, tag=True):
    """Step as one sees it from the sheet whose nodes' keys begin with `sheet`: "over", "out" or "back" over.

    `apart`: the insides of the Unroll nodes whose copies are seen one by one. See `engine.strides`.
    """

    sheet: str
    way: str
    apart: tuple[str, ...] = ()


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
    """Train until paused, or for so many steps (0: the document's epochs), or to the end of the `epoch` under way."""

    steps: int = 0
    epoch: bool = False


class ToStage(msgspec.Struct, frozen=True, tag=True):
    """Go on to the end of a stage of the loop (see `engine.circuit`); "" for the one that is next."""

    stage: str = ""


class Pause(msgspec.Struct, frozen=True, tag=True):
    """Stop training after the present step."""


class Reset(msgspec.Struct, frozen=True, tag=True):
    """Fresh weights, optimizer and step 0, from the document's seed."""


class Breakpoints(msgspec.Struct, frozen=True, tag=True):
    """These, and only these, from now on."""

    entries: tuple[Breakpoint, ...]


class Probes(msgspec.Struct, frozen=True, tag=True):
    """From now on say what these come to, and only these, with every frame."""

    entries: tuple[Probe, ...]


class WatchNorms(msgspec.Struct, frozen=True, tag=True):
    """From now on say how large gradient, update and weights of these parameters are, by (node, socket); () of none."""

    request: int
    ends: tuple[tuple[str, str], ...]


class WatchSpreads(msgspec.Struct, frozen=True, tag=True):
    """From now on say how the elements of these arrays are spread, with every frame or less often; () of none."""

    request: int
    keys: tuple[TensorKey, ...]


class SetElements(msgspec.Struct, frozen=True, tag=True):
    """Changes numbers of a learnable parameter, of what was fed, or of a constant; answered by Edited."""

    request: int
    node: str
    socket: str
    places: tuple[tuple[int, ...], ...]
    values: tuple[float, ...]


class Suppose(msgspec.Struct, frozen=True, tag=True):
    """What the goal would be if one number were larger by each of `deltas`; answered by Supposed."""

    request: int
    node: str
    socket: str
    index: tuple[int, ...]
    deltas: tuple[float, ...]


class Snapshot(msgspec.Struct, frozen=True, tag=True):
    """Send all weights; answered by Weights with the same `request`."""

    request: int


class GradientCheck(msgspec.Struct, frozen=True, tag=True):
    """Compare gradients with finite differences, in slices; followed by Checking events and answered by Checked.

    nodes: their keys; () for all. inputs: also the gradients of what the graph is fed.
    """

    nodes: tuple[str, ...] = ()
    inputs: bool = False


class StopCheck(msgspec.Struct, frozen=True, tag=True):
    """Enough of the gradient check under way; answered by Checked with what was found until now."""


class Differentiate(msgspec.Struct, frozen=True, tag=True):
    """From now on go back from this instead of the loss, at once; with None from the loss again. Answered by Loaded."""

    asked: Asked | None = None


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


class Circuit(msgspec.Struct, frozen=True, tag=True):
    """Say what each stage of the loop holds; answered by Circling."""

    request: int


class Evaluate(msgspec.Struct, frozen=True, tag=True):
    """Compute values beside the run, with dropout off; answered by Evaluated with the same `request`.

    ends: (node, output) of the values wanted, by the engine's keys. Either `given` holds arrays for sources, by
    "key.output", or they come from the rows of a `split` ("train", "validation", "test"): those at the positions
    `rows`, or all.
    """

    request: int
    ends: tuple[tuple[str, str], ...]
    given: dict[str, Any] = {}
    split: str = ""
    rows: tuple[int, ...] | None = None


class Tally(msgspec.Struct, frozen=True, tag=True):
    """Add up what the graph takes, which is too slow to be done after each edit; answered by Totals."""


class Measure(msgspec.Struct, frozen=True, tag=True):
    """Time every node as it runs in training, for about a second; answered by Profiled. The step begins anew."""


class Examine(msgspec.Struct, frozen=True, tag=True):
    """Say how the nodes are doing in the present pass, going on to the end of backward first; answered by Examined.

    `by_the_way`: nobody asked, so it is not answered where the pass is not at its end, or of something else than the
    loss.
    """

    by_the_way: bool = False


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """End the process."""


class Look(msgspec.Struct, frozen=True, tag=True):
    """Send a part of an array, exact or pooled (see `engine.regions`); answered by Looked with the same `request`.

    `spans` that reach beyond the array, which may be another by now, are cut to it.
    """

    request: int
    key: TensorKey
    spans: tuple[tuple[int, int, int], ...]
    pool: str = "extreme"


class Survey(msgspec.Struct, frozen=True, tag=True):
    """Say what an array is like as a whole; answered by Surveyed.

    `quick`: by a sample where it is large. `bins`: into how many its elements are counted, 0 for none.
    """

    request: int
    key: TensorKey
    quick: bool = False
    bins: int = 0


class Range(msgspec.Struct, frozen=True, tag=True):
    """Say how large the largest numbers are, of each node and of the whole graph; answered by Ranged."""

    request: int


class Export(msgspec.Struct, frozen=True, tag=True):
    """Write a whole array into a .npy file at that path; answered by Exported."""

    request: int
    key: TensorKey
    path: str


Command = (
    Load
    | Rows
    | SetWeights
    | Watch
    | Step
    | Back
    | Stride
    | RunTo
    | GoTo
    | Phase
    | Train
    | ToStage
    | Circuit
    | Reach
    | Unfold
    | Pause
    | Reset
    | Breakpoints
    | Probes
    | SetElements
    | Suppose
    | Snapshot
    | GradientCheck
    | Differentiate
    | StopCheck
    | Explain
    | Evaluate
    | Tally
    | Measure
    | Examine
    | Remember
    | Forget
    | Compare
    | LookAt
    | Shutdown
    | Look
    | Survey
    | Range
    | Export
    | WatchNorms
    | Travel
    | Rejoin
    | Part
    | KeepStates
    | MapLoss
    | FindRate
    | StartRace
    | StartClimb
    | FindBest
    | AskWhy
    | MapField
    | StartDream
    | StopExperiment
    | WatchSpreads
    | LookAtSample
)
