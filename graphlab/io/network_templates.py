"""The large networks as graphs to begin with: a picture brought to the size that the network wants, and its answer.

They are made of the ready-made parts, so a network that comes onto the shelf is here by itself.
"""

from __future__ import annotations

from functools import partial

from ..graph import Graph, parts
from ..graph.parts import Part
from .template_drawings import Drawing

FAMILY = "Image networks"
LARGE, SMALL = (3, 224, 224), (3, 32, 32)
SIZES = {
    **dict.fromkeys(("lenet-5", "deep-autoencoder", "conv-autoencoder"), (1, 28, 28)),
    "lenet-5-1998": (1, 32, 32),
    **dict.fromkeys(("resnet-18-32", "resnet-20", "resnet-8", "vit-32"), SMALL),
    **dict.fromkeys(("u-net", "u-net-bn"), (3, 64, 64)),
}  # of the pictures that a network is made for, where they are not large ones
_COLUMN, _ROW = 230.0, 150.0


def networks() -> list[Drawing]:
    """Those on the shelf, in the order in which they are offered."""
    found = (part for part in parts.parts().values() if part.family == FAMILY)
    return [Drawing(p.key, p.title, p.about.partition("\n")[0], partial(_draw, p)) for p in found]


def _draw(part: Part, g: Graph) -> None:
    """The sample picture, made fit, through the network; with a loss, so that gradients flow as well."""
    channels, height, _ = size = SIZES.get(part.key, LARGE)
    last = g.add("Picture", name="picture", position=(0, 0))
    last = g.add("Resize", last, name="resize", size=height, position=(_COLUMN, 0))
    if channels == 1:
        last = g.add("Grayscale", last, name="grey", position=(2 * _COLUMN, 0))
    elif size == LARGE:
        last = g.add(
            "NormalizeChannels", last, name="normalise", preset="ImageNet", position=(2 * _COLUMN, 0)
        )
    net = g.add_part(part.key, last, name="net", position=(3 * _COLUMN, 0))
    place = (4 * _COLUMN, _ROW)
    if "code" in part.gives:
        g.add("MSELoss", net["y"], last, name="loss", position=place)
    elif not part.key.startswith("u-net"):
        target = g.add("Input", name="target", value=(0,), dtype="int", position=(3 * _COLUMN, 1.5 * _ROW))
        g.add("CrossEntropyLoss", net["y"], target, name="loss", position=place)
    g.configure(optimizer="SGD", lr=0.01, batch_size=1)
