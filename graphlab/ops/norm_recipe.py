"""How normalisations say themselves in NumPy: all take a mean and a variance over some axes, and scale what is left."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from .recipe import Recipe

Shapes = Mapping[str, tuple[int, ...]]


def normalising(
    shapes: Shapes, over: tuple[int, ...], along: str = "", apart: tuple[int, ...] = ()
) -> Recipe:
    """The recipe of a norm over those axes of x, for a param `eps`.

    along: what turns weight and bias into something that fits x, such as `.reshape(-1, 1, 1)`.
    apart: the axes of x that weight and bias do not have; they are summed over.
    """
    axes = _axes(over)
    lines = f"""
        mean = x.mean(axis={axes}, keepdims=True)
        rate = 1 / np.sqrt(((x - mean) ** 2).mean(axis={axes}, keepdims=True) + eps)
        hat = (x - mean) * rate
        """
    mean = f".mean(axis={axes}, keepdims=True)"
    slope = f"rate * (slope - slope{mean} - hat * (slope * hat){mean})"
    return scaling(lines, slope, shapes, along, apart)


def scaling(lines: str, slope: str, shapes: Shapes, along: str, apart: tuple[int, ...]) -> Recipe:
    """The recipe of what first computes `hat`, and then scales and shifts it.

    slope: the gradient of x from `slope`, that of hat.
    """
    weight = f" * weight{along}" if "weight" in shapes else ""
    bias = f" + bias{along}" if "bias" in shapes else ""
    total = f".sum(axis={_axes(apart)})" if apart else ""
    product = f"(dy * hat){total}" if apart else "dy * hat"
    return Recipe(
        f"{_stripped(lines)}\ny = hat{weight}{bias}",
        f"slope = dy{weight}\ndx = {slope}\ndweight = {product}\ndbias = dy{total}",
    )


def in_training(training: Recipe, evaluating: Recipe) -> Recipe:
    """The one recipe while it trains, the other while it does not."""
    return Recipe(
        _either(training.forward, evaluating.forward), _either(training.backward, evaluating.backward)
    )


def _either(yes: str, no: str) -> str:
    return f"if training:\n{indent(yes, '    ')}\nelse:\n{indent(no, '    ')}"


def _axes(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _stripped(lines: str) -> str:
    return "\n".join(line.strip() for line in lines.strip().splitlines())
