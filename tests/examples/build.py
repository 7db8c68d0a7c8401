"""Draws the examples anew with the public API: `python -m tests.examples.build` writes resources/examples.

What it writes is plain JSON, so that a change of an example can be read in a diff.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from graphlab.graph import Graph
from graphlab.graph.codec import to_bytes
from graphlab.resources import resource

ROW = 150.0  # nodes are 160 wide and about 120 high


class Drawing(NamedTuple):
    """A function that draws one example. Its docstring is the note; its first paragraph is in the list."""

    name: str
    title: str
    draw: Callable[[Graph], None]

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in (self.draw.__doc__ or "").split("\n\n")]


drawings: list[Drawing] = []


def example(
    name: str, title: str, after: str = ""
) -> Callable[[Callable[[Graph], None]], Callable[[Graph], None]]:
    """Decorator: the examples appear in the order in which they are written, or behind the one named."""

    def keep(draw: Callable[[Graph], None]) -> Callable[[Graph], None]:
        places = [k for k, drawing in enumerate(drawings, 1) if drawing.name == after]
        drawings.insert(places[0] if places else len(drawings), Drawing(name, title, draw))
        return draw

    return keep


@example("tanh-by-hand", "A network by hand")
def tanh_by_hand(g: Graph) -> None:
    """A tiny network, node by node: h = tanh(Wx + b), y = Vh + a.

    Press F10 again and again: values travel forward node by node, then gradients travel back, then the
    parameters change.

    Click W and type another number to see what follows from it. Press F5, and training moves y to
    target.
    """
    column = 220.0
    w = g.add("Parameter", name="W", value=((0.6, -1.0), (-0.4, 0.8), (1.2, 0.5)), position=(0, 0))
    x = g.add("Input", name="x", value=(1.0, -0.5), position=(0, ROW))
    wx = g.add("MatMul", w, x, name="Wx", position=(column, ROW))
    b = g.add("Parameter", name="b", value=(0.1, -0.2, 0.3), position=(column, 2 * ROW))
    z = g.add("Add", wx, b, name="z", position=(2 * column, ROW))
    h = g.add("Tanh", z, name="h", position=(3 * column, ROW))
    v = g.add("Parameter", name="V", value=((1.0, -0.7, 0.5), (-0.3, 0.9, 0.4)), position=(3 * column, 0))
    vh = g.add("MatMul", v, h, name="Vh", position=(4 * column, ROW))
    a = g.add("Parameter", name="a", value=(0.1, -0.1), position=(4 * column, 2 * ROW))
    y = g.add("Add", vh, a, name="y", position=(5 * column, ROW))
    target = g.add("Input", name="target", value=(0.5, -0.5), position=(5 * column, 2 * ROW))
    g.add("MSELoss", y, target, name="loss", position=(6 * column, ROW))
    g.configure(optimizer="SGD", lr=0.05, momentum=0.0, epochs=100)


@example("colah", "Two paths to one result")
def colah(g: Graph) -> None:
    """e = (a + b)(b + 1) at a = 2, b = 1: b reaches e along two paths.

    Press F10 until e has its value, and on until b has its gradient. Its two paths bring the terms 2
    and 3, and their sum 5 says: make b a little larger, and e grows five times as much.

    (After Christopher Olah, Calculus on Computational Graphs.)
    """
    column = 260.0
    a = g.add("Input", name="a", value=2.0, position=(0, 0))
    b = g.add("Input", name="b", value=1.0, position=(0, ROW))
    c = g.add("Add", a, b, name="c", position=(column, 0))
    d = g.add("Add", b, b=1.0, name="d", position=(column, ROW))
    g.add("Mul", c, d, name="e", position=(2 * column, ROW / 2))


@example("cs231n-neuron", "A neuron, gate by gate")
def cs231n_neuron(g: Graph) -> None:
    """A sigmoid neuron taken apart: f = 1 / (1 + e^−(w0·x0 + w1·x1 + w2)).

    Press F10 and follow the values to f = 0.73, then the gradients back: an Add passes them on, a Mul
    swaps its inputs.

    Press F5 and training makes f small: the weights move against their gradients. (After CS231n,
    Backpropagation.)
    """
    column = 205.0
    w0 = g.add("Parameter", name="w0", value=2.0, position=(0, 0))
    x0 = g.add("Input", name="x0", value=-1.0, position=(0, ROW))
    w1 = g.add("Parameter", name="w1", value=-3.0, position=(0, 2 * ROW))
    x1 = g.add("Input", name="x1", value=-2.0, position=(0, 3 * ROW))
    w0x0 = g.add("Mul", w0, x0, name="w0x0", position=(column, ROW / 2))
    w1x1 = g.add("Mul", w1, x1, name="w1x1", position=(column, 2.5 * ROW))
    s1 = g.add("Add", w0x0, w1x1, name="s1", position=(2 * column, 1.5 * ROW))
    w2 = g.add("Parameter", name="w2", value=-3.0, position=(2 * column, 2.5 * ROW))
    s2 = g.add("Add", s1, w2, name="s2", position=(3 * column, 1.5 * ROW))
    neg = g.add("Neg", s2, name="neg", position=(4 * column, 1.5 * ROW))
    exp = g.add("Exp", neg, name="exp", position=(5 * column, 1.5 * ROW))
    plus1 = g.add("Add", exp, b=1.0, name="plus1", position=(6 * column, 1.5 * ROW))
    g.add("Div", b=plus1, name="f", position=(7 * column, 1.5 * ROW))
    g.configure(optimizer="SGD", lr=0.1, momentum=0.0, epochs=100)


@example("gates", "Add, max, multiply")
def gates(g: Graph) -> None:
    """f = 2·(x·y + max(z, w)): add passes a gradient on, max gives it to the larger, multiply swaps.

    Press F10 until f is −20, and on until x has its gradient −8: that is 2 times y, its neighbour.

    z is the larger, so it gets all that reaches max, and w gets 0. Set w to 3 and see who wins then.
    (After CS231n, Backpropagation.)
    """
    column = 230.0
    x = g.add("Input", name="x", value=3.0, position=(0, 0))
    y = g.add("Input", name="y", value=-4.0, position=(0, ROW))
    z = g.add("Input", name="z", value=2.0, position=(0, 2 * ROW))
    w = g.add("Input", name="w", value=-1.0, position=(0, 3 * ROW))
    mul = g.add("Mul", x, y, name="mul", position=(column, ROW / 2))
    largest = g.add("Maximum", z, w, name="max", position=(column, 2.5 * ROW))
    both = g.add("Add", mul, largest, name="sum", position=(2 * column, 1.5 * ROW))
    g.add("Mul", both, b=2.0, name="f", position=(3 * column, 1.5 * ROW))


@example("window", "A filter on its way")
def window(g: Graph) -> None:
    """A filter of 2×2 goes over a picture of 3×3: four windows, four sums.

    Press F10 until Y has its values, select it and press Ctrl+Alt+P to play it window by window. The first comes
    to 19: 0·0 + 1·1 + 3·2 + 4·3, each pixel of the window times its number in the filter.

    Click the middle pixel of X there: it lies in all four windows, and choose backward to see what each of them
    sends it. (After Dive into Deep Learning, Convolutions for images.)
    """
    column = 260.0
    picture = (((0.0, 1.0, 2.0), (3.0, 4.0, 5.0), (6.0, 7.0, 8.0)),)
    x = g.add("Input", name="X", value=(picture,), position=(0, 0))
    k = g.add("Parameter", name="K", value=((((0.0, 1.0), (2.0, 3.0)),),), position=(0, ROW))
    y = g.add(
        "Conv2d",
        x,
        weight=k,
        name="Y",
        out_channels=1,
        kernel_size=2,
        bias=False,
        position=(column, ROW / 2),
    )
    g.add("Sum", y, name="sum", position=(2 * column, ROW / 2))
    g.configure(optimizer="SGD", lr=0.01, momentum=0.0, epochs=20)


@example("valley", "A curved valley")
def valley(g: Graph) -> None:
    """f = (1 − x)² + 10·(y − x²)²: two numbers go downhill in a narrow, curved valley to (1, 1).

    Press F5 and then open Tools, Loss surface: the way winds along the floor of the valley.

    Race optimizers (Tools, Race optimizers): every way is drawn on the surface. Who takes the bend best?
    (After Rosenbrock 1960, whose valley is ten times as steep.)
    """
    column = 230.0
    x = g.add("Parameter", name="x", value=-1.2, position=(0, ROW))
    y = g.add("Parameter", name="y", value=1.0, position=(column, 0))
    square = g.add("Square", x, name="x2", position=(column, ROW))
    away = g.add("Sub", y, square, name="away", position=(2 * column, ROW / 2))
    squared = g.add("Square", away, name="away2", position=(3 * column, ROW / 2))
    walls = g.add("Mul", squared, b=10.0, name="walls", position=(4 * column, ROW / 2))
    left = g.add("Sub", x, b=1.0, name="left", position=(column, 2 * ROW))
    floor = g.add("Square", left, name="floor", position=(2 * column, 2 * ROW))
    g.add("Add", walls, floor, name="f", position=(5 * column, ROW))
    g.configure(optimizer="SGD", lr=0.01, momentum=0.9, epochs=300)


@example("perceptron", "Perceptron")
def perceptron(g: Graph) -> None:
    """Rosenblatt's perceptron: one line between two clouds, moved only by points on the wrong side of it.

    Press F5: one point at a time goes in, and after a few rounds all 400 are on their side. The loss is 0
    for a point that is right; for any other, the weights take a step towards it.

    Then set noise of clouds to 1 and train again: no line fits, and the weights never come to rest.
    """
    data = g.add("Dataset", name="clouds", dataset="clouds", noise=0.25, position=(0, ROW))
    out = g.add("Linear", data["x"], name="out", units=1, position=(230, 0))
    g.add("HingeLoss", out, data["target"], name="loss", margin=0.0, position=(460, ROW))
    g.configure(optimizer="SGD", lr=1.0, momentum=0.0, batch_size=1, epochs=5)


@example("logistic", "Logistic regression")
def logistic(g: Graph) -> None:
    """A line that says how sure it is: scores become probabilities, and every point pulls a little.

    Press F5: about 97 of 100 points are told right, and no line can do better, because the clouds overlap.

    Open View > Predictions and sort by least sure: they lie along the border. Compare with the example
    Perceptron, which knows only right and wrong.
    """
    data = g.add("Dataset", name="clouds", dataset="clouds", noise=0.6, position=(0, ROW))
    out = g.add("Linear", data["x"], name="out", units=1, position=(230, 0))
    g.add("Sigmoid", out, name="chance", position=(460, 0))
    g.add("BCEWithLogitsLoss", out, data["target"], name="loss", position=(460, ROW))
    g.configure(optimizer="Adam", lr=0.05, batch_size=32, epochs=40)


@example("squares", "A square makes it linear")
def squares(g: Graph) -> None:
    """Points on a line, one class between the other: no threshold separates them, but (x, x²) does.

    Press F5 and both ways come to 97 of 100 unseen points: above, a line in the plane of x and x²; below,
    a network that finds features of its own.

    Mute features with M and train again: a threshold on x alone gets stuck at about 50 of 100. (After the
    lecture: why learn features.)
    """
    two_ways(g, "interval", "PolynomialFeatures", units=4)
    g.configure(optimizer="Adam", lr=0.05, batch_size=32, epochs=80)


@example("products", "A product makes it linear")
def products(g: Graph) -> None:
    """XOR with the product of its inputs: with x₁·x₂ as a third feature, one plane tells the corners apart.

    Press F5 and both ways get all four right: above, weights for x₁, x₂ and x₁·x₂; below, a hidden layer.

    Look at the weights of the layer named line: the product counts against the sum, about −2 to 1. (After
    the lecture: why learn features.)
    """
    two_ways(g, "xor", "FeatureProducts", units=8)
    g.configure(optimizer="Adam", lr=0.05, batch_size=4, epochs=400)


@example("polar", "Polar coordinates make it linear")
def polar(g: Graph) -> None:
    """Two rings, one inside the other: as distance and angle, one straight cut separates them.

    Press F5 and both ways come to 95 of 100 unseen points: above, a line in polar coordinates; below, a
    network on x₁ and x₂ that closes a ring of its own.

    Set units of hidden to 2 and train again: two straight cuts cannot close a ring. (After the lecture:
    why learn features.)
    """
    two_ways(g, "circles", "PolarCoordinates", units=8)
    g.configure(optimizer="Adam", lr=0.05, batch_size=32, epochs=60)


def two_ways(g: Graph, dataset: str, transform: str, units: int) -> None:
    """The same rows twice: a feature made by hand and a line, and a network that learns its own. The goal is both."""
    column = 220.0
    data = g.add("Dataset", name="data", dataset=dataset, position=(0, 1.5 * ROW))
    features = g.add(transform, data["x"], name="features", position=(column, 0))
    line = g.add("Linear", features, name="line", units=1, position=(2 * column, 0))
    hidden = g.add("Linear", data["x"], name="hidden", units=units, position=(column, 3 * ROW))
    tanh = g.add("Tanh", hidden, name="tanh", position=(2 * column, 3 * ROW))
    out = g.add("Linear", tanh, name="out", units=1, position=(3 * column, 3 * ROW))
    made = g.add("BCEWithLogitsLoss", line, data["target"], name="byhand", position=(4 * column, ROW))
    learnt = g.add("BCEWithLogitsLoss", out, data["target"], name="learnt", position=(4 * column, 2 * ROW))
    g.add("Add", made, learnt, name="both", position=(5 * column, 1.5 * ROW))
    g.configure(goal="both")


@example("xor", "XOR")
def xor(g: Graph) -> None:
    """Exclusive or: no straight line separates the ones from the zeros, so a hidden layer bends the
    plane.

    Press F5: within a second all four answers are right. Then click hidden and look at what its eight
    units have learnt.

    Now set units of hidden to 1, press F5 again, and see it fail.
    """
    chain(
        g, "xor", [("Linear", "hidden", {"units": 8}), ("Tanh", "tanh", {}), ("Linear", "out", {"units": 1})]
    )
    g.configure(optimizer="Adam", lr=0.05, batch_size=4, epochs=200)


@example("spirals", "Two spirals")
def spirals(g: Graph) -> None:
    """Two spirals wound into each other: a network of two hidden layers unwinds them.

    Press F5 and watch the loss: it stays high for a while, then falls when the arms come apart.

    Delete tanh1 and tanh2, wire the layers to each other, and train again: without them, only a
    straight line is left.
    """
    layers = [
        ("Linear", "hidden1", {"units": 32}),
        ("Tanh", "tanh1", {}),
        ("Linear", "hidden2", {"units": 32}),
        ("Tanh", "tanh2", {}),
        ("Linear", "out", {"units": 1}),
    ]
    chain(g, "spirals", layers, column=205.0)
    g.configure(optimizer="Adam", lr=0.01, batch_size=32, epochs=150)


@example("digits-mlp", "Digits with an MLP")
def digits_mlp(g: Graph) -> None:
    """1,797 handwritten digits, one hidden layer: about 97 of 100 unseen digits are read correctly.

    Press F5 to train; the loss panel shows the digits trained on and the ones held out. Click hidden
    and look at its weights: each row is what one unit looks for in the 8×8 pixels.

    Then set its units to 4 and train again: four features are too few for ten digits.
    """
    layers = [("Linear", "hidden", {"units": 64}), ("ReLU", "relu", {}), ("Linear", "out", {"units": 10})]
    chain(g, "digits", layers)
    g.configure(optimizer="Adam", lr=0.003, weight_decay=1e-4, batch_size=32, epochs=40)


@example("digits-cnn", "Digits with a CNN")
def digits_cnn(g: Graph) -> None:
    """The same digits as images: convolution and pooling, twice, then one layer that decides. About 99
    of 100.

    Press F5 to train and open Filters: conv1 learns sixteen small strokes and edges. Click relu1 to see
    which filter answers where.

    Then set out_channels of conv1 to 1 and train again: one filter is too few.
    """
    layers = [
        ("Conv2d", "conv1", {"out_channels": 16, "kernel_size": 3, "padding": 1}),
        ("ReLU", "relu1", {}),
        ("MaxPool2d", "pool1", {"kernel_size": 2}),
        ("Conv2d", "conv2", {"out_channels": 32, "kernel_size": 3, "padding": 1}),
        ("ReLU", "relu2", {}),
        ("MaxPool2d", "pool2", {"kernel_size": 2}),
        ("Flatten", "flatten", {}),
        ("Dropout", "dropout", {"p": 0.3}),
        ("Linear", "out", {"units": 10}),
    ]
    chain(g, "digits", layers, column=195.0, layout="image")
    g.configure(optimizer="Adam", lr=0.01, schedule="OneCycleLR", batch_size=32, epochs=30)


@example("lenet-mnist", "LeNet on MNIST")
def lenet_mnist(g: Graph) -> None:
    """LeNet-5 reads 28×28 digits: 4,000 to learn from, 1,000 held out, of which about 98 of 100 are
    read right.

    Press F5: in twenty seconds or so it has gone through the digits 24 times, each time moved a little by
    shift. Open Filters and see what conv1 looks for; open Confusion and see which it takes for others.

    File, New with pre-trained parameters has it trained already. (After LeCun, Bottou, Bengio and Haffner
    1998, with ReLU and max pooling; the digits are those of MNIST.)
    """
    layers = [
        ("RandomShift", "shift", {"shift": 2}),
        ("Conv2d", "conv1", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        ("ReLU", "relu1", {}),
        ("MaxPool2d", "pool1", {"kernel_size": 2}),
        ("Conv2d", "conv2", {"out_channels": 16, "kernel_size": 5}),
        ("ReLU", "relu2", {}),
        ("MaxPool2d", "pool2", {"kernel_size": 2}),
        ("Flatten", "flatten", {}),
        ("Linear", "fc1", {"units": 120}),
        ("ReLU", "relu3", {}),
        ("Linear", "fc2", {"units": 84}),
        ("ReLU", "relu4", {}),
        ("Linear", "out", {"units": 10}),
    ]
    chain(g, "mnist5k", layers, column=195.0, layout="image")
    schedule = {"schedule": "CosineAnnealingLR", "weight_decay": 1e-4}
    g.configure(optimizer="Adam", lr=0.002, batch_size=32, epochs=24, validation=0.2, test=0.0, **schedule)


@example("names-rnn", "Names, by an Elman network")
def names_rnn(g: Graph) -> None:
    """A network reads first names character by character, and says at each which one comes next: about 3.0
    bits a character.

    Press F5 and open View, Text: it writes names while it learns. Type the beginning of one, and see how
    likely each next character is.

    Select rnn and press Ctrl+H: LSTM or GRU takes its place. The text is shuffled names, a tenth at its end
    held out; the inspector of names takes any text of yours instead. (After Elman 1990, Finding structure
    in time.)
    """
    writer(g, "RNN")


@example("names-lstm", "Names, by an LSTM")
def names_lstm(g: Graph) -> None:
    """The same with an LSTM, whose cell keeps what its gates let in: about 2.95 bits a character.

    Press F5 and open View, Units over text: which unit tracks the ends of names, which one vowels?

    Select lstm and press Ctrl+H to put an RNN or a GRU in its place, and compare their curves in Loss.
    (After Hochreiter and Schmidhuber 1997, Long short-term memory.)
    """
    writer(g, "LSTM")


@example("names-gru", "Names, by a GRU")
def names_gru(g: Graph) -> None:
    """The same with a GRU, which has two gates and no cell of its own: about 3.0 bits a character.

    Press F5. When it is done, open View, Text, and turn the temperature: low, and it writes the same safe
    names; high, and it makes things up.

    `graphlab train names-gru --save gru` and `graphlab sample gru.graphlab` do it in a terminal. (After Cho
    et al. 2014, Learning phrase representations using RNN encoder-decoder.)
    """
    writer(g, "GRU")


def writer(g: Graph, layer: str) -> None:
    """A text, its characters as vectors, a recurrent layer, and scores of the next character at each place."""
    column = 220.0
    text = g.add("Text", name="names", position=(0, ROW))
    inner = g.add(
        "Embedding", text["x"], name="embed", num_embeddings=28, embedding_dim=24, position=(column, 0)
    )
    states = g.add(
        layer, inner, name=layer.lower(), hidden_size=96, batch_first=True, position=(2 * column, 0)
    )
    scores = g.add("Linear", states["y"], name="out", units=28, position=(3 * column, 0))
    turned = g.add("Transpose", scores, name="turn", position=(4 * column, 0))
    g.add("CrossEntropyLoss", turned, text["target"], name="loss", position=(5 * column, ROW))
    schedule = {"schedule": "CosineAnnealingLR", "validation": 0.1, "test": 0.1}
    g.configure(optimizer="Adam", lr=0.01, batch_size=32, epochs=15, **schedule)


def chain(
    g: Graph,
    dataset: str,
    layers: list[tuple[str, str, dict[str, object]]],
    column: float = 220.0,
    **params: object,
) -> None:
    """Data, layers and loss in a row; data and loss stand lower, so that the targets pass beneath the layers."""
    data = g.add("Dataset", name=dataset, dataset=dataset, position=(0, ROW), **params)
    last = data["x"]
    for k, (op, name, settings) in enumerate(layers, 1):
        last = g.add(op, last, name=name, position=(k * column, 0), **settings)
    loss = "BCEWithLogitsLoss" if layers[-1][2]["units"] == 1 else "CrossEntropyLoss"
    g.add(loss, last, data["target"], name="loss", position=((len(layers) + 1) * column, ROW))


def build(drawing: Drawing) -> bytes:
    """The example's document as JSON, its note above the nodes."""
    g = Graph(drawing.title)
    drawing.draw(g)
    g.add_note(*note(drawing.paragraphs, max(node.node.position[0] for node in g.nodes) + 160.0))
    return to_bytes(g.document)


