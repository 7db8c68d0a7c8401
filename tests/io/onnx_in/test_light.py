"""The nine networks of the onnx package: they open, are readable, and give what onnxruntime gives.

Their weights are constants, so random ones are put in their place. By itself that is done for the two smallest;
`GRAPHLAB_TEST_LIGHT=all` does it for all nine, which takes some gigabytes and a minute.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from graphlab.engine import infer
from graphlab.graph import codec
from graphlab.graph.groups import size_of
from graphlab.io.onnx_in import open_onnx
from graphlab.io.onnx_in.blocks import READABLE
from tests.io.onnx_in.imported import package_models, results, saved

onnx = pytest.importorskip("onnx")

# learnable numbers, and how many nodes there are with all groups expanded. AlexNet: Krizhevsky et al. 2012; VGG19:
# Simonyan and Zisserman 2014; ResNet-50: He et al. 2015; SqueezeNet 1.1: its authors' README. The others follow from
# the shapes in the files (DenseNet and Inception v2 scale behind BatchNorm, which is twice as many numbers again).
NETWORKS = {
    "bvlc_alexnet": (60_965_224, 25),
    "densenet121": (8_062_504, 911),
    "inception_v1": (6_998_552, 144),
    "inception_v2": (11_214_888, 510),
    "resnet50": (25_557_032, 177),
    "shufflenet": (1_393_320, 204),
    "squeezenet": (1_235_496, 67),
    "vgg19": (143_667_240, 47),
    "zfnet512": (87_250_536, 23),
}
SMALLEST = ("squeezenet", "shufflenet")
COMPARED = NETWORKS if os.environ.get("GRAPHLAB_TEST_LIGHT") == "all" else SMALLEST


def file_of(name: str) -> Path:
    return next(path for path in package_models("light") if path.stem == f"light_{name}")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_opens_whole_and_readable(name):
    found = open_onnx(file_of(name))
    known = infer(found.graph)
    assert not found.lost
    assert not known.problems
    assert (known.total_parameters, len(known.nodes)) == NETWORKS[name]
    assert size_of(found.graph.document) <= READABLE
    assert codec.from_bytes(codec.to_bytes(found.graph.document)) == found.graph.document
    assert not found.graph.is_saved


def test_blocks_of_one_form_are_uses_of_one_definition():
    document = open_onnx(file_of("resnet50")).graph.document
    groups = [n.name for n in document.nodes.values() if n.op == "Group"]
    assert groups == ["conv1", "res2", "res3", "res4", "res5"]
    assert {d.name for d in document.definitions.values()} == {"res2_0", "res2_1", *groups}


def test_the_paths_of_weights_follow_the_groups():
    found = open_onnx(file_of("squeezenet"))
    assert "fire2 to fire3/fire2/squeeze1x1.bias" in found.weights


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", COMPARED)
def test_a_network_gives_what_onnxruntime_gives(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    proto, before_softmax = filled(onnx.load(file_of(name)))
    path = saved(tmp_path, proto, f"{name}.onnx")
    fed = fed_by(proto)
    x = np.random.default_rng(1).normal(size=fed[1]).astype(np.float32)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    wanted = session.run(None, {fed[0]: x})[0]
    (got,) = results(path, {fed[0]: x}, "float32")
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max()
    assert np.abs(wanted).std() > 0, before_softmax


def filled(proto):
    """With random weights for its constant ones, and without the softmax at the end, which would hide what differs."""
    rng = np.random.default_rng(0)
    graph = proto.graph
    shapes = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            shape = tuple(int(size) for size in shapes[node.input[0]])
            wide = np.sqrt(2 / max(np.prod(shape[1:]), 1))
            array = rng.standard_normal(shape, np.float32) * np.float32(wide)
            if len(shape) == 1:
                array = rng.uniform(0.5, 1.5, shape).astype(np.float32)
            graph.initializer.append(onnx.numpy_helper.from_array(array, node.output[0]))
        else:
            kept.append(node)
    last = kept[-1].op_type
    if last == "Softmax":
        graph.output[0].name = kept.pop().input[0]
    del graph.node[:]
    graph.node.extend(kept)
    return proto, last


def fed_by(proto):
    known = {t.name for t in proto.graph.initializer}
    info = next(info for info in proto.graph.input if info.name not in known)
    return info.name, [axis.dim_value for axis in info.type.tensor_type.shape.dim]
