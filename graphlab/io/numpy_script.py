"""What a script is: its lines, each with the entry of the schedule that it belongs to, and the arrays beside it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..engine.flatten import End
from .saving import write_atomically

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Numbers:
    """What a script begins with.

    arrays: what is fed, parameters, states, by end; what is missing is read from the file beside the script. sizes:
    those that are open in the plan. kept: the vectors of the optimizer by their name, each laid out like the trainable
    parameters.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[End, Array] = field(default_factory=dict)
    kept: Mapping[str, Array] = field(default_factory=dict)
    seed: int = 0
    step: int = 0
    training: bool = True


class Line(NamedTuple):
    """One line of the script, and the entry of the schedule that it belongs to ("" for none). `node` is a key."""

    text: str
    phase: str = ""
    node: str = ""


@dataclass(frozen=True)
class Script:
    """The lines, and the arrays that are too large to be written out, by their name in the file beside the script.

    outside: the names of all that is read from that file; `arrays` has those of them that were at hand. handed: by node
    to which one wire alone brings a gradient, the node behind that wire and the gradient's variable.
    """

    lines: tuple[Line, ...]
    arrays: Mapping[str, Array]
    outside: tuple[str, ...] = ()
    handed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines) + "\n"

    @cached_property
    def places(self) -> dict[tuple[str, str], list[int]]:
        """The lines of each entry, by (phase, key of the node).

        Where a gradient comes back along one wire only, nothing is left to add up at its node: the line is the one in
        which the node behind that wire hands it back.
        """
        found: dict[tuple[str, str], list[int]] = {}
        for at, line in enumerate(self.lines):
            if line.phase:
                found.setdefault((line.phase, line.node), []).append(at)
        for node, (consumer, variable) in self.handed.items():
            lines = [
                at for at in found.get(("backward", consumer), ()) if _assigns(self.lines[at].text, variable)
            ]
            if lines and ("backward", node) not in found:
                found["backward", node] = lines
        return found

    def save(self, path: Path) -> list[Path]:
        """Writes the script, and beside it its arrays if it has any; which files those are. SaveError."""
        beside = path.with_suffix(".npz")
        written_to = [path]
        if self.arrays:
            data = io.BytesIO()
            with zipfile.ZipFile(
                data, "w", zipfile.ZIP_DEFLATED
            ) as file:  # np.savez takes no array called "file"
                for name, array in self.arrays.items():
                    with file.open(f"{name}.npy", "w") as member:
                        np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
            write_atomically(beside, data.getvalue())
            written_to.append(beside)
        write_atomically(path, self.text.encode())
        return written_to


def _assigns(text: str, variable: str) -> bool:
    """Whether a line gives that variable its value."""
    return variable in re.findall(r"\w+", text.partition("=")[0]) and not text.startswith(" ")
