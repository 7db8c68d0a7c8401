"""How convolutions say themselves in NumPy: as sums of products over all windows, by einsum.

Letters: n example, c channel of x, o channel of y, g group of channels, h and w (or l) a window, i and j a place in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import recipe_windows
from .recipe import Recipe, sizes_text
from .windows import Window

Shapes = Mapping[str, tuple[int, ...]]

TOOLS = (recipe_windows.windows, recipe_windows.windows_gradient)


def moving(window: Window, axes: int, count: tuple[int, ...]) -> tuple[str, str]:
    """What `windows` and `windows_gradient` are told of a window that stands at so many places."""
    steps = ", ".join(f"{name}={getattr(window, name)[-axes:]}" for name in ("stride", "padding", "dilation"))
    return f"kernel={window.kernel[-axes:]}, {steps}, count={count}", steps


def convolving(op: Any, shapes: Shapes) -> Recipe:
    """Each window of x times each filter."""
    forth, back = moving(op.window, op.field, shapes["y"][2:])
    parts = (*shapes["x"][:2], *shapes["y"][2:], *op.window.kernel[-op.field :])
    patches, kernel, result = _letters(op, "c", "o", "oc")
    given = _grouped("parts", parts, op.groups)
    weight, dy = _grouped("weight", shapes["weight"], op.groups, 0), _grouped("dy", shapes["y"], op.groups)
    y = f'np.einsum("{patches},{kernel}->{result}", {given}, {weight})'
    dparts = f'np.einsum("{result},{kernel}->{patches}", {dy}, {weight})'
    dweight = f'np.einsum("{result},{patches}->{kernel}", {dy}, {given})'
    return Recipe(
        f"parts = windows(x, {forth})\ny = {_whole(y, shapes['y'], op.groups)}{_bias(shapes)}",
        f"""
        dparts = {_whole(dparts, parts, op.groups)}
        dx = windows_gradient(dparts, x.shape, {back})
        dweight = {_whole(dweight, shapes["weight"], op.groups)}
        dbias = dy.sum(axis={_places(shapes)})
        """,
        TOOLS,
    )


def deconvolving(op: Any, shapes: Shapes) -> Recipe:
    """The other way round: each pixel of x lays its filters into a window of y, and where they overlap they add up."""
    forth, back = moving(op.window, op.field, shapes["x"][2:])
    parts = (*shapes["y"][:2], *shapes["x"][2:], *op.window.kernel[-op.field :])
    patches, kernel, given = _letters(op, "o", "c", "co")
    x, weight = _grouped("x", shapes["x"], op.groups), _grouped("weight", shapes["weight"], op.groups, 0)
    dparts = _grouped("dparts", parts, op.groups)
    spread = f'np.einsum("{given},{kernel}->{patches}", {x}, {weight})'
    dx = f'np.einsum("{patches},{kernel}->{given}", {dparts}, {weight})'
    dweight = f'np.einsum("{patches},{given}->{kernel}", {dparts}, {x})'
    return Recipe(
        f"""
        parts = {_whole(spread, parts, op.groups)}
        y = windows_gradient(parts, {shapes["y"]}, {back}){_bias(shapes)}
        """,
        f"""
        dparts = windows(dy, {forth})
        dx = {_whole(dx, shapes["x"], op.groups)}
        dweight = {_whole(dweight, shapes["weight"], op.groups)}
        dbias = dy.sum(axis={_places(shapes)})
        """,
        TOOLS,
    )


def _letters(op: Any, large: str, small: str, filters: str) -> tuple[str, str, str]:
    """The letters of all windows, of the filters, and of what has one number for each window."""
    places, inside = ("hw", "ij") if op.field == 2 else ("l", "i")
    g = "g" if op.groups > 1 else ""
    return f"n{g}{large}{places}{inside}", f"{g}{filters}{inside}", f"n{g}{small}{places}"


def _grouped(name: str, shape: tuple[int, ...], groups: int, axis: int = 1) -> str:
    """An array with its channels by group."""
    if groups == 1:
        return name
    return f"{name}.reshape({sizes_text((*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :]))})"


def _whole(text: str, shape: tuple[int, ...], groups: int) -> str:
    """What was computed by group in its own shape again."""
    return text if groups == 1 else f"{text}.reshape({sizes_text(shape)})"


def _bias(shapes: Shapes) -> str:
    return f" + bias[:, {', '.join(['None'] * (len(shapes['y']) - 2))}]" if "bias" in shapes else ""


def _places(shapes: Shapes) -> tuple[int, ...]:
    return (0, *range(2, len(shapes["y"])))
