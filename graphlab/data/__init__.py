"""Data sets, their splits and mini-batches. Arrays only: nothing here knows graphs, engines or windows.

data.names()                                        every data set
data.spirals(samples=300, noise=0.05, seed=1)       made from a seed
data.digits().with_layout("image").split(validation=0.2)
data.load("digits", layout="image", target="one-hot")
graph.add("Sequences", task="reverse", length=10)     sequences made from a seed; sequences("reverse") gives the arrays
graph.add("Table", **data.read("iris.csv"))         rows of a file of one's own
graph.add("Text", **data.text("a.txt", length=32))  a text, to be written on character by character
graph.add("Picture", **data.picture("cat.jpg"))     a picture
data.from_arrays(x, target, classes=("cat", "dog"))
"""

from ..ops.catalogue import Bounds, Card, card
from . import captions, first_names, recall, words  # noqa: F401  (each adds its tasks)
from .dataset import Data
from .figures import digits, iris, mnist5k
from .files import read
from .names import names_text
from .photo import Photo, picture
from .reading import Reading, from_arrays
from .registry import dataset, load, names
from .shapes import shape_masks, shapes
from .splits import SPLITS
from .synthetic import blobs, circles, clouds, interval, moons, spirals, xor
from .tasks import rows as sequences
from .text import Prose, prose, text
from .textures import textures

__all__ = [
    "SPLITS",
    "Bounds",
    "Card",
    "Data",
    "Photo",
    "Prose",
    "Reading",
    "blobs",
    "card",
    "circles",
    "clouds",
    "dataset",
    "digits",
    "from_arrays",
    "interval",
    "iris",
    "load",
    "mnist5k",
    "moons",
    "names",
    "names_text",
    "picture",
    "prose",
    "read",
    "sequences",
    "shape_masks",
    "shapes",
    "spirals",
    "text",
    "textures",
    "xor",
]
