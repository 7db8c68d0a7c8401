"""Examples of windows that move: a filter over a vector, pooling, and both together as one layer. See build.py."""

from __future__ import annotations

from graphlab.graph import Graph
from tests.examples.build import ROW, example

VECTOR = ((2.0, 3.0, 1.0, 3.0, 2.0, 1.0),)
RISE, FALL, PEAK = (-0.5, 0.0, 0.5), (0.5, 0.0, -0.5), (-0.5, 1.0, -0.5)


@example("vector", "A filter over a vector", after="gates")
def vector(g: Graph) -> None:
    """A filter u = [1, 2, 1] goes over x = [2, 3, 1, 3, 2, 1]: four windows, and y = [9, 8, 9, 8].

    Press F10 until y has its values, select y and press Ctrl+Alt+P: the window is played, 2·1 + 3·2 + 1·1 = 9. Beside
    it stands the same as a matrix: the filter again in every row, one place further on.

    Try stride 2, padding 1 or dilation 2 there, and choose backward: each place of x gets back what its windows send.
    """
    column = 260.0
    x = g.add("Parameter", name="x", value=(VECTOR,), position=(0, 0))
    u = g.add("Parameter", name="u", value=(((1.0, 2.0, 1.0),),), position=(0, ROW))
    y = g.add("Conv1d", x, weight=u, name="y", out_channels=1, bias=False, position=(column, ROW / 2))
    g.add("Sum", y, name="sum", position=(2 * column, ROW / 2))
    g.configure(optimizer="SGD", lr=0.01, momentum=0.0, epochs=20)


@example("pooling", "Pooling a vector", after="window")
def pooling(g: Graph) -> None:
    """The largest and the mean of windows of three, and of the whole of x = [2, 3, 1, 3, 2, 1].

    Press F10 until max3 has its values, select it and press Ctrl+Alt+P: every window has a winner. Choose backward
    there: only winners get a gradient, of equal ones the first. In mean3 each place gets a third.

    The whole length leaves one number, however long x is: was it there at all, and how much of it?
    """
    column = 240.0
    x = g.add("Parameter", name="x", value=(VECTOR,), position=(0, 1.5 * ROW))
    threes = {"kernel_size": 3, "stride": 1}
    found = [
        g.add(op, x, name=name, position=(column, k * ROW), **params)
        for k, (op, name, params) in enumerate(
            (
                ("MaxPool1d", "max3", threes),
                ("AvgPool1d", "mean3", threes),
                ("GlobalMaxPool1d", "max", {}),
                ("GlobalAvgPool1d", "mean", {}),
            )
        )
    ]
    all_ = g.add("Concat", *found, name="all", count=4, dim=2, position=(2 * column, 1.5 * ROW))
    g.add("Sum", all_, name="sum", position=(3 * column, 1.5 * ROW))
    g.configure(optimizer="SGD", lr=0.01, momentum=0.0, epochs=20)


@example("filter-layer", "Convolution and pooling, one layer", after="pooling")
def filter_layer(g: Graph) -> None:
    """p = g(u · x + b) at every window of x, with three filters u; then the largest of each filter.

    Press F10 until p has its values: the first filter answers where x rises, the second where it falls, the third at
    the edge of the hill. Select conv, press Ctrl+Alt+P and choose a channel of y to see each at work.

    pooled has one number for each filter: it says that x rises and falls, and no longer where. Click x and move the
    hill.
    """
    column = 220.0
    hill = ((0.0, 0.0, 1.0, 3.0, 3.0, 3.0, 2.0, 0.0, 0.0),)
    x = g.add("Parameter", name="x", value=(hill,), position=(0, 0))
    u = g.add("Parameter", name="u", value=((RISE,), (FALL,), (PEAK,)), position=(0, ROW))
    b = g.add("Parameter", name="b", value=(-0.5, -0.5, -0.25), position=(0, 2 * ROW))
    conv = g.add("Conv1d", x, weight=u, bias=b, name="conv", out_channels=3, position=(column, ROW))
    p = g.add("ReLU", conv, name="p", position=(2 * column, ROW))
    pooled = g.add("GlobalMaxPool1d", p, name="pooled", position=(3 * column, ROW))
    g.add("Sum", pooled, name="sum", position=(4 * column, ROW))
    g.configure(optimizer="SGD", lr=0.01, momentum=0.0, epochs=20)
