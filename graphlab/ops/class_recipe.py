"""How the losses of one class out of several say themselves in NumPy.

Class indices become a table of ones and zeros, so that they and probabilities are treated by the same lines. An index
that is ignored is no class at all: its row is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .recipe import Recipe


def recipe_of_classes(op: Any, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
    """The recipe of CrossEntropyLoss, and of NLLLoss, whose input are logarithms already."""
    x, is_of_scores = shapes["input"], "label_smoothing" in op.params
    axis = min(1, len(x) - 1)
    lines, shares, divisor = _by_index(op, x, axis) if len(shapes["target"]) < len(x) else _by_share(op, x)
    logs = "input"
    if is_of_scores:
        logs = "logs"
        lines.append(f"scores = input - input.max(axis={axis}, keepdims=True)")
        lines.append(f"logs = scores - np.log(np.exp(scores).sum(axis={axis}, keepdims=True))")
        lines.append(f"losses = -({shares} * logs).sum(axis={axis})")
    else:
        lines.append(f"losses = -({shares} * np.where({shares} > 0, input, 0)).sum(axis={axis})")
    total = {"none": "losses", "sum": "losses.sum()", "mean": f"losses.sum() / {divisor}"}[op.reduction]
    slope = {"none": f"np.expand_dims(dloss, {axis})", "sum": "dloss", "mean": f"dloss / {divisor}"}
    gradient = f"(np.exp(logs) * {shares}.sum(axis={axis}, keepdims=True) - {shares})"
    factor = (" * weights" if op.weight else "") + (" * (1 - label_smoothing)" if is_of_scores else "")
    back = (
        f"slope = {slope[op.reduction]}",
        f"dinput = slope * {gradient if is_of_scores else f'-{shares}'}",
        f"dtarget = -slope * {logs}{factor}",
    )
    return Recipe("\n".join([*lines, f"loss = {total}"]), "\n".join(back))


def _along(axes: int) -> str:
    """What turns one number per class into something that fits N×C×…, of so many axes."""
    return f".reshape(-1{', 1' * (axes - 2)})" if axes > 2 else ""


def _weights(op: Any, axes: int) -> list[str]:
    return [f"weights = np.array({op.weight}, dtype){_along(axes)}"] if op.weight else []


def _by_index(op: Any, x: tuple[int, ...], axis: int) -> tuple[list[str], str, str]:
    """(lines, the name of how much each logarithm counts, what a mean is divided by)"""
    count, target = x[axis], "target[:, None]" if len(x) > 1 else "target"
    right = f"(np.arange({count}){_along(len(x))} == {target})"
    if 0 <= op.ignore_index < count:
        right = f"({right} & ({target} != ignore_index))"
    lines = [f"right = {right}.astype(dtype)", *_weights(op, len(x))]
    smoothing, even = op.params.get("label_smoothing", 0), "label_smoothing / " + str(count)
    if smoothing:
        lines.append(
            f"even = {even} * right.sum(axis={axis}, keepdims=True)" + " * weights" * bool(op.weight)
        )
    if op.weight:
        lines.append("right = right * weights")
    if smoothing:
        lines.append("shares = (1 - label_smoothing) * right + even")
    return lines, "shares" if smoothing else "right", "right.sum()"


def _by_share(op: Any, x: tuple[int, ...]) -> tuple[list[str], str, str]:
    """The same for targets that are probabilities."""
    lines, shares = _weights(op, len(x)), "target"
    if op.label_smoothing:
        shares = f"((1 - label_smoothing) * target + label_smoothing / {x[min(1, len(x) - 1)]})"
    if op.weight:
        shares = f"{shares} * weights"
    if shares == "target":
        return lines, shares, "losses.size"
    return [*lines, f"shares = {shares}"], "shares", "losses.size"
