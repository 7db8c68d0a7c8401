"""Commands take .onnx files wherever they take our own."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab as gl
from tests.io.onnx_in.imported import model, saved

onnx = pytest.importorskip("onnx")
node = onnx.helper.make_node


@pytest.fixture
def net(tmp_path):
    """x → fc → act, with a loss against class indices."""
    rng = np.random.default_rng(0)
    nodes = [
        node("Gemm", ["x", "w", "b"], ["h"], transB=1, name="fc"),
        node("Relu", ["h"], ["scores"], name="act"),
        node("SoftmaxCrossEntropyLoss", ["scores", "label"], ["loss"], name="loss"),
    ]
    weights = {"w": rng.normal(size=(3, 2)).astype(np.float32), "b": np.ones(3, np.float32)}
    proto = model(nodes, {"x": ["N", 2], "label": ["int", "N"]}, ["loss"], weights)
    return saved(tmp_path, proto)


def test_show(call, net):
    done = call("show", net)
    assert done.code == 0
    assert "no faults" in done.out
    assert "fc" in done.out


def test_run_uses_the_weights_of_the_file(call, net):
    nodes = call("run", net, "--feed", "x=[[1, 2]]", "--json").json["nodes"]
    weights = gl.load(net)[1]
    wanted = np.maximum(weights["fc.weight"] @ [1, 2] + weights["fc.bias"], 0)
    (found,) = (each["value"]["values"] for each in nodes if each["name"] == "act")
    np.testing.assert_allclose(found, [wanted], rtol=1e-5)


def test_train_saves_a_file_of_our_own(call, net):
    done = call("train", net, "--epochs", 3, "--save", "mine.graphlab", "--no-record")
    assert done.code == 0, done.err
    before, after = gl.load(net)[1], gl.load("mine.graphlab")[1]
    assert before.keys() == after.keys()
    assert not np.array_equal(before["fc.weight"], after["fc.weight"])


def test_a_damaged_file_is_refused_by_name(call, tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"nothing of the kind")
    assert "bad.onnx" in call("show", tmp_path / "bad.onnx").complaint
