"""How an operation of an ONNX file becomes one of ours. Every op class says for itself what it stands for.

`Op.onnx` names the ONNX operators, `Op.onnx_params` their attributes; `Op.from_onnx` may do what names alone cannot.
Reading files is not done here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Op
from .registry import by_category


class OtherRank(Unsupported):
    """The op is for another number of axes: a reason to be told only where all that stand for the operator say so."""


def claimants(kind: str) -> list[type[Op]]:
    """The op classes that stand for that ONNX operator, e.g. Conv1d and Conv2d for "Conv"."""
    return [op for family in by_category().values() for op in family if kind in op.onnx]


def claimed() -> dict[str, list[type[Op]]]:
    """All ONNX operators that some op stands for, by name."""
    kinds = {kind for family in by_category().values() for op in family for kind in op.onnx}
    return {kind: claimants(kind) for kind in sorted(kinds)}


def from_onnx(
    kind: str,
    attributes: Mapping[str, Any],
    inputs: Sequence[Any],
    outputs: int = 1,
    fits: Callable[[Op, dict[str, Any]], None] | None = None,
) -> tuple[Op, dict[str, Any]]:
    """The op, made, and what goes into its sockets, for one ONNX node of which `outputs` results are used.

    `fits`: raises ShapeError or Unsupported for an op that cannot stand where it is to stand; then others are tried.

    Raises:
        Unsupported: we have no such operator, or not in this form; the message holds every reason.
    """
    reasons: dict[str, bool] = {}  # and whether it is another number of axes
    for op in claimants(kind):
        count = {op.onnx_count: outputs} if op.onnx_count else {}
        try:
            params, arrays = op.from_onnx(kind, {**count, **attributes}, inputs)
            made = op(**params)
            if outputs > len(op.onnx_outputs or made.results()):
                raise Unsupported(f"{op.__name__} has fewer than {outputs} results.")
            if fits is not None:
                fits(made, arrays)
        except (Unsupported, ParamError, ShapeError) as error:
            reasons[error.message] = isinstance(error, OtherRank)
            continue
        return made, arrays
    telling = [reason for reason, is_rank in reasons.items() if not is_rank] or list(reasons)
    raise Unsupported(" ".join(telling) or f"graphlab has nothing for the ONNX operator {kind}.")


def constant(value: Any, what: str) -> Any:
    """An input that must be known beforehand, because a param follows from it. Unsupported if it is no array."""
    if not isinstance(value, np.ndarray):
        raise Unsupported(f"{what} is computed in the graph, but has to be known beforehand.")
    return value
