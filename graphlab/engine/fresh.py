"""First values of chosen parameters, drawn again: by their initialisers, from a seed of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import fill, stream
from .finding import fixed_shapes
from .flatten import End
from .inference import Inference

Array = npt.NDArray[Any]


def fresh_values(found: Inference, ends: Iterable[End], seed: int) -> dict[End, Array]:
    """What these parameters and states begin with, float32. With the document's own seed, what a reset gives."""
    return {end: _of_state(found, end) if end in found.states else _values(found, end, seed) for end in ends}


def _values(found: Inference, end: End, seed: int) -> Array:
    (key, socket), shape = end, found.learnables[end]
    node = found.nodes[key]
    op = node.op
    assert op is not None
    made = np.empty(shape, np.float32)
    start = op.start(socket)
    if start is not None:
        made[...] = start
        return made
    owned = {s.name: found.learnables[key, s.name] for s in op.sockets() if (key, s.name) in found.learnables}
    fans = op.fans(socket, fixed_shapes(node, found.specs, owned))
    fill(made, op.initialiser(socket), stream(seed, key, socket), *fans, op.gain(socket))
    return made


def _of_state(found: Inference, end: End) -> Array:
    op = found.nodes[end[0]].op
    assert op is not None
    return np.full(found.states[end], op.states[end[1]], np.float32)
