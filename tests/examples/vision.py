"""The examples of networks for pictures, drawn of the parts in the library. See build.py."""

from __future__ import annotations

from graphlab.graph import Graph, Handle
from tests.examples.build import ROW, example

COLUMN = 230.0


def network(g: Graph, dataset: str, part: str, **settings: int) -> Handle:
    """Pictures, a ready-made network and the loss of its scores; the network."""
    data = g.add("Dataset", name="shapes", dataset=dataset, layout="image", position=(0, ROW))
    net = g.add_part(part, data["x"], name="net", position=(COLUMN, 0), **settings)
    g.add("CrossEntropyLoss", net["y"], data["target"], name="loss", position=(2 * COLUMN, ROW))
    return net


@example("resnet-shapes", "Shapes, by a residual network")
def resnet_shapes(g: Graph) -> None:
    """Circle, square, triangle, cross or ring? A small residual network tells about 99 of 100 unseen pictures
    right.

    Select net and press Enter: a stem, then three stages of one residual block each. Enter a stage and its
    block, and see how x goes past the layers and is added to what they say.

    Press F5. Mute add in a block with M, so that only the way past is left, or set width of net to 16. (After
    He et al. 2016, Deep residual learning for image recognition.)
    """
    network(g, "shapes", "resnet-8", width=8, classes=5)
    g.configure(optimizer="Adam", lr=0.01, epochs=10, schedule="CosineAnnealingLR")


@example("unet-shapes", "Which pixel is what, by a U-Net")
def unet_shapes(g: Graph) -> None:
    """Says of each pixel which shape it belongs to, or that it is ground: about 97 of 100 are told right.

    Select net and press Enter: down the left arm the picture becomes small and what is known of it more, up
    the right arm it is put together again, and the bridges carry over where the edges are.

    Press F5 and watch seen, the class of each pixel. 84 of 100 are ground, so who always says ground has 84.
    What it still mistakes lies at edges, and where one shape covers another. (After Ronneberger, Fischer and
    Brox 2015, U-Net.)
    """
    net = network(g, "shape_masks", "u-net-bn", width=8, classes=6)
    g.add("ArgMax", net["y"], name="seen", dim=1, keepdim=True, position=(2 * COLUMN, 0))
    rates = {"lr": 0.01, "schedule": "CosineAnnealingLR"}
    g.configure(optimizer="Adam", batch_size=16, epochs=12, **rates)


@example("autoencoder", "A digit in eight numbers")
def autoencoder(g: Graph) -> None:
    """Squeezes each picture through eight numbers and draws it again, better than sixteen principal axes can.

    Nobody says which digit it is: the picture itself is the target. Select net and press Enter; the encoder
    ends in the code, which is all that the decoder gets.

    Press F5 and click net: each digit as it is drawn from its code. Then set code of net to 2. (After Hinton
    and Salakhutdinov 2006, Reducing the dimensionality of data with neural networks.)
    """
    data = g.add("Dataset", name="mnist5k", dataset="mnist5k", layout="image", position=(0, ROW))
    net = g.add_part("deep-autoencoder", data["x"], name="net", width=125, code=8, position=(COLUMN, 0))
    g.add("MSELoss", net["y"], data["x"], name="loss", position=(2 * COLUMN, ROW))
    rates = {"lr": 0.002, "schedule": "CosineAnnealingLR"}
    g.configure(optimizer="Adam", epochs=20, validation=0.2, test=0.0, **rates)
