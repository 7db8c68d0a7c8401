"""What repeats is found by structure alone: groups, their names, and definitions that several of them share."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import infer
from graphlab.io.onnx_in.words import as_name, is_made_up, shared_front, word_of_value
from tests.io.onnx_in.imported import model, opened, results, run_of, saved

onnx = pytest.importorskip("onnx")
node = onnx.helper.make_node
RNG = np.random.default_rng(0)


class Drawing:
    """ONNX nodes of a network, one after the other, named as PyTorch names them."""

    def __init__(self) -> None:
        self.nodes, self.weights, self.last = [], {}, "x"

    def conv(self, path, channels, before, stride=1, source=""):
        self.weights[f"{path}.weight"] = RNG.normal(size=(channels, before, 3, 3)).astype(np.float32) / 6
        more = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [stride, stride]}
        return self.put("Conv", path, source or self.last, f"{path}.weight", **more)

    def put(self, kind, path, *inputs, **more):
        name = f"/{path}/{kind}"
        self.nodes.append(node(kind, inputs, [f"{name}_output_0"], name=name, **more))
        self.last = f"{name}_output_0"
        return self.last

    def residual(self, path, channels, before, stride=1):
        start = self.last
        self.conv(f"{path}/conv1", channels, before, stride)
        self.put("Relu", path, self.last)
        end = self.conv(f"{path}/conv2", channels, channels)
        if stride > 1:
            start = self.conv(f"{path}/down", channels, before, stride, start)
        self.put("Add", path, end, start)
        self.put("Relu", f"{path}/out", self.last)


@pytest.fixture
def residual_network():
    """A stem and three stages of two residual blocks."""
    drawing = Drawing()
    drawing.conv("conv1", 4, 3)
    drawing.put("Relu", "act", drawing.last)
    before = 4
    for stage, channels in enumerate((4, 8, 16), 1):
        for block in (0, 1):
            stride = 2 if stage > 1 and block == 0 else 1
            drawing.residual(f"layer{stage}/layer{stage}.{block}", channels, before, stride)
            before = channels
    drawing.put("GlobalAveragePool", "pool", drawing.last)
    return drawing


def of(folder, drawing, shape=("N", 3, 16, 16)):
    return opened(folder, drawing.nodes, {"x": list(shape)}, [drawing.last], drawing.weights)


def test_residual_blocks_become_groups_with_their_names(tmp_path, residual_network):
    document = of(tmp_path, residual_network).graph.document
    assert [n.name for n in document.nodes.values()] == [
        *("x", "conv1", "act", "layer1_0", "layer1_1", "layer2_0", "layer2_1", "layer3_0", "layer3_1", "pool")
    ]
    assert [d.name for d in document.definitions.values()] == ["layer1_0", "layer2_0"]
    inside = document.definitions[document.node("layer3_1").params["definition"]]
    kinds = [n.op for n in inside.nodes.values()]
    assert kinds == ["Conv2d", "ReLU", "Conv2d", "Add", "ReLU", "GroupInput", "GroupOutput"]


def test_what_differs_between_blocks_is_a_setting_of_each(tmp_path, residual_network):
    document = of(tmp_path, residual_network).graph.document
    assert dict(document.node("layer3_1").params["values"]) == {
        "conv1 out_channels": 16,
        "conv2 out_channels": 16,
    }
    assert "values" not in document.node("layer1_0").params
    assert not infer(document).problems


def test_blocks_have_weights_of_their_own_and_give_what_the_file_gives(tmp_path, residual_network):
    from onnx.reference import ReferenceEvaluator

    found = of(tmp_path, residual_network)
    assert {"layer1_0/conv1.weight", "layer3_1/conv2.weight"} <= set(found.weights)
    x = RNG.normal(size=(2, 3, 16, 16)).astype(np.float32)
    proto = model(
        residual_network.nodes, {"x": ["N", 3, 16, 16]}, [residual_network.last], residual_network.weights
    )
    (wanted,) = ReferenceEvaluator(proto).run(None, {"x": x})
    (got,) = results(saved(tmp_path, proto), {"x": x})
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_grouped_network_is_stepped_backward_too(tmp_path, residual_network):
    found = of(tmp_path, residual_network)
    found.graph.add("Sum", "pool", name="total")
    run = run_of(type(found)(found.graph, found.weights, {}, [], {}))
    for _ in run.steps():
        pass
    assert np.abs(run.grad("layer1_0/conv1.weight")).max() > 0


def test_a_small_network_stays_flat(tmp_path):
    drawing = Drawing()
    drawing.conv("conv1", 4, 3)
    drawing.residual("block", 4, 4)
    document = of(tmp_path, drawing).graph.document
    assert not document.definitions


def test_a_plain_chain_is_cut_behind_its_poolings(tmp_path):
    drawing, before = Drawing(), 3
    for stage in (1, 2, 3):
        for layer in (1, 2):
            drawing.conv(f"conv{stage}_{layer}", 4 * stage, before)
            drawing.put("Relu", f"relu{stage}_{layer}", drawing.last)
            before = 4 * stage
        drawing.put("MaxPool", f"pool{stage}", drawing.last, kernel_shape=[2, 2], strides=[2, 2])
    document = of(tmp_path, drawing).graph.document
    assert [n.op for n in document.nodes.values()] == ["Input", "Group", "Group", "Group"]
    assert len(document.definitions) == 1


def test_a_plain_chain_without_poolings_is_cut_where_it_repeats(tmp_path):
    drawing, before = Drawing(), 3
    for k in range(10):
        drawing.conv(f"features.{2 * k}", 4, before, stride=2 if k == 5 else 1)
        drawing.put("Relu", f"features.{2 * k + 1}", drawing.last)
        before = 4
    document = of(tmp_path, drawing).graph.document
    assert len(document.nodes) <= 12
    assert not infer(document).problems


@pytest.mark.parametrize(
    ("words", "front"),
    [
        (["inception_3a/1x1", "inception_3a/3x3_reduce"], "inception_3a/"),
        (["res2_0_branch2a", "res2_0_branch2a_bn", "res2_0_branch1"], "res2_0_"),
        (["conv1", "conv1/bn"], "conv1"),
        (["conv3", "conv4"], ""),
        (["", "a/b"], "a/b"),
        ([], ""),
    ],
)
def test_what_names_begin_with_in_common(words, front):
    assert shared_front(words) == front


def test_names_that_tell_nothing():
    assert all(is_made_up(name) for name in ("", "n12", "r7", "node_3", "42", "_"))
    assert is_made_up("Relu_12", "Relu")
    assert not is_made_up("conv1", "Conv")
    assert not any(is_made_up(name) for name in ("conv1", "n1_head", "fire2/relu"))
    assert as_name("/layer1/layer1.0/conv1", "conv") == "layer1_layer1_0_conv1"
    assert as_name("n7", "conv") == "n7_"
    assert as_name("..", "conv") == "conv"
    assert word_of_value("/enc/layers.0/attn/Constant_3_output_0") == "enc/layers.0/attn"


def test_steps_of_an_unrolled_cell_are_found_by_their_names(tmp_path):
    """Each reads a value of its own, so that no node is passed by every path."""
    nodes, weights, state = [], {"w": np.eye(3, dtype=np.float32), "axis": np.array([1])}, "h"
    for t in range(8):
        weights[f"t{t}"] = np.array([t])
        nodes += [
            node("Gather", ["x", f"t{t}"], [f"r{t}"], axis=1, name=f"/rnn/t={t}/row"),
            node("Squeeze", [f"r{t}", "axis"], [f"s{t}"], name=f"/rnn/t={t}/now"),
            node("MatMul", [state, "w"], [f"u{t}"], name=f"/rnn/t={t}/hh"),
            node("Add", [f"s{t}", f"u{t}"], [f"a{t}"], name=f"/rnn/t={t}/sum"),
            node("Tanh", [f"a{t}"], [f"h{t}"], name=f"/rnn/t={t}/h"),
        ]
        state = f"h{t}"
    found = opened(tmp_path, nodes, {"x": ["N", 8, 3], "h": ["N", 3]}, [state], weights)
    document = found.graph.document
    assert not found.lost
    (layer,) = (n for n in document.nodes.values() if n.op == "Group")
    steps = document.definitions[layer.params["definition"]].nodes.values()
    assert layer.name == "rnn"
    assert [n.name for n in steps if n.op == "Group"] == [f"rnn_t={t}" for t in range(8)]
    run = run_of(found)
    run.forward()
