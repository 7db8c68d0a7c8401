"""What is asked and said of sequences: how far back gradients reach, and what gates and attention do step by step."""

from __future__ import annotations

from typing import Any

import msgspec


class Reach(msgspec.Struct, frozen=True, tag=True):
    """Say how large the gradient of the loss is at each state of each recurrent layer; answered by Reached.

    last_alone: of the loss of the last step alone, instead of all steps'.
    """

    request: int
    last_alone: bool = True


class ReachOfLayer(msgspec.Struct, frozen=True):
    """One recurrent layer. name: for people; title: which cell it is.

    norms: by state, of the gradient at each lag: 0 is the last step. radii: the spectral radius of each matrix by which
    the state is multiplied, by gate; "" where there is one.
    """

    key: str
    name: str
    title: str
    norms: dict[str, Any]
    radii: dict[str, float]


class Reached(msgspec.Struct, frozen=True, tag=True):
    """The layers, at the weights of that step; or why there is nothing to tell: `message` and `hint`.

    gradient, clipped: Euclidean norm of all parameters' gradients in the last training step, before and after clipping;
    NaN where there is none. rows: of how many rows of which `split` ("" for those that the run is fed).
    """

    run: int
    request: int
    step: int
    layers: tuple[ReachOfLayer, ...] = ()
    gradient: float = 0.0
    clipped: float = 0.0
    rows: int = 0
    split: str = ""
    message: str = ""
    hint: str = ""
    seconds: float = 0.0


class Unfold(msgspec.Struct, frozen=True, tag=True):
    """Say what a node that reads sequences does step by step, with dropout off; answered by Unfolded.

    node: the key of a recurrent layer, for its gates, or of attention, for its weights. part: which of its layers and
    directions. split: of which rows, "" for those held out, or else what there is. row: its place there, None for the
    mean of some.
    """

    request: int
    node: str
    part: int = 0
    split: str = ""
    row: int | None = 0


class Unfolded(msgspec.Struct, frozen=True, tag=True):
    """Arrays by name, step by step, at the weights of that step; or why there are none: `message` and `hint`.

    Of gates: steps×units each, the step that is computed first at the front. Of attention: queries×keys, head by head.
    parts: the names of the node's layers and directions. words: what an array is, by name. tokens: what was read at
    each step, as numbers, by "x" or by "query" and "key"; symbols: what those numbers stand for, likewise. counts: how
    many rows each split has; split, row: which were taken, of `rows` rows.
    """

    run: int
    request: int
    step: int
    arrays: dict[str, Any] = {}
    words: dict[str, str] = {}
    parts: tuple[str, ...] = ()
    tokens: dict[str, Any] = {}
    symbols: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}
    split: str = ""
    row: int | None = 0
    rows: int = 0
    message: str = ""
    hint: str = ""
    seconds: float = 0.0
