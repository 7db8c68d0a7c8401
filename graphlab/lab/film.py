"""The filters of a layer over a training: copies from step to step, and a strip of them, a row for each filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .filters import COLOURS, filters, laid, norms
from .thinned import Thinned

Floats = npt.NDArray[np.float64]

MOST = 64  # copies that are kept
SCALES = ("layer", "filter", "picture")  # what shares the full range of colours


class Film(Thinned):
    """Copies of one parameter. Of too many, every second goes: those that stay are spread over the whole training."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(MOST)
        self.shape = shape
        self._copies = np.zeros((MOST, *shape), np.float32)

    def put(self, at: int, values: npt.ArrayLike) -> None:
        self._copies[at] = values

    def mix(self, at: int, values: npt.ArrayLike) -> None:
        """What lies between two that are kept is left out."""

    def join(self, half: int) -> None:
        self._copies[:half] = self._copies[: 2 * half : 2]

    @property
    def copies(self) -> npt.NDArray[np.float32]:
        """(readings, …) in the order of time."""
        return self._copies[: self.size]


@dataclass(frozen=True, eq=False)
class Strip:
    """cells: (rows, columns), or (rows, columns, 3) in colour, with NaN between the pictures; of full colour at ±scale.

    drawn: the same from −1 to 1. steps: of each column. filters: which filter each row shows. size: of a picture.
    """

    cells: Floats
    drawn: Floats
    scale: float
    steps: tuple[int, ...]
    filters: tuple[int, ...]
    size: tuple[int, int]


def strip(
    film: Film,
    now: tuple[int, Floats] | None,
    columns: int,
    channel: int = 0,
    by_norm: bool = False,
    of: str = "layer",
) -> Strip | None:
    """So many moments of a film at most, the first and the newest among them; None where it holds no pictures.

    now: the step and the numbers that are there at present. channel: of which input, where there are not three.
    by_norm: the strongest filter of the newest moment on top. of: one of `SCALES`.
    """
    moments = moments_of(film, now)
    if not moments:
        return None
    places = np.unique(np.linspace(0, len(moments) - 1, max(columns, 1)).round().astype(int))
    if columns == 1:
        places = np.array([len(moments) - 1])
    chosen = [moments[k] for k in places]
    found = [filters(np.asarray(values, np.float64), film.shape) for _, values in chosen]
    pictures = [each for each in found if each is not None]
    if not pictures:
        return None
    order = np.argsort(-norms(pictures[-1]), kind="stable") if by_norm else np.arange(len(pictures[-1]))
    tiles = np.stack(
        [_seen(each, channel)[order] for each in pictures], axis=1
    )  # filters, moments, h, w, channels
    largest = _largest(tiles, of)
    scaled = tiles / np.where(largest > 0, largest, 1.0)
    count, across, height, width, depth = tiles.shape
    flat = (count * across, height, width, depth)
    return Strip(
        laid(tiles.reshape(flat), across),
        laid(scaled.reshape(flat), across),
        float(np.abs(tiles).max(initial=0.0)),
        tuple(step for step, _ in chosen),
        tuple(int(k) for k in order),
        (height, width),
    )


def moments_of(film: Film, now: tuple[int, Floats] | None) -> list[tuple[int, npt.NDArray[np.floating]]]:
    """(step, numbers) of all that is known, in the order of time."""
    found: list[tuple[int, npt.NDArray[np.floating]]] = [
        (int(step), copy) for step, copy in zip(film.steps, film.copies, strict=True)
    ]
    if now is not None and (not found or now[0] > found[-1][0]):
        found.append(now)
    return found


def _seen(found: Floats, channel: int) -> Floats:
    """(filters, height, width, 1 or 3): in colour where there are three inputs, else of one of them."""
    if found.shape[1] == COLOURS:
        return np.moveaxis(found, 1, 3)
    return found[:, min(channel, found.shape[1] - 1)][..., None]


def _largest(tiles: Floats, of: str) -> Floats:
    """The largest magnitude of all that shares a range of colours."""
    axes = {"layer": (0, 1, 2, 3, 4), "filter": (1, 2, 3, 4), "picture": (2, 3, 4)}[of]
    return np.asarray(np.abs(tiles).max(axis=axes, keepdims=True, initial=0.0))
