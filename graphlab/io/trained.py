"""Examples that come with pre-trained parameters: the example's graph, and what it has learnt, in a file of its own."""

from __future__ import annotations

import functools

import msgspec

from ..errors import FileError
from ..graph import Graph
from ..resources import resource
from . import weight_files
from .examples import example
from .files import load
from .weights import Array


class Trained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of them: the name of the example, its title, the seed, and the share of held-out rows that it tells right."""

    name: str
    title: str
    seed: int
    accuracy: float

    @property
    def description(self) -> str:
        return f"{100 * self.accuracy:.1f} % of the held-out rows are told right."

    def read(self) -> tuple[Graph, dict[str, Array]]:
        """A copy of the graph, and its weights. FileError when the installation lost them."""
        graph, _ = load(example(self.name).path)
        return graph, weight_files.read(resource("trained") / f"{self.name}{weight_files.SAFETENSORS}")


@functools.cache
def trained() -> tuple[Trained, ...]:
    """Every one, in the order of the examples. FileError when the installation lost them."""
    try:
        return tuple(
            msgspec.json.decode((resource("trained") / "index.json").read_bytes(), type=list[Trained])
        )
    except (OSError, msgspec.DecodeError) as error:
        raise FileError(
            "The pre-trained parameters of this installation are missing or damaged.",
            hint="Install graphlab again.",
        ) from error


def trained_example(name: str) -> Trained:
    """The one of that name. FileError, with the names that there are, when it is none."""
    found = {each.name: each for each in trained()}
    if name not in found:
        raise FileError(f"There are no parameters of '{name}'.", hint=f"There are {', '.join(found)}.")
    return found[name]
