"""How like an edge or blob detector a filter is: the Gabor function, or round spot, that fits it best.

A Gabor function is a wave under a bell: what the first cells behind the eye answer to (Daugman 1985), and what first
layers learn from natural pictures. Without the wave it is a spot. Nothing here knows where filters come from.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..ops.context import stream

Floats = npt.NDArray[np.float64]

GOOD = 0.8  # a correlation from which on a fit is called one
TURNS = 16  # directions that are tried first
STEPS = 400  # places around the best that are tried then
_LONGEST = 2.2  # how much longer the bell may be along the stripes than across


class Bell(NamedTuple):
    """A Gabor function. Lengths in pixels; `turn` is the direction across its stripes, in radians.

    wide, long: the deviations of the bell across and along the stripes. waves: cycles a pixel, 0 for a spot.
    """

    right: float
    down: float
    turn: float
    wide: float
    long: float
    waves: float


class Fit(NamedTuple):
    """What fits a filter best. r: its correlation with the filter, of all channels. drawn: the fit itself."""

    r: float
    bell: Bell
    drawn: Floats

    @property
    def kind(self) -> str:
        """ "edge" (stripes), "blob" (a spot), "flat" (the same all over), "other" where nothing fits well."""
        if self.r < GOOD:
            return "other"
        if self.bell.waves * self.bell.wide > 0.1:
            return "edge"
        return "blob" if self.bell.wide <= 0.5 * self.drawn.shape[-1] else "flat"

    @property
    def degrees(self) -> float:
        """The direction of its stripes or its length, 0 lying, 90 standing, from 0 to 180."""
        return float(np.degrees(self.bell.turn) + 90) % 180


def fit(kernel: npt.ArrayLike) -> Fit:
    """The best fit of a filter (channels, height, width): a Gabor function times one colour.

    The filter's main colour is taken (its first singular vector), so colours of other forms count against the fit. A
    filter of zeros is fitted by nothing: r is 0.
    """
    array = np.asarray(kernel, np.float64)
    channels, height, width = array.shape
    colour, sizes, forms = np.linalg.svd(array.reshape(channels, -1), full_matrices=False)
    norm = float(np.sqrt((sizes**2).sum()))
    if not norm:
        return Fit(0.0, Bell(0, 0, 0, 1, 1, 0), np.zeros_like(array))
    form = forms[0]
    bells, pairs = _tried(height, width)
    power = ((pairs @ form) ** 2).sum(axis=1)
    best = int(power.argmax())
    bell, strength = _climb(form, Bell(*bells[best]), float(power[best]), height, width)
    basis = _pairs(np.array([bell]), height, width)[0]
    spatial = (basis @ form) @ basis
    drawn = (sizes[0] * colour[:, :1] * spatial).reshape(array.shape)
    return Fit(float(sizes[0] / norm * np.sqrt(min(strength, 1.0))), bell, drawn)


def share(kernels: npt.ArrayLike, least: float = GOOD) -> float:
    """The share of filters (filters, channels, height, width) that are edges or blobs, fitted with r ≥ `least`.

    Those that have faded (a twentieth of the strongest, or less) are none, whatever their form.
    """
    array = np.asarray(kernels, np.float64)
    strength = np.linalg.norm(array.reshape(len(array), -1), axis=1)
    found = [fit(kernel) for kernel in array]
    good = [f.r >= least and f.kind in ("edge", "blob") for f in found]
    return float(np.mean(good & (strength > strength.max() / 20))) if found else 0.0


def selectivity(kernel: npt.ArrayLike) -> float:
    """How much a filter minds the direction of stripes: 0 for none (a spot, or noise on average), 1 for one direction.

    The length of the mean of its energy over all stripes (Fourier components but the constant), each an arrow in twice
    its direction.
    """
    array = np.asarray(kernel, np.float64)
    side = 4 * max(array.shape[-2:])
    energy = (np.abs(np.fft.fft2(array, s=(side, side))) ** 2).sum(axis=0)
    down, right = np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None]
    energy[np.hypot(down, right) > 0.5] = 0  # the corners would count diagonals twice
    energy[0, 0] = 0
    arrows = (energy * np.exp(2j * np.arctan2(down, right))).sum()
    total = float(energy.sum())
    return float(abs(arrows)) / total if total else 0.0


def _climb(form: Floats, bell: Bell, power: float, height: int, width: int) -> tuple[Bell, float]:
    """The best bell near one: many at random around it, ever nearer."""
    rng = stream(0, "gabors")
    reach = np.array([1.0, 1.0, 0.3, 0.5, 0.5, 0.06])
    rounds = 8
    for k in range(rounds):
        near = np.array(bell) + rng.standard_normal((STEPS // rounds, 6)) * reach * 0.7**k
        near[:, 3:] = np.maximum(near[:, 3:], [0.6, 0.6, 0.0])
        near[:, 4] = np.minimum(near[:, 4], _LONGEST * near[:, 3])
        near[:, 5] = np.minimum(near[:, 5], 0.5)
        found = ((_pairs(near, height, width) @ form) ** 2).sum(axis=1)
        if found.max() > power:
            power, bell = float(found.max()), Bell(*map(float, near[found.argmax()]))
    return bell, power


@functools.lru_cache(maxsize=8)
def _tried(height: int, width: int) -> tuple[Floats, Floats]:
    """Bells over all places, directions, sizes and wavelengths, and what spans their waves: see `_pairs`."""
    side = min(height, width)
    places = [np.linspace(-0.3, 0.3, 5) * size for size in (width, height)]
    turns = np.arange(TURNS) * np.pi / TURNS
    sizes = np.array([0.12, 0.18, 0.27, 0.4]) * side
    waves = [0.0, *(np.array([0.5, 0.8, 1.2, 1.7, 2.4]) / side)]
    bells = [
        (right, down, turn, wide, wide * longer, wave)
        for right, down, turn, wide, longer, wave in itertools.product(
            *places, turns, sizes, (1.0, 1.7), waves
        )
        if wave or longer > 1.0 or not turn  # a round spot has no direction
    ]
    made = np.array(bells)
    return made, _pairs(made, height, width).astype(np.float32)


def _pairs(bells: Any, height: int, width: int) -> Floats:
    """(bells, 2, pixels): for each bell an orthonormal basis of its even and odd wave; the second is 0 for a spot."""
    right, down, turn, wide, long, waves = (v[:, None, None] for v in np.asarray(bells, np.float64).T)
    x = (np.arange(width) - (width - 1) / 2)[None, None, :] - right
    y = (height - 1) / 2 - np.arange(height)[None, :, None] - down
    u, v = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    bell = np.exp(-0.5 * ((u / wide) ** 2 + (v / long) ** 2))
    even = (bell * np.cos(2 * np.pi * waves * u)).reshape(len(bell), -1)
    odd = (bell * np.sin(2 * np.pi * waves * u)).reshape(len(bell), -1)
    even /= np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-12)
    odd -= even * (even * odd).sum(axis=1, keepdims=True)
    size = np.linalg.norm(odd, axis=1, keepdims=True)
    odd = np.where(size > 1e-6, odd / np.maximum(size, 1e-6), 0)
    return np.stack([even, odd], axis=1)
