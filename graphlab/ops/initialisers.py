"""How learnable values begin, by PyTorch's definitions and names.

Each takes (rng, shape, fan_in, fan_out) and returns float64 values, which the engine multiplies by the socket's gain
and casts: so the gain is PyTorch's `gain` of Xavier and orthogonal, `std` of normal and trunc_normal, `b` of uniform
and `val` of constant.
Sources: Glorot and Bengio 2010 (Xavier), He et al. 2015 (Kaiming), Saxe et al. 2014 (orthogonal); `fan_in_uniform` is
what torch.nn.Linear and torch.nn.Conv2d do for weight and bias, U(−1/√fan_in, 1/√fan_in).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Initialiser = Callable[[np.random.Generator, tuple[int, ...], int, int], Values]


def fan_in_uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return _uniform(rng, shape, 1 / math.sqrt(fan_in))


def xavier_uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return _uniform(rng, shape, math.sqrt(6 / (fan_in + fan_out)))


def xavier_normal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return rng.normal(0, math.sqrt(2 / (fan_in + fan_out)), shape)


def kaiming_uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """For ReLU: gain √2, so U(−√(6/fan_in), √(6/fan_in))."""
    return _uniform(rng, shape, math.sqrt(6 / fan_in))


def kaiming_normal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """For ReLU: gain √2, so N(0, 2/fan_in)."""
    return rng.normal(0, math.sqrt(2 / fan_in), shape)


def normal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return rng.normal(0, 1, shape)


def uniform(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """U(0, 1), as torch.nn.init.uniform_."""
    return rng.uniform(0, 1, shape)


def trunc_normal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """N(0, 1) without what is beyond ±2: each such number is drawn again."""
    values = rng.normal(0, 1, shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = rng.normal(0, 1, int(beyond.sum()))
    return values


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """Rows (of the array as a matrix: first axis × all others) at right angles and of length 1; or else the columns.

    From the QR decomposition of normal numbers, with the signs that make every such matrix equally likely. A vector
    gets length 1.
    """
    rows = shape[0] if shape else 1
    columns = math.prod(shape[1:])
    normals = rng.normal(0, 1, (rows, columns))
    q, r = np.linalg.qr(normals.T if rows < columns else normals)
    q = q * np.where(np.diagonal(r) < 0, -1, 1)
    return np.ascontiguousarray(q.T if rows < columns else q).reshape(shape)


def constant(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    """The same number everywhere: the gain."""
    return np.ones(shape)


def zeros(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return np.zeros(shape)


def ones(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Values:
    return np.ones(shape)


INITIALISERS: dict[str, Initialiser] = {
    f.__name__: f
    for f in (
        fan_in_uniform,
        kaiming_uniform,
        kaiming_normal,
        xavier_uniform,
        xavier_normal,
        normal,
        trunc_normal,
        uniform,
        orthogonal,
        constant,
        zeros,
        ones,
    )
}

_WHOLE = ("trunc_normal", "orthogonal")  # one number depends on others
_BLOCK = (
    1 << 20
)  # numbers drawn at once: a large layer's as float64 would be the most memory that training ever takes


def fill(
    out: npt.NDArray[np.floating],
    initialiser: str,
    rng: np.random.Generator,
    fan_in: int,
    fan_out: int,
    gain: float = 1.0,
) -> None:
    """Writes an initialiser's values times `gain` into `out`. The same numbers, whatever is drawn at once."""
    draw, fan_in, fan_out = INITIALISERS[initialiser], max(fan_in, 1), max(fan_out, 1)
    rows = len(out) if out.ndim and initialiser not in _WHOLE else 1
    at_once = max(1, rows * _BLOCK // max(out.size, 1))
    if at_once >= rows:
        out[...] = draw(rng, out.shape, fan_in, fan_out) * gain
        return
    for first in range(0, rows, at_once):
        block = out[first : first + at_once]
        block[...] = draw(rng, block.shape, fan_in, fan_out) * gain


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> Values:
    return rng.uniform(-bound, bound, shape)
