"""What a command works on: a file or an example, params changed on the way, arrays to feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
import numpy.typing as npt

from ..data.arrays import open_array
from ..engine import Run, Trainer
from ..engine.asked import Asked
from ..engine.goals import SUM, At, as_place
from ..errors import FeedError, FileError, GoalError, GraphlabError, ParamError
from ..graph import Graph
from ..graph.searching import apply
from ..graph.spaces import parse_value
from ..graph.sweep import COPIES, OP
from ..io.examples import SUFFIX, example, examples
from ..ops import Op

Array = npt.NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])

what: Callable[[F], F] = click.argument("what", metavar="FILE|EXAMPLE")
settings: Callable[[F], F] = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NODE.PARAM=VALUE",
    help="Change a param or the weights of a node, e.g. hidden.units=16 or hidden.weight=w.npy; which operation "
    "stands there (act.op=Tanh), or how often in a row (block.copies=3); or a training setting, e.g. momentum=0.8. "
    "May be repeated.",
)
feeds: Callable[[F], F] = click.option(
    "--feed",
    "feeds",
    multiple=True,
    metavar="NAME=VALUE",
    help="Feed an input: x=x.npy, x=3 or x=[[0,1]]. May be repeated.",
)

goal: Callable[[F], F] = click.option(
    "--goal",
    metavar="NODE[I,J]",
    default="",
    help="Take gradients of this instead of the loss: a number, an element such as hidden[0,2], or hidden[sum].",
)


@dataclass
class Source:
    """An opened document. `path` is None for an example. `weights` come from the file and from --set."""

    graph: Graph
    path: Path | None
    weights: dict[str, Array] = field(default_factory=dict)

    def dress(self, run: Run) -> Run:
        """Puts the weights into a run. UnknownNodeError, FeedError where they do not fit."""
        for name, values in self.weights.items():
            run.set(name, values)
        return run

    def run(self, fed: Mapping[str, Array], goal: str = "", at: str = "") -> Run:
        """A run that has its weights, and is fed: by what was given, else by its data set's first batch or literals.

        With `goal` ("hidden[0,2]", or "hidden" and `at` "0,2") it is asked about that, see `goal_of`.
        """
        run = self._fed_run(fed)
        self.dress(run)
        return Asked(run, *goal_of(goal, at)) if goal or at else run

    def _fed_run(self, fed: Mapping[str, Array]) -> Run:
        if not fed:
            try:
                return Trainer(self.graph, input_gradients=True, healthy_only=True).run
            except GraphlabError:
                pass  # it has no batches; what has values of its own runs all the same, and says what is missing
        run = Run(self.graph)
        if fed:
            run.feed(**fed)
        return run


def goal_of(goal: str, at: str = "") -> tuple[str, At]:
    """What --goal and --at ask about: "hidden[0,2]", "hidden[sum]", "loss". GoalError."""
    name, bracket, place = goal.partition("[")
    if not name.strip():
        raise GoalError("--at names no node.", hint="Write --goal hidden --at 0,2.")
    if bracket and at:
        raise GoalError("--goal and --at both name an element.", hint=f"Write --goal {name} --at {at}.")
    word = (at or place).strip().removesuffix("]").strip()
    return name.strip(), SUM if word == SUM else as_place(word)


def exists(word: str) -> bool:
    """Whether the word names a file, or an example."""
    return Path(word).exists() or word in {each.name for each in examples()}


def open_source(word: str, changes: Sequence[str] = (), *, weights: bool = True) -> Source:
    """The document in a file, or else the example of that name, with `changes` ("node.param=value") made.

    Raises:
        FileError: there is neither, or it cannot be read. ParamError, UnknownNodeError: a change is impossible.
    """
    from ..io import load

    path = Path(word)
    is_file = path.exists()
    graph, stored = load(path if is_file else _example_path(word))
    source = Source(graph, path if is_file else None, dict(stored) if weights else {})
    for change in changes:
        _change(source, change)
    return source


def arrays(given: Sequence[str]) -> dict[str, Array]:
    """The arrays of --feed by name. FeedError, FileError."""
    return {name: array_of(name, value) for name, value in (_split(item, "--feed") for item in given)}


def array_of(name: str, value: str) -> Array:
    """The array that VALUE means: a .npy file (never pickled objects), or numbers as JSON. FeedError, FileError."""
    if value.endswith((".npy", ".npz")):
        return open_array(Path(value))
    try:
        numbers = json.loads(value)
    except ValueError:
        raise FeedError(
            f"{name} cannot be {value!r}.",
            hint="Give a file such as x.npy, or numbers such as 3 or [[0, 1]].",
        ) from None
    try:
        return np.asarray(numbers)
    except ValueError:
        raise FeedError(f"{name} cannot be {value}: its rows differ in length.") from None


def _example_path(word: str) -> Path:
    if Path(word).suffix or "/" in word or "\\" in word:
        raise FileError(f"There is no file '{word}'.", hint="`graphlab examples` lists what is always there.")
    try:
        return example(word).path
    except FileError as error:
        raise FileError(f"There is no file or example '{word}'.", hint=error.hint) from None


def _change(source: Source, change: str) -> None:
    """Sets a param of a node, or keeps the values for its weights. ParamError, UnknownNodeError."""
    target, value = _split(change, "--set")
    name, dot, param = target.rpartition(".")
    if not dot and target not in source.graph.document.ids_by_name:
        source.graph.configure(**{target: _value(value)})
        return
    if not dot:
        raise ParamError(f"--set {change} names no param.", hint="Write --set hidden.units=16.")
    if "/" in name or _means_structure(source.graph, name, param):
        source.graph.replace(apply(source.graph.document, {target: parse_value(value)}), f"Set {target}")
        return
    node = source.graph.document.node(name)
    if _means_weights(node.make(), param, value):
        source.weights[target] = array_of(target, value)
    elif value.endswith(".npy"):
        source.graph.set(name, **{param: array_of(target, value).tolist()})
    else:
        source.graph.set(name, **{param: _value(value)})


def _means_structure(graph: Graph, name: str, param: str) -> bool:
    """Whether the operation itself is meant, or how often it stands in a row, rather than a param of that name."""
    return param in (OP, COPIES) and param not in graph.document.node(name).make().params_of


def _means_weights(op: Op, socket: str, value: str) -> bool:
    """Whether the weights of a socket are meant: it has no param of that name, or one that is only a switch."""
    if not any(each.name == socket and each.learnable for each in op.sockets()):
        return False
    return socket not in op.params_of or (
        op.params_of[socket].kind == "bool" and _value(value) not in (True, False)
    )


def _value(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def _split(item: str, option: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals or not name.strip() or not value.strip():
        example = "x=x.npy" if option == "--feed" else "hidden.units=16"
        raise FeedError(f"{option} {item} is not of the form NAME=VALUE.", hint=f"Write {option} {example}.")
    return name.strip(), value.strip()


__all__ = [
    "SUFFIX",
    "Array",
    "Source",
    "array_of",
    "arrays",
    "exists",
    "feeds",
    "goal",
    "goal_of",
    "open_source",
    "settings",
    "what",
]
