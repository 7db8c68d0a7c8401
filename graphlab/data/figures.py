"""Real measurements that travel with graphlab; resources/data/LICENSES.md says where they come from."""

from __future__ import annotations

import functools
import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops.catalogue import Card
from ..resources import resource
from .registry import dataset

CC_BY_SA = "CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/"
CC_BY = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"


@dataset(
    Card(
        "digits",
        "Handwritten digits",
        "1,797 handwritten digits as grey images of 8×8 pixels.",
        feature_shape=(64,),
        image_shape=(1, 8, 8),
        target="class",
        classes=tuple("0123456789"),
        samples=1797,
    ),
    licence=f"{CC_BY}. Alpaydin and Kaynak (1998), UCI Machine Learning Repository, doi:10.24432/C50P49",
)
def digits() -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Optical recognition of handwritten digits: x (1797, 64) from 0 (paper) to 1 (ink), target (1797,)
    int64, 0 to 9.

    `digits().with_layout("image")` is (1797, 1, 8, 8).
    """
    x, target = _figures("digits")
    return x.reshape(len(x), -1) / np.float32(16), target


@dataset(
    Card(
        "iris",
        "Iris",
        "150 irises of three species: length and width of sepal and petal in centimetres.",
        feature_shape=(4,),
        image_shape=None,
        target="class",
        classes=("setosa", "versicolor", "virginica"),
        samples=150,
    ),
    licence=f"{CC_BY}. Fisher (1936), UCI Machine Learning Repository, doi:10.24432/C56C76",
)
def iris() -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Fisher's irises: x (150, 4) sepal length, sepal width, petal length, petal width in cm, target (150,)
    int64.
    """
    x, target = _figures("iris")
    return x / np.float32(10), target


@dataset(
    Card(
        "mnist5k",
        "MNIST, 5,000 digits",
        "5,000 handwritten digits of MNIST, 500 of each, as grey images of 28×28 pixels.",
        feature_shape=(784,),
        image_shape=(1, 28, 28),
        target="class",
        classes=tuple("0123456789"),
        samples=5000,
    ),
    licence=f"{CC_BY_SA}. LeCun, Cortes and Burges (1998), http://yann.lecun.com/exdb/mnist/",
)
def mnist5k() -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """A tenth of MNIST's digits: x (5000, 784) from 0 (paper) to 1 (ink), target (5000,) int64, 0 to 9 in turn.

    `mnist5k().split()` keeps 4,000 for training; `mnist5k().with_layout("image")` is (5000, 1, 28, 28).
    """
    x, target = _figures("mnist5k")
    return x.reshape(len(x), -1) / np.float32(255), target


@functools.cache
def _figures(name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """x and target as stored: uint8. DataError when the installation has lost or damaged them."""
    path = resource("data", f"{name}.npz")
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return stored["x"], stored["target"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The figures of {name} cannot be read: {error}.", hint="Install graphlab again."
        ) from error
