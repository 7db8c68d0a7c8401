"""Graphs leave as ONNX: the checker finds them right, and onnxruntime comes to our own numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab import ops
from graphlab.engine import Run
from graphlab.engine.feeding import source_ends
from graphlab.errors import ProblemsError, SaveError
from graphlab.graph import Graph
from graphlab.io.examples import example, examples
from graphlab.io.onnx_out import to_onnx
from graphlab.io.onnx_out.speaking import saying_of
from graphlab.io.torch_code import code_of

from .outgoing import made_up, run_of_examples
from .test_unroll_as_code import CASES

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

CLOSE = 1e-5
UNSAYABLE = {"Inverse", "Solve"}  # no operators of ONNX
COUNT_STEPS = {"CumProd", "PositionalEncoding", "Roll"}  # need to know how many there are
BY_CHANCE = {"RandnLike"}  # other numbers each time
OPS = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role == "" and cls.__name__ not in BY_CHANCE
]


def as_onnx_has_it(array):
    return np.asarray(array, np.int64 if array.dtype.kind in "iu" else np.float32)


def compare(run: Run, loss: bool = True) -> list[str]:
    """Checks the model of a run and compares all that it gives; the names of its results."""
    model = to_onnx(run, loss=loss)
    onnx.checker.check_model(model, full_check=True)
    run.clock.training = False
    run.forward()
    ours = {run.plan.end_name(end): array for end, array in run.buffers.values.items()}
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    fed = {each.name: as_onnx_has_it(ours[each.name]) for each in session.get_inputs()}
    names = [each.name for each in session.get_outputs()]
    for name, found in zip(names, session.run(None, fed), strict=True):
        expected = ours[name]
        assert found.shape == expected.shape, name
        assert found.dtype.kind == expected.dtype.kind, name
        scale = float(np.abs(expected).max(initial=1e-9))
        np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * scale, err_msg=name)
    return names


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_every_operation_says_itself(op) -> None:
    run = run_of_examples(op)
    is_leaf = op.category in ("Input", "Parameter")
    if op.__name__ in UNSAYABLE or (saying_of(op()) is None and not is_leaf):
        with pytest.raises(SaveError, match="there is no such operator"):
            to_onnx(run, loss=True)
        return
    if op.__name__ == "AvgPool2d":  # with windows that ONNX counts otherwise, see the next test
        with pytest.raises(SaveError, match="reach over the end"):
            to_onnx(run, loss=True)
    elif op.__name__ in COUNT_STEPS:
        with pytest.raises(SaveError, match="open"):
            to_onnx(run, loss=True)
        compare(run_of_examples(op, opened=False))
    else:
        compare(run)


def test_pooling_that_is_rounded_up() -> None:
    """As far as ONNX can say it: windows that begin on the image and reach over its end."""
    g = Graph("pools")
    x = g.add("Input", name="x", value=np.random.default_rng(0).normal(size=(1, 1, 5, 7)).tolist())
    for k, op in enumerate(("AvgPool2d", "MaxPool2d")):
        g.add(op, x, name=f"both {k}", kernel_size=2, stride=2, ceil_mode=True)
        g.add(op, x, name=f"none {k}", kernel_size=2, stride=3, ceil_mode=True, padding=(0, 1))
    g.add("MaxPool2d", x, name="one of two", kernel_size=2, stride=(3, 4), ceil_mode=True)
    assert len(compare(Run(g))) == 5


@pytest.mark.parametrize("each", examples(), ids=lambda e: e.name)
def test_every_example_predicts_the_same(each) -> None:
    graph, weights = gl.load(each.path)
    run = Run(graph)
    run.feed(**made_up(run.plan))
    for name, values in weights.items():
        run.set(name, values)
    assert compare(run, loss=False)


@pytest.mark.parametrize("case", CASES)
def test_repeated_cells_are_laid_out_flat(case: str) -> None:
    make, feed = CASES[case]
    run = Run(make(), seed=1)
    run.feed(**feed)
    assert compare(run, loss=False)


# Not those that begin states or tokens anew for each row of the batch, which the reading side cannot be told.
THERE_AND_BACK = """
    tanh-by-hand window polar products xor digits-mlp digits-cnn lenet-mnist textures resnet-shapes unet-shapes
    autoencoder names-lstm languages names-gpt
    """.split()  # noqa: SIM905


@pytest.mark.parametrize("name", THERE_AND_BACK)
def test_what_was_written_is_read_again_and_predicts_the_same(name, tmp_path: Path) -> None:
    graph, weights = gl.load(example(name).path)
    run = Run(graph)
    run.feed(**made_up(run.plan))
    for slot, values in weights.items():
        run.set(slot, values)
    model = gl.to_onnx(run, tmp_path / "there.onnx")
    again, numbers = gl.from_onnx(tmp_path / "there.onnx")
    back = Run(again)
    back.plan.require_healthy()
    for slot, values in numbers.items():
        back.set(slot, values)
    for each in (run, back):
        each.clock.training = False
    run.forward()
    ours = {run.plan.end_name(end): array for end, array in run.buffers.values.items()}
    fed = [back.plan.end_name(end) for end in source_ends(back.plan)]
    assert len(fed) <= len(model.graph.input)
    by_name = {name.replace(".", "_"): array for name, array in ours.items()}
    back.feed(**{name: by_name[name] for name in fed})
    back.forward()
    found = list(back.buffers.values.values())
    for output in model.graph.output:
        expected = ours[output.name]
        close = CLOSE * float(np.abs(expected).max(initial=1e-9))
        assert any(
            a.shape == expected.shape and np.allclose(a, expected, rtol=0, atol=close) for a in found
        ), output.name


def network() -> Graph:
    """Two groups one in the other, a batch norm and a dropout, a loss behind."""
    g = Graph("net")
    x = g.add("Input", name="x", shape=("N", 3, 8, 8))
    conv = g.add("Conv2d", x, name="conv", out_channels=4)
    g.add("ReLU", g.add("BatchNorm2d", conv, name="norm"), name="act")
    g.group("conv", "norm", "act", name="block")
    drop = g.add("Dropout", g.add("Flatten", "block", name="flat"), name="drop")
    out = g.add("Linear", drop, name="out", units=5)
    g.add("CrossEntropyLoss", out, g.add("Input", name="target", shape=("N",), dtype="int"), name="loss")
    return g


def test_what_is_written_is_named_and_shaped_for_people(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    gl.to_onnx(network(), path)
    model = onnx.load(path)
    graph = model.graph
    assert (model.ir_version, model.opset_import[0].version, model.producer_name) == (10, 20, "graphlab")
    assert [node.op_type for node in graph.node] == [
        "Conv",
        "BatchNormalization",
        "Relu",
        "Flatten",
        "Dropout",
        "Gemm",
    ]
    assert [node.name for node in graph.node][:2] == ["block/conv", "block/norm"]
    assert all(node.doc_string for node in graph.node)
    assert [each.name for each in graph.input] == ["x"]
    assert [each.name for each in graph.output] == ["out"]
    sizes = [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    assert sizes == ["N", 3, 8, 8]
    assert "block/conv.weight" in {each.name for each in graph.initializer}
    assert {"block/conv", "block/norm", "block/act", "flat", "drop"} <= {
        each.name for each in graph.value_info
    }


def test_the_loss_comes_along_when_it_is_asked_for() -> None:
    model = to_onnx(network(), loss=True)
    assert [each.name for each in model.graph.input] == ["x", "target"]
    assert [each.name for each in model.graph.output] == ["loss"]


def test_any_number_of_rows_runs() -> None:
    session = runtime.InferenceSession(to_onnx(network()).SerializeToString())
    for rows in (1, 7):
        (found,) = session.run(None, {"x": np.zeros((rows, 3, 8, 8), np.float32)})
        assert found.shape == (rows, 5)


def test_all_that_cannot_be_said_is_named_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    g = Graph("algebra")
    x = g.add("Input", name="x", shape=(3, 3))
    g.add("Solve", g.add("Inverse", x, name="inv"), x, name="sol")
    with pytest.raises(SaveError) as caught:
        gl.to_onnx(g, tmp_path / "no.onnx")
    assert "inv (Inverse)" in caught.value.message
    assert "sol (Solve)" in caught.value.message
    assert not (tmp_path / "no.onnx").exists()


def test_a_graph_with_faults_is_refused() -> None:
    g = Graph("faulty")
    g.add("ReLU", name="act")
    with pytest.raises(ProblemsError, match="act"):
        to_onnx(g)


def test_values_that_stand_in_inputs_can_be_replaced() -> None:
    g = Graph("numbers")
    g.add("Add", g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=3.0), name="sum")
    session = runtime.InferenceSession(to_onnx(g).SerializeToString())
    assert session.run(None, {})[0] == 5
    assert session.run(None, {"a": np.array(10, np.float32)})[0] == 13


def test_a_picture_has_to_be_fed() -> None:
    """It is no number that one leaves as it is."""
    g = Graph("picture")
    g.add("Mean", g.add("Picture", name="photo"), name="mean")
    model = to_onnx(g)
    assert not model.graph.initializer
    assert compare(Run(g)) == ["mean"]
    assert "def forward(self, photo):" in code_of(g).text


def test_names_that_would_clash_are_kept_apart() -> None:
    """A node called like a constant, and one in a group called like what another puts down on its way."""
    g = Graph("clash")
    x = g.add("Input", name="x", value=(0.5, -1.0))
    g.add("Add", g.add("SiLU", g.add("Tanh", x, name="2"), name="Sigmoid"), name="plus", b=2.0)
    g.group("2", "Sigmoid", name="a")
    assert compare(Run(g)) == ["plus"]
