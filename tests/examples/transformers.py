"""The examples of transformers, drawn of the parts in the library. See build.py."""

from __future__ import annotations

from graphlab.graph import Graph
from graphlab.graph.graph import Handle, Source
from tests.examples.build import ROW, example

COLUMN = 220.0


@example("names-gpt", "Names, by a small GPT")
def names_gpt(g: Graph) -> None:
    """A transformer writes names: at every place it sees what came before, and says what comes next, in about
    3.0 bits a character.

    Open View, Attention: at which earlier characters does each head look? Below the diagonal only, because
    nobody sees what is still to come. Double-click block1, and attention in it, to see how it is done.

    Press F5 and open View, Text, where it writes while it learns. Compare it with names-rnn, which carries
    all it knows in one state. (After Radford et al. 2019, Language models are unsupervised multitask
    learners.)
    """
    text = g.add("Text", name="names", stride=8, position=(0, ROW))
    parts = [("token-embedding", "embed", {"vocabulary": 28})]
    last = row(g, text["x"], [*parts, *(("gpt-block", f"block{k}", {}) for k in (1, 2))])
    last = g.add("LayerNorm", last, name="norm", position=(4 * COLUMN, 0))
    last = g.add("Linear", last, name="out", units=28, position=(5 * COLUMN, 0))
    turned = g.add("Transpose", last, name="turn", position=(6 * COLUMN, 0))
    g.add("CrossEntropyLoss", turned, text["target"], name="loss", position=(7 * COLUMN, ROW))
    rates = {"lr": 0.01, "weight_decay": 0.1, "schedule": "CosineAnnealingLR"}
    g.configure(optimizer="AdamW", batch_size=32, epochs=8, validation=0.1, test=0.1, **rates)


@example("digits-vit", "Digits, by a vision transformer")
def digits_vit(g: Graph) -> None:
    """An image as a sentence of 16 words, each 2×2 pixels, and attention finds out what belongs together: about
    95 of 100 unseen digits are read correctly.

    Double-click patches and see how an image becomes a row of vectors, with a token in front that gathers
    what is to be said of the whole. In block1, attention, click weights: the first row is where it looks.

    Press F5 to train. Nothing says here that neighbours belong together, that has to be learnt as well, from
    few digits; digits-cnn knows it from the start and does better.
    (After Dosovitskiy et al. 2021, An image is worth 16×16 words.)
    """
    data = g.add("Dataset", name="digits", dataset="digits", layout="image", position=(0, ROW))
    parts = [("patch-embedding", "patches", {"patch": 2})]
    blocks = [("vit-block", f"block{k}", {"hidden": 64}) for k in (1, 2)]
    last = row(g, data["x"], [*parts, *blocks])
    last = g.add("LayerNorm", last, name="norm", position=(4 * COLUMN, 0))
    first = g.add("Slice", last, name="first", dim=1, start=0, end=1, position=(5 * COLUMN, 0))
    flat = g.add("Flatten", first, name="row", position=(6 * COLUMN, 0))
    out = g.add("Linear", flat, name="out", units=10, position=(7 * COLUMN, 0))
    g.add("CrossEntropyLoss", out, data["target"], name="loss", position=(8 * COLUMN, ROW))
    rates = {"lr": 0.003, "weight_decay": 0.1, "schedule": "CosineAnnealingLR"}
    g.configure(optimizer="AdamW", batch_size=32, epochs=20, **rates)


def row(g: Graph, x: Source, parts: list[tuple[str, str, dict[str, object]]]) -> Handle:
    """Ready-made parts in a row: key, name and settings of each; the last of them."""
    for k, (part, name, settings) in enumerate(parts, 1):
        x = last = g.add_part(part, x, name=name, position=(k * COLUMN, 0), **settings)
    return last
