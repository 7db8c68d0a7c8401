"""Graphs leave as ONNX: the checker finds them right, and onnxruntime comes to our own numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
import graphlab.data
from graphlab import ops
from graphlab.engine import Run
from graphlab.engine.feeding import source_ends
from graphlab.errors import ProblemsError, SaveError, ShapeError
from graphlab.graph import Graph
from graphlab.io.examples import examples
from graphlab.io.onnx_out import to_onnx
from graphlab.io.onnx_out.speaking import saying_of
from graphlab.ops import Dim, Spec

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


def specs_of(arrays, batch):
    """What goes into an op, with an open batch where it has one."""
    found = {}
    for name, array in arrays.items():
        shape = (Dim(batch), *array.shape[1:]) if array.ndim > 1 else array.shape
        found[name] = Spec(shape, "int" if array.dtype.kind == "i" else "float")
    return found


def open_batch(op, arrays, batch) -> bool:
    """Whether the op can be said for any number of examples."""
    sizes = {array.shape[0] for array in arrays.values() if array.ndim > 1}
    if len(sizes) != 1:
        return False
    specs = specs_of(arrays, batch)
    learnt = {s.name for s in op.sockets() if s.learnable}
    literals = {s.name: Spec(()) for s in op.sockets() if s.name not in specs and not s.learnable}
    try:
        data = {n: spec for n, spec in (specs | literals).items() if n not in learnt}
        shapes = op.learnable(**data) if learnt else {}
        owned = {n: Spec(shapes[n]) if n in shapes else None for n in learnt if n not in specs}
        op.infer(**{**specs, **literals, **owned})
    except ShapeError:
        return False
    return True


def run_of_examples(cls, opened: bool = True) -> Run:
    """One graph with all examples of an op that are not empty, fed with their numbers."""
    g, fed = Graph(cls.__name__), {}
    for k, example in enumerate(cls.examples):
        rng = np.random.default_rng(k)
        arrays = {name: draw.sample(rng) for name, draw in example.arguments.items()}
        if any(array.size == 0 for array in arrays.values()):
            continue
        node = g.add(cls.__name__, name=f"it {k}", **example.params)
        op = g.document.node(f"it {k}").make()
        batch = f"N{k}" if opened and open_batch(op, arrays, f"N{k}") else None
        for name, array in arrays.items():
            shape = (batch, *array.shape[1:]) if batch and array.ndim > 1 else array.shape
            kind = "int" if array.dtype.kind == "i" else "float"
            g.connect(g.add("Input", name=f"{name} {k}", shape=shape, dtype=kind), node, name)
            fed[f"{name} {k}"] = array
    run = Run(g)
    if fed:
        run.feed(**fed)
    for name, values in run.weights.items():
        if name.endswith("running_mean"):
            run.set(name, np.linspace(-0.5, 0.7, values.size))
    return run


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


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.name)
def test_every_example_predicts_the_same(example) -> None:
    graph, weights = gl.load(example.path)
    run = Run(graph)
    run.feed(**made_up(run.plan))
    for name, values in weights.items():
        run.set(name, values)
    assert compare(run, loss=False)


def made_up(plan, rows: int = 3):
    """Numbers for all that has none of its own."""
    rng, fed = np.random.default_rng(0), {}
    for end in [end for end in source_ends(plan) if plan.op(end[0]).literal() is None]:
        spec = plan.inference.specs[end]
        shape = spec.at(dict.fromkeys(spec.names, rows))
        fed[plan.end_name(end)] = (
            rng.normal(size=shape) if spec.kind == "float" else rng.integers(1, 3, shape)
        )
    return fed


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


def test_names_that_would_clash_are_kept_apart() -> None:
    """A node called like a constant, and one in a group called like what another puts down on its way."""
    g = Graph("clash")
    x = g.add("Input", name="x", value=(0.5, -1.0))
    g.add("Add", g.add("SiLU", g.add("Tanh", x, name="2"), name="Sigmoid"), name="plus", b=2.0)
    g.group("2", "Sigmoid", name="a")
    assert compare(Run(g)) == ["plus"]
