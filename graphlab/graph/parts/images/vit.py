"""The vision transformer, of the parts that transformers are made of."""

from __future__ import annotations

from ...graph import Graph
from ..drawing import note, port, setting
from .row import NETWORKS, Draw, Row, part


def _encoder(blocks: int, **sizes: int) -> Draw:
    def draw(g: Graph) -> None:
        row = Row(g, port(g, "x", 0, 0))
        for k in range(1, blocks + 1):
            row.part("vit-block", f"block{k}", **sizes)
        row.end()
        for name in sizes:
            setting(g, name, *((f"block{k}", name, 1) for k in range(1, blocks + 1)))
        note(g, f"**Encoder**: {blocks} blocks of attention and MLP, one behind another.", -0.6, 3.0, 40)

    return draw


def _vit(g: Graph, title: str, patch: int, classes: int, blocks: int, **sizes: int) -> None:
    row = Row(g, port(g, "x", 0, 0))
    row.part("patch-embedding", "patches", patch=patch, width=sizes["width"])
    row.group(f"Encoder of {blocks} blocks", _encoder(blocks, **sizes), "encoder")
    row.op("LayerNorm", "norm")
    row.op("Slice", "first", dim=1, start=0, end=1)
    row.op("Flatten", "flatten")
    row.op("Linear", "head", units=classes)
    row.end()
    setting(g, "classes", ("head", "units", 1))
    setting(g, "patch", ("patches", "patch", 1))
    setting(g, "width", ("patches", "width", 1), ("encoder", "width", 1))
    for name in ("heads", "hidden"):
        setting(g, name, ("encoder", name, 1))
    words = (
        f"**{title}**: the picture is cut into patches of {patch}×{patch} pixels, which are read like words of a "
        "sentence. A token in front gathers what is to be said of the whole; *first* takes it, *head* decides."
    )
    note(g, words, -0.9, 5.2, 70)


@part(
    "vit-b-16",
    "Vision transformer B/16",
    *NETWORKS,
    "y = head(first token of 12 transformer blocks of patches)",
    ("ViT", "ViT-B/16", "Dosovitskiy", "image transformer"),
    year=2021,
)
def vit_b_16(g: Graph) -> None:
    """A transformer that reads a picture as a sentence of 196 patches of 16×16 pixels.

    x is N×3×224×224; y is N×classes. 86,567,656 parameters. GELU is taken by way of tanh, and its norms add 10⁻⁵ to the
    variance, where torchvision's add 10⁻⁶. (Dosovitskiy et al. 2021, "An image is worth 16×16 words")
    """
    _vit(g, "ViT-B/16", 16, 1000, 12, width=768, heads=12, hidden=3072)


@part(
    "vit-32",
    "Vision transformer for 32×32",
    *NETWORKS,
    "y = head(first token of 6 transformer blocks of patches)",
    ("ViT", "Dosovitskiy", "image transformer", "CIFAR-10"),
    year=2021,
)
def vit_32(g: Graph) -> None:
    """A small vision transformer for small pictures: 64 patches of 4×4 pixels, six blocks of width 192.

    x is N×3×32×32; y is N×classes. About the size of DeiT's tiny one with half its blocks. (After Dosovitskiy et al.
    2021, and Touvron et al. 2021, "Training data-efficient image transformers")
    """
    _vit(g, "ViT for 32×32", 4, 10, 6, width=192, heads=3, hidden=768)
