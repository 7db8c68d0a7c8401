"""Every network for pictures, with few channels and small pictures: values go through it, and gradients come back."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph, parts

THIN = {
    "lenet-5-1998": ((1, 32, 32), {}),
    "lenet-5": ((1, 28, 28), {}),
    "deep-autoencoder": ((1, 28, 28), {"width": 8, "code": 4}),
    "conv-autoencoder": ((1, 8, 8), {"width": 4, "code": 2}),
    "alexnet": ((3, 63, 63), {"width": 2, "hidden": 16, "classes": 5}),
    "vgg-11": ((3, 32, 32), {"width": 2, "hidden": 16, "classes": 5}),
    "vgg-16": ((3, 32, 32), {"width": 2, "hidden": 16, "classes": 5}),
    "vgg-19": ((3, 32, 32), {"width": 2, "hidden": 16, "classes": 5}),
    "googlenet": ((3, 64, 64), {"width": 1, "classes": 5}),
    "googlenet-bn": ((3, 32, 32), {"width": 1, "classes": 5}),
    "u-net": ((2, 16, 16), {"width": 2, "classes": 3}),
    "u-net-bn": ((2, 32, 32), {"width": 2, "classes": 3}),
    "resnet-18": ((3, 32, 32), {"width": 2, "classes": 5}),
    "resnet-34": ((3, 32, 32), {"width": 2, "classes": 5}),
    "resnet-50": ((3, 32, 32), {"width": 2, "classes": 5}),
    "resnet-18-32": ((3, 16, 16), {"width": 2, "classes": 5}),
    "resnet-20": ((3, 8, 8), {"width": 2, "classes": 5}),
    "resnet-8": ((3, 8, 8), {"width": 2, "classes": 5}),
    "squeezenet": ((3, 48, 48), {"width": 2, "classes": 5}),
    "squeezenet-light": ((3, 48, 48), {"width": 2, "classes": 5}),
    "densenet-121": ((3, 32, 32), {"growth": 2, "classes": 5}),
    "mobilenet": ((3, 32, 32), {"width": 2, "classes": 5}),
    "vit-b-16": ((3, 32, 32), {"width": 12, "heads": 3, "hidden": 16, "classes": 5}),
    "vit-32": ((3, 16, 16), {"width": 12, "heads": 3, "hidden": 16, "classes": 5}),
}


def test_every_network_is_tried() -> None:
    shelf = [key for key, part in parts.parts().items() if part.family == "Image networks"]
    assert sorted(shelf) == sorted(THIN)


@pytest.mark.parametrize("key", THIN)
def test_values_go_through_and_gradients_reach_every_parameter(key: str) -> None:
    shape, settings = THIN[key]
    g = Graph()
    net = g.add_part(key, g.add("Input", name="x", shape=("N", *shape)), name="net", **settings)
    squares = g.add("Square", net["y"], name="squares")
    g.add("Mean", squares, name="loss")
    run = Run(g, input_gradients=True)
    run.feed(x=np.random.default_rng(0).standard_normal((4, *shape)))
    run.forward()
    run.backward()
    assert np.isfinite(run.loss)
    assert np.isfinite(run.grad("x")).all()
    assert np.any(run.grad("x"))
    for name, gradient in run.gradients.items():
        assert np.isfinite(gradient).all(), name
    reached = [name for name, gradient in run.gradients.items() if np.any(gradient)]
    assert len(reached) >= 0.9 * len(run.gradients)  # with so few channels a ReLU may be silent
