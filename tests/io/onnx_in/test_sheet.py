"""What operators become: layers with their weights, constants worked out, older forms, placeholders that say why."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab as gl
from graphlab.engine import infer
from graphlab.io import weight_files
from graphlab.io.onnx_in import lost_in
from tests.io.onnx_in.imported import model, opened, ops_in, results, run_of, saved

onnx = pytest.importorskip("onnx")
helper = onnx.helper
node = helper.make_node
RNG = np.random.default_rng(0)


def numbers(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def same_as_runtime(folder, proto, feeds):
    """The graph's results, after they were found to be the reference evaluator's."""
    from onnx.reference import ReferenceEvaluator

    wanted = ReferenceEvaluator(proto).run(None, feeds)
    got = results(saved(folder, proto), feeds)
    for ours, theirs in zip(got, wanted, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    return got


def test_names_and_weights_are_those_of_the_file(tmp_path):
    nodes = [
        node("Conv", ["image", "conv1.weight", "conv1.bias"], ["h"], name="/conv1/Conv", kernel_shape=[3, 3]),
        node("Relu", ["h"], ["y"], name="/act/Relu"),
    ]
    weights = {"conv1.weight": numbers(4, 2, 3, 3), "conv1.bias": numbers(4)}
    found = opened(tmp_path, nodes, {"image": ["batch", 2, 8, 8]}, ["y"], weights, title="lenet")
    assert ops_in(found.graph.document) == {"image": "Input", "conv1": "Conv2d", "act": "ReLU"}
    assert found.graph.name == "lenet"
    assert set(found.weights) == {"conv1.weight", "conv1.bias"}
    np.testing.assert_array_equal(found.weights["conv1.weight"], weights["conv1.weight"])


def test_a_matrix_product_with_a_bias_behind_it_is_one_layer(tmp_path):
    nodes = [node("MatMul", ["x", "w"], ["h"], name="/fc/MatMul"), node("Add", ["b", "h"], ["y"])]
    proto = model(nodes, {"x": ["N", 5, 3]}, ["y"], {"w": numbers(3, 4), "b": numbers(4)})
    found = opened(tmp_path, nodes, {"x": ["N", 5, 3]}, ["y"], {"w": numbers(3, 4), "b": numbers(4)})
    assert ops_in(found.graph.document) == {"x": "Input", "fc": "Linear"}
    same_as_runtime(tmp_path, proto, {"x": numbers(2, 5, 3)})


def test_gemm_of_computed_matrices_is_a_product_and_a_sum(tmp_path):
    nodes = [node("Gemm", ["a", "b", "c"], ["y"], alpha=0.5, beta=2.0, transA=1, transB=1)]
    proto = model(nodes, {"a": [3, 2], "b": [4, 3], "c": [4]}, ["y"])
    same_as_runtime(tmp_path, proto, {"a": numbers(3, 2), "b": numbers(4, 3), "c": numbers(4)})


def test_shared_weights_are_one_parameter(tmp_path):
    nodes = [
        node("Conv", ["x", "w"], ["a"], name="one", kernel_shape=[3], pads=[1, 1]),
        node("Conv", ["a", "w"], ["y"], name="two", kernel_shape=[3], pads=[1, 1]),
    ]
    proto = model(nodes, {"x": ["N", 2, 6]}, ["y"], {"w": numbers(2, 2, 3)})
    found = opened(tmp_path, nodes, {"x": ["N", 2, 6]}, ["y"], {"w": numbers(2, 2, 3)})
    assert list(ops_in(found.graph.document).values()).count("Parameter") == 1
    assert list(found.weights) == ["w.value"]
    same_as_runtime(tmp_path, proto, {"x": numbers(1, 2, 6)})


def test_the_arithmetic_of_shapes_is_worked_out(tmp_path):
    """x.view(x.size(0), -1), as PyTorch writes it."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Constant", [], ["zero"], value_int=0),
        node("Gather", ["s", "zero"], ["n"], axis=0),
        node("Constant", [], ["axis"], value_ints=[0]),
        node("Unsqueeze", ["n", "axis"], ["n1"]),
        node("Constant", [], ["rest"], value_ints=[-1]),
        node("Concat", ["n1", "rest"], ["shape"], axis=0),
        node("Reshape", ["x", "shape"], ["y"]),
    ]
    proto = model(nodes, {"x": ["N", 3, 4]}, ["y"])
    found = opened(tmp_path, nodes, {"x": ["N", 3, 4]}, ["y"])
    assert ops_in(found.graph.document) == {"x": "Input", "reshape": "Reshape"}
    same_as_runtime(tmp_path, proto, {"x": numbers(2, 3, 4)})


