"""Where the pictures of the filter bench come from: made for it, of data sets, of this graph, or a person's own."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from ..data import load
from ..data.captions import captions
from ..data.looking import Look
from ..data.pictures import SUFFIXES, Bytes, as_floats, read_picture, within
from ..engine.messages import TensorKey
from ..lab.filter_bench import from_0_to_1
from ..lab.filter_scene import scene
from .map_sources import OfFed
from .pictures import pixels_of
from .samples import samples_of

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]

SCENE, SHAPES, DIGITS, MNIST, GRAPH, OWN = (
    "Scene",
    "Shapes",
    "Digits",
    "MNIST",
    "This graph",
    "Your picture",
)
OTHERS = 100  # pictures that are made, one from each number
MOST = 384 * 384  # pixels of a picture on the bench


class FilterSources(QObject):
    """`own` is the picture that somebody brought, None without."""

    changed = Signal()  # there are others to choose from

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._samples = samples_of(session)
        self.fed = OfFed(session)
        self._samples.arrived.connect(self.changed)
        self.own: Floats | None = None
        self.own_name, self.own_number = "", 0

    @property
    def names(self) -> list[str]:
        """What can be chosen; one's own always, because choosing it asks for a file."""
        of_graph = [GRAPH] if self._look() is not None or self._batch() is not None else []
        return [SCENE, SHAPES, DIGITS, MNIST, *of_graph, OWN]

    def _batch(self) -> Floats | None:
        """(n, channels, height, width) that the run is fed, where no rows of pictures are known."""
        batch = self.fed.batch()
        return None if batch is None or batch.shape[1] not in (1, 3) else np.asarray(batch, np.float64)

    def _look(self) -> Look | None:
        """The rows of the graph, where they are pictures."""
        look = self._samples.look
        if look is None or look.image_shape is None or not len(look) or look.image_shape[0] not in (1, 3):
            return None
        return look

    def count(self, name: str) -> int:
        """How many pictures there are."""
        if name == GRAPH:
            look, batch = self._look(), self._batch()
            return len(look) if look is not None else len(batch) if batch is not None else 0
        return {SCENE: OTHERS, SHAPES: OTHERS, OWN: 1}.get(name) or len(_rows(name))

    def key(self, name: str) -> object:
        """Another one when the picture of the same name and number is another."""
        if name == GRAPH and self._look() is None and (eye := self.fed.eye) is not None:
            return id(self._session.tensor_at(TensorKey("value", *eye.end)))
        return {GRAPH: self._look(), OWN: self.own_number}.get(name)

    def picture(self, name: str, number: int) -> Floats:
        """(1 or 3, height, width) from 0 to 1; the scene where there is none of that name any more."""
        if name == OWN and self.own is not None:
            return self.own
        if name == GRAPH and (look := self._look()) is not None:
            shape = look.image_shape
            assert shape is not None
            return from_0_to_1(np.asarray(look.x[number % len(look)], np.float64).reshape(shape))
        if name == GRAPH and (batch := self._batch()) is not None:
            return from_0_to_1(batch[number % len(batch)])
        if name == SHAPES:
            return _shapes()[number % OTHERS]
        if name in (DIGITS, MNIST):
            rows = _rows(name)
            return np.asarray(rows[number % len(rows)], np.float64)
        return scene(number)

    # One's own

    def bring(self, path: Path) -> None:
        """FileError: the file is no picture that can be shown."""
        self._keep(read_picture(path), path.name)

    def paste(self, image: QImage) -> None:
        """DataError where there is none."""
        self._keep(pixels_of(image), "the clipboard")

    def _keep(self, pixels: Bytes, name: str) -> None:
        self.own, self.own_name = np.asarray(as_floats(within(pixels, MOST))[0], np.float64), name
        self.own_number += 1
        self.changed.emit()


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


@functools.cache
def _rows(name: str) -> NDArray[np.float32]:
    return np.asarray(load({DIGITS: "digits", MNIST: "mnist5k"}[name], layout="image").x, np.float32)


@functools.cache
def _shapes() -> Floats:
    return np.asarray(captions(OTHERS, 0).x, np.float64)
