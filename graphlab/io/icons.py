"""The drawings of operations as SVG text: `resources/icons/*.svg` on a 20-pixel grid, in `currentColor`."""

from __future__ import annotations

from functools import lru_cache

from ..ops import Op, by_role
from ..resources import resource


@lru_cache(maxsize=256)
def drawing(name: str) -> str:
    """SVG text of the icon `name`; a missing file is a bug and raises FileNotFoundError."""
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def exists(name: str) -> bool:
    """Whether there is a drawing of that name."""
    return resource("icons", f"{name}.svg").is_file()


def op_drawing(op_class: type[Op]) -> str:
    """Name of an operation's drawing; that of its family when someone else's operation brings none."""
    is_use = op_class.role in ("group", "unroll")  # a class made for one group, or for one that is repeated
    own = f"op-{by_role(op_class.role).__name__ if is_use else op_class.__name__}"
    if exists(own):
        return own
    family = f"family-{op_class.category.lower()}"
    return family if exists(family) else "family-math"