def test_a_batch_of_one_is_set_free(tmp_path):
    nodes = [
        node("Reshape", ["x", "flat"], ["h"]),
        node("Gemm", ["h", "w"], ["y"], transB=1, name="fc"),
    ]
    weights = {"flat": np.array([1, 12]), "w": numbers(5, 12)}
    found = opened(tmp_path, nodes, {"x": [1, 3, 4]}, ["y"], weights)
    assert found.graph.document.node("x").params["shape"] == ("N", 3, 4)
    run = run_of(found)
    run.feed(x=numbers(7, 3, 4))
    run.forward()
    assert run.value("fc").shape == (7, 5)


def test_a_batch_that_cannot_be_set_free_stays(tmp_path):
    nodes = [node("Expand", ["x", "shape"], ["y"])]
    found = opened(tmp_path, nodes, {"x": [1, 3]}, ["y"], {"shape": np.array([4, 3])})
    assert not found.lost
    assert found.graph.document.node("x").params["shape"] == (1, 3)


@pytest.mark.parametrize(
    ("kind", "pads", "more"),
    [
        ("MaxPool", [0, 0, 1, 1], {}),  # as ceil_mode does
        ("MaxPool", [1, 0, 0, 1], {}),  # by a Pad
        ("AveragePool", [0, 0, 1, 1], {}),
        ("AveragePool", [1, 0, 0, 1], {"count_include_pad": 1}),
    ],
)
def test_windows_whose_ends_are_padded_differently(tmp_path, kind, pads, more):
    nodes = [node(kind, ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=pads, **more)]
    same_as_runtime(tmp_path, model(nodes, {"x": ["N", 2, 8, 8]}, ["y"]), {"x": numbers(2, 2, 8, 8) - 3})


@pytest.mark.parametrize("auto", ["SAME_UPPER", "SAME_LOWER"])
def test_padding_that_follows_from_the_size(tmp_path, auto):
    nodes = [node("Conv", ["x", "w"], ["y"], auto_pad=auto, strides=[2, 2], kernel_shape=[3, 3])]
    proto = model(nodes, {"x": ["N", 1, 8, 7]}, ["y"], {"w": numbers(2, 1, 3, 3)})
    same_as_runtime(tmp_path, proto, {"x": numbers(1, 1, 8, 7)})


