"""What a graph takes before anything runs: operations, bytes, parameters and memory, node by node and in all."""

from __future__ import annotations

from typing import Any

import pytest

import graphlab as gl
from graphlab.engine.costs import Cost, Work


def total(g: gl.Graph, **sizes: int) -> Cost:
    return sum(gl.Plan(g).costs(sizes).values(), Cost())


def by_name(g: gl.Graph, **sizes: int) -> dict[str, Cost]:
    plan = gl.Plan(g)
    return {plan.nodes[key].path: cost for key, cost in plan.costs(sizes).items()}


def two_layers(goal: bool = True) -> gl.Graph:
    g = gl.Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    hidden = g.add("Tanh", g.add("Linear", x, name="hidden", units=4), name="tanh")
    y = g.add("Linear", hidden, name="out", units=2)
    if goal:
        g.add("MSELoss", y, g.add("Input", name="target", shape=("N", 2)), name="loss")
    return g


def test_each_node_tells_operations_and_bytes_of_both_phases() -> None:
    found = by_name(two_layers(), N=5)
    assert found["x"] == Cost(memory=found["x"].memory)
    hidden, tanh, out = (found[name] for name in ("hidden", "tanh", "out"))
    assert hidden.forward == Work(2 * 5 * 3 * 4, 4 * (5 * 3 + 4 * 3 + 4 + 5 * 4))
    assert hidden.backward == Work(
        2 * 5 * 3 * 4 + 5 * 4, 4 * (5 * 4 + 5 * 3 + 4 * 3 + 4)
    )  # x gets no gradient
    assert tanh.forward == Work(5 * 4, 4 * 2 * 5 * 4)
    assert tanh.backward == Work(3 * 5 * 4, 4 * 3 * 5 * 4)
    both = 2 * (2 * 5 * 4 * 2) + 5 * 2
    assert out.backward == Work(both, 4 * (5 * 2 + (5 * 4 + 2 * 4) + (5 * 4 + 2 * 4 + 2)))
    assert (hidden.parameters, out.parameters) == (16, 10)


def test_numbers_of_double_size_move_twice_the_bytes() -> None:
    once, twice = (gl.Plan(two_layers(), dtype=dtype).costs({"N": 5}) for dtype in ("float32", "float64"))
    assert {key: cost.forward.bytes * 2 for key, cost in once.items()} == {
        key: cost.forward.bytes for key, cost in twice.items()
    }


def test_class_indices_take_eight_bytes_each() -> None:
    g = gl.Graph()
    rows = g.add("Input", name="x", shape=("N",), dtype="int")
    g.add("Embedding", rows, name="table", num_embeddings=100, embedding_dim=2)
    (found,) = (cost for name, cost in by_name(g, N=3).items() if name == "table")
    assert found.forward == Work(0, 3 * 8 + 4 * (3 * 2 + 3 * 2))  # of the table only the rows looked up


def test_without_a_goal_nothing_goes_back() -> None:
    assert total(two_layers(goal=False), N=5).backward == Work()


def test_what_comes_back_from_several_consumers_is_added_up() -> None:
    g = gl.Graph()
    a, b = g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=1.0)
    c, d = g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d")
    g.add("Mul", c, d, name="e")
    assert by_name(g)["b"].backward == Work(1, 4 * 3)
    assert by_name(g)["e"].backward == Work(2, 4 * 5)


def test_other_looks_at_the_same_numbers_are_free() -> None:
    g = gl.Graph()
    x = g.add("Input", name="x", shape=("N", 2, 3))
    weights = g.add("Parameter", name="w", shape=(6, 2))
    g.add("Sum", g.add("MatMul", g.add("Flatten", x, name="flat"), weights), name="goal")
    found = by_name(g, N=4)
    assert (
        found["flat"].forward == found["flat"].backward == found["w"].forward == found["w"].backward == Work()
    )


def test_the_whole_is_the_sum_of_its_nodes() -> None:
    whole, parts = total(two_layers(), N=5), by_name(two_layers(), N=5).values()
    assert whole.flops == sum(cost.forward.flops + cost.backward.flops for cost in parts)
    assert whole.parameters == 26
    assert whole.memory == sum(gl.Plan(two_layers()).memory({"N": 5}).values())


# Published networks: operations as torchvision documents them (`_ops` of its weights, in units of 10⁹ multiply-adds)


def conv(g: gl.Graph, x: Any, channels: int, kernel: int, stride: int = 1, pad: int = 0, **more: Any) -> Any:
    return g.add("Conv2d", x, out_channels=channels, kernel_size=kernel, stride=stride, padding=pad, **more)


def alexnet() -> gl.Graph:
    g = gl.Graph("alexnet")
    x = g.add("ReLU", conv(g, g.add("Input", name="x", shape=("N", 3, 224, 224)), 64, 11, 4, 2))
    x = g.add("ReLU", conv(g, g.add("MaxPool2d", x, kernel_size=3, stride=2), 192, 5, 1, 2))
    x = g.add("MaxPool2d", x, kernel_size=3, stride=2)
    for channels in (384, 256, 256):
        x = g.add("ReLU", conv(g, x, channels, 3, 1, 1))
    x = g.add("Flatten", g.add("MaxPool2d", x, kernel_size=3, stride=2))
    for _ in range(2):
        x = g.add("ReLU", g.add("Linear", g.add("Dropout", x), units=4096))
    g.add("Linear", x, name="out", units=1000)
    return g


def resnet18() -> gl.Graph:
    def normed(x: Any, channels: int, kernel: int, stride: int, pad: int) -> Any:
        return g.add("BatchNorm2d", conv(g, x, channels, kernel, stride, pad, bias=False))

    def block(x: Any, channels: int, stride: int, changes: bool) -> Any:
        short = normed(x, channels, 1, stride, 0) if changes else x
        long = normed(g.add("ReLU", normed(x, channels, 3, stride, 1)), channels, 3, 1, 1)
        return g.add("ReLU", g.add("Add", long, short))

    g = gl.Graph("resnet18")
    x = g.add("ReLU", normed(g.add("Input", name="x", shape=("N", 3, 224, 224)), 64, 7, 2, 3))
    x = g.add("MaxPool2d", x, kernel_size=3, stride=2, padding=1)
    for stage, channels in enumerate((64, 128, 256, 512)):
        x = block(x, channels, 2 if stage else 1, bool(stage))
        x = block(x, channels, 1, False)
    g.add("Linear", g.add("Flatten", g.add("GlobalAvgPool2d", x)), name="out", units=1000)
    return g


@pytest.mark.parametrize(
    ("network", "multiply_adds", "parameters"),
    [(alexnet, 0.714, 61_100_840), (resnet18, 1.814, 11_689_512)],
)
def test_published_networks_have_their_published_size(
    network: Any, multiply_adds: float, parameters: int
) -> None:
    plan = gl.Plan(network())
    products = [cost for key, cost in plan.costs({"N": 1}).items() if plan.op(key).factors]
    assert sum(cost.forward.flops for cost in products) / 2e9 == pytest.approx(multiply_adds, abs=5e-4)
    assert sum(cost.parameters for cost in plan.costs({"N": 1}).values()) == parameters


def test_operations_grow_with_the_batch_and_parameters_do_not() -> None:
    one, eight = (total(alexnet(), N=n) for n in (1, 8))
    assert eight.forward.flops == 8 * one.forward.flops
    assert eight.parameters == one.parameters
    assert eight.memory > one.memory
