"""Ways into what repeats a cell: a step of a path is the id of a group node, or "n5/t=3", a copy of an Unroll node's.

Keys of the flat graph begin like that, too, so a path is also the beginning of the keys of what one sees there.
"""

from __future__ import annotations

from collections.abc import Iterable

MARK = "t="
BETWEEN = (
    " "  # in the keys of what stands around the copies, "n5/in x", and at the ports of one, "n5/t=3/keep h"
)


def node_of(step: str) -> str:
    """The node that a step enters."""
    return step.partition("/")[0]


def time_of(step: str) -> int:
    """Which copy it enters; −1 for a group, which is there once."""
    _, _, copy = step.partition(f"/{MARK}")
    return int(copy) if copy.isdecimal() else -1


def into(node: str, t: int) -> str:
    """The step into a copy."""
    return f"{node}/{MARK}{t}"


def bare(path: Iterable[str]) -> tuple[str, ...]:
    """The nodes on a path, whichever copies it leads through."""
    return tuple(map(node_of, path))


def path_of(prefix: str) -> tuple[str, ...]:
    """The path to the sheet whose keys begin like that: of "n5/t=3/n2/" the steps "n5/t=3" and "n2"."""
    path: list[str] = []
    for part in prefix.split("/")[:-1]:
        if part.startswith(MARK) and path:
            path[-1] = f"{path[-1]}/{part}"
        else:
            path.append(part)
    return tuple(path)


def place_of(key: str) -> tuple[tuple[str, ...], str]:
    """The path to the sheet that a node of the flat graph stands on, and its id there.

    What stands around the copies of an Unroll node is seen at that node.
    """
    sheet, _, node = key.rpartition("/")
    if BETWEEN in node:
        sheet, _, node = sheet.rpartition("/")
        if node.startswith(MARK):
            sheet, _, node = sheet.rpartition("/")
    return path_of(f"{sheet}/" if sheet else ""), node