def test_dropout_and_batch_norm_come_in_a_form_that_trains(tmp_path):
    nodes = [
        node("BatchNormalization", ["x", "s", "b", "m", "v"], ["h"], name="bn", epsilon=1e-3),
        node("Dropout", ["h"], ["y"], name="drop", ratio=0.25),
    ]
    weights = {name: np.abs(numbers(3)) + 0.1 for name in "sbmv"}
    found = opened(tmp_path, nodes, {"x": ["N", 3, 4, 4]}, ["y"], weights, opset=9, ir=3)
    document = found.graph.document
    assert ops_in(document) == {"x": "Input", "bn": "BatchNorm2d", "drop": "Dropout"}
    assert document.node("drop").params["p"] == 0.25
    assert {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"} == set(found.weights)
    x, along = numbers(2, 3, 4, 4), (3, 1, 1)
    scale, shift, mean, variance = (weights[name].reshape(along) for name in "sbmv")
    (got,) = results(tmp_path / "net.onnx", {"x": x})
    np.testing.assert_allclose(got, scale * (x - mean) / np.sqrt(variance + 1e-3) + shift, rtol=1e-4)


def test_what_has_no_counterpart_is_a_placeholder_that_says_why(tmp_path):
    branch = helper.make_graph(
        [node("Relu", ["x"], ["t"])], "then", [], [helper.make_tensor_value_info("t", 1, None)]
    )
    nodes = [
        node("Relu", ["x"], ["h"], name="before"),
        node("NonZero", ["h"], ["z"], name="odd"),
        node("If", ["c"], ["i"], name="choice", then_branch=branch, else_branch=branch),
        node("Special", ["h"], ["q"], name="own", domain="com.example", strength=3),
        node("Tanh", ["q"], ["y"], name="after"),
    ]
    found = opened(tmp_path, nodes, {"x": ["N", 3], "c": ["int", 1]}, ["y", "z", "i"])
    document = found.graph.document
    kinds = ops_in(document)
    assert [kinds[name] for name in ("odd", "choice", "own")] == ["Foreign"] * 3
    assert document.node("own").params["attributes"] == (("strength", 3),)
    assert document.node("own").params["operator"] == "com.example.Special"
    assert document.inputs_of(document.node("after").id)["x"].source == document.node("own").id
    problems = {problem.node: problem.message for problem in infer(document).problems}
    assert "NonZero" in problems["odd"]
    assert problems["own"].startswith("com.example.Special (strength 3) cannot run here.")
    assert "a graph of its own" in problems["choice"]
    assert "com.example" in problems["own"]
    assert lost_in(document) == "graphlab has nothing for If, NonZero, com.example.Special."
    run = gl.Run(found.graph)
    run.feed(x=numbers(1, 3))
    run.run_to("before")


def test_an_input_stands_there_with_made_up_numbers(tmp_path):
    found = opened(tmp_path, [node("Relu", ["x"], ["y"], name="act")], {"x": ["N", 3]}, ["y"])
    run = gl.Run(found.graph)
    run.forward()
    assert run.value("act").shape == (1, 3)


def test_functions_of_the_file_are_written_out(tmp_path):
    proto = model([node("Twice", ["x"], ["y"], domain="mine")], {"x": ["N", 3]}, ["y"])
    opsets = [helper.make_opsetid("", 20)]
    proto.functions.append(
        helper.make_function("mine", "Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])], opsets)
    )
    proto.opset_import.append(helper.make_opsetid("mine", 1))
    (got,) = results(saved(tmp_path, proto), {"x": np.ones((1, 3))})
    np.testing.assert_array_equal(got, np.full((1, 3), 2.0))


def test_it_is_trained_after_a_loss_was_added(tmp_path):
    nodes = [
        node("Gemm", ["x", "w1", "b1"], ["h"], transB=1, name="hidden"),
        node("Tanh", ["h"], ["t"]),
        node("Gemm", ["t", "w2", "b2"], ["y"], transB=1, name="out"),
    ]
    weights = {"w1": numbers(8, 2), "b1": numbers(8), "w2": numbers(1, 8), "b2": numbers(1)}
    proto = model(nodes, {"x": ["N", 2]}, ["y"], weights)
    graph, arrays = gl.from_onnx(saved(tmp_path, proto))
    target = graph.add("Input", name="target", shape=("N", 1))
    graph.add("MSELoss", "out", target, name="loss")
    run = gl.Run(graph, optimizer=gl.Adam(lr=0.05))
    for name, array in arrays.items():
        run.set(name, array)
    run.feed(x=[[0, 0], [0, 1], [1, 0], [1, 1]], target=[[0], [1], [1], [0]])
    losses = run.train(300)
    assert losses[-1] < 0.01 < losses[0]


def test_a_saved_graph_has_the_weights_of_the_file(tmp_path):
    nodes = [node("Gemm", ["x", "w"], ["y"], transB=1, name="fc")]
    weights = numbers(4, 3)
    path = saved(tmp_path, model(nodes, {"x": ["N", 3]}, ["y"], {"w": weights}))
    np.testing.assert_array_equal(weight_files.read(path)["fc.weight"], weights)
    graph, arrays = gl.from_onnx(path)
    gl.save(graph, tmp_path / "mine.graphlab", arrays)
    again, stored = gl.load(tmp_path / "mine.graphlab")
    assert again.document == graph.document
    np.testing.assert_array_equal(stored["fc.weight"], weights)


@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_as_pytorch_writes_them(tmp_path, kind, direction):
    """Batch first by a Transpose, an initial state of zeros for any batch, the axis of directions left out."""
    ways, gates = 2 if direction == "bidirectional" else 1, {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    more = {"linear_before_reset": 1} if kind == "GRU" else {}
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "first"], ["n1"]),
        node("Concat", ["ways", "n1", "width"], ["size"], axis=0),
        node("ConstantOfShape", ["size"], ["h0"]),
        node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        node(
            kind,
            ["t", "w", "r", "b", "", "h0", *(["h0"] if kind == "LSTM" else [])],
            ["y"],
            hidden_size=4,
            direction=direction,
            name="rnn",
            **more,
        ),
    ]
    if ways == 1:
        nodes += [node("Squeeze", ["y", "one"], ["s"]), node("Transpose", ["s"], ["out"], perm=[1, 0, 2])]
    else:
        nodes += [node("Transpose", ["y"], ["s"], perm=[2, 0, 1, 3]), node("Reshape", ["s", "flat"], ["out"])]
    weights = {
        "w": numbers(ways, gates * 4, 3),
        "r": numbers(ways, gates * 4, 4),
        "b": numbers(ways, 2 * gates * 4),
        "zero": np.array(0),
        "first": np.array([0]),
        "one": np.array([1]),
        "ways": np.array([ways]),
        "width": np.array([4]),
        "flat": np.array([0, 0, -1]),
    }
    proto = model(nodes, {"x": ["N", 5, 3]}, ["out"], weights)
    runtime = pytest.importorskip("onnxruntime")
    x = numbers(2, 5, 3)
    session = runtime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    (wanted,) = session.run(None, {"x": x})
    (got,) = results(saved(tmp_path, proto), {"x": x})
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_weight_that_is_turned_round_on_the_way_is_worked_out(tmp_path):
    nodes = [
        node("Transpose", ["w"], ["wt"], perm=[1, 0]),
        node("MatMul", ["x", "wt"], ["h"], name="/fc/MatMul"),
        node("Add", ["h", "b"], ["y"], name="/fc/Add"),
    ]
    proto = model(nodes, {"x": ["N", 3]}, ["y"], {"w": numbers(4, 3), "b": numbers(4)})
    found = opened(tmp_path, nodes, {"x": ["N", 3]}, ["y"], {"w": numbers(4, 3), "b": numbers(4)})
    assert ops_in(found.graph.document) == {"x": "Input", "fc": "Linear"}
    same_as_runtime(tmp_path, proto, {"x": numbers(2, 3)})


