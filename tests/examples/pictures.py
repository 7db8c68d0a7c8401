"""Examples of pictures: what first layers learn from natural ones."""

from __future__ import annotations

from graphlab.graph import Graph
from tests.examples.build import chain, example


@example("textures", "Edges and blobs", after="lenet-mnist")
def textures(g: Graph) -> None:
    """What a first layer learns from natural pictures: in 20 seconds, noise becomes edge and blob detectors.

    Press F5 and open Filters. As in nature, leaves lie over leaves here, and light varies more than colour. To tell
    which way they lie, conv learns stripes in many directions. About 90 of 100 are told right.

    Set weight_decay to 0 and train again: the same edges, under noise. (After Olshausen and Field 1996; Krizhevsky,
    Sutskever and Hinton 2012.)
    """
    layers: list[tuple[str, str, dict[str, object]]] = [
        ("NormalizeChannels", "normal", {"mean": 0.5, "std": 0.25}),
        ("Conv2d", "conv", {"out_channels": 16, "kernel_size": 7}),
        ("ReLU", "relu", {}),
        ("AdaptiveAvgPool2d", "pool", {}),
        ("Flatten", "flatten", {}),
        ("Linear", "out", {"units": 6}),
    ]
    chain(g, "textures", layers, column=205.0, layout="image")
    g.configure(optimizer="SGD", lr=0.1, momentum=0.9, weight_decay=0.005, batch_size=32, epochs=16)