def note(paragraphs: list[str], across: float) -> tuple[str, tuple[float, float], tuple[float, float]]:
    """Text, place and size of the note above a graph so many units wide.

    A wide graph is seen from afar when it is opened, so its note is larger by as much: the canvas then draws the
    text larger, and it can be read at once.
    """
    scale = max(1.0, across / 980.0)
    letters = 76  # in a line of 460 units at the usual size of the text
    rows = sum(-(-len(text) // letters) for text in paragraphs)
    width, height = round(480.0 * scale), round((24.0 + 15.5 * rows) * scale)
    return "\n".join(paragraphs), (0.0, -height - 40.0), (width, height)


def index() -> bytes:
    """Name, title and description of every example, in order."""
    entries = [{"name": d.name, "title": d.title, "description": d.paragraphs[0]} for d in drawings]
    return (json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode()


def main() -> None:
    folder = resource("examples")
    folder.mkdir(exist_ok=True)
    for drawing in drawings:
        (folder / f"{drawing.name}.graphlab").write_bytes(build(drawing))
    (folder / "index.json").write_bytes(index())


if __name__ == "__main__":
    from tests.examples import build as whole  # not this copy of it, which nobody else adds to

    whole.main()
else:
    from tests.examples import (  # noqa: F401  (each adds its examples)
        pictures,
        sequences,
        sequences_recall,
        transformers,
        vision,
        windows,
    )