def test_large_arrays_are_looked_at_where_the_file_has_them(tmp_path):
    weights = {"w": numbers(100, 200), "small": numbers(4)}
    nodes = [node("Gemm", ["x", "w"], ["h"], transB=1, name="fc"), node("Relu", ["h"], ["y"])]
    found = opened(tmp_path, nodes, {"x": ["N", 200]}, ["y"], weights)
    array = found.weights["fc.weight"]
    np.testing.assert_array_equal(array, weights["w"])
    assert not array.flags.owndata


def test_a_class_token_in_front_of_every_sequence(tmp_path):
    """torch.cat([token.expand(N, 1, E), x], 1)."""
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "first"], ["n1"]),
        node("Concat", ["n1", "rest"], ["size"], axis=0),
        node("Expand", ["token", "size"], ["each"]),
        node("Concat", ["each", "x"], ["y"], axis=1, name="/cls/Concat"),
    ]
    weights = {
        "token": numbers(1, 1, 4),
        "zero": np.array(0),
        "first": np.array([0]),
        "rest": np.array([1, 4]),
    }
    proto = model(nodes, {"x": ["N", 3, 4]}, ["y"], weights)
    found = opened(tmp_path, nodes, {"x": ["N", 3, 4]}, ["y"], weights)
    assert ops_in(found.graph.document) == {"x": "Input", "cls": "ClassToken"}
    np.testing.assert_array_equal(found.weights["cls.token"], weights["token"].reshape(-1))
    same_as_runtime(tmp_path, proto, {"x": numbers(2, 3, 4)})


def test_a_state_that_every_example_begins_with_is_held_once(tmp_path):
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "first"], ["n1"]),
        node("Concat", ["n1", "width"], ["size"], axis=0),
        node("Expand", ["start", "size"], ["h0"]),
        node("MatMul", ["h0", "u"], ["hh"]),
        node("Add", ["hh", "x"], ["s"]),
        node("Tanh", ["s"], ["y"]),
    ]
    weights = {"start": numbers(1, 4), "u": numbers(4, 4), "zero": np.array(0), "first": np.array([0])}
    proto = model(nodes, {"x": ["N", 4]}, ["y"], {**weights, "width": np.array([4])})
    same_as_runtime(tmp_path, proto, {"x": numbers(3, 4)})


def test_what_is_repeated_for_every_example_is_not_added_up_wrongly(tmp_path):
    nodes = [
        node("Shape", ["x"], ["size"]),
        node("Expand", ["start", "size"], ["each"]),
        node("ReduceSum", ["each", "axes"], ["y"], name="total"),
    ]
    weights = {"start": numbers(1, 4), "axes": np.array([0])}
    found = opened(tmp_path, nodes, {"x": ["N", 4]}, ["y"], weights)
    assert "repeated for every example" in found.lost["total"]


def test_an_infinite_mask_becomes_what_is_as_good(tmp_path):
    mask = np.where(np.tri(3) > 0, 0, -np.inf).astype(np.float32)
    nodes = [node("Add", ["x", "mask"], ["h"]), node("Softmax", ["h"], ["y"], axis=-1)]
    proto = model(nodes, {"x": ["N", 3, 3]}, ["y"], {"mask": mask})
    same_as_runtime(tmp_path, proto, {"x": numbers(2, 3, 3)})


def test_one_hot_rows(tmp_path):
    nodes = [node("OneHot", ["i", "depth", "values"], ["y"])]
    weights = {"depth": np.array(4), "values": np.array([0, 1], np.float32)}
    proto = model(nodes, {"i": ["int", "N"]}, ["y"], weights)
    same_as_runtime(tmp_path, proto, {"i": np.array([2, 0, 3])})
