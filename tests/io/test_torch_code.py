"""Graphs leave as PyTorch: the file that is written comes to our own numbers, and reads as a person would write it."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab import ops
from graphlab.engine import Run
from graphlab.errors import ProblemsError, SaveError
from graphlab.graph import Graph
from graphlab.io.examples import examples
from graphlab.io.torch_code import Code, code_of
from graphlab.io.torch_code.expressions import FUNCTIONS
from graphlab.lab.transfer import match
from tests.engine.cells import elman, unrolled
from tests.ops.op_trial import AUGMENTATION

from .outgoing import made_up, run_of_examples
from .test_unroll_as_code import CASES

torch = pytest.importorskip("torch")

PRECISE = {"float32": 1e-5, "float64": 1e-9}
OPS = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role == "" and cls.__name__ != "RandnLike"
]


@pytest.fixture(autouse=True)
def _usual_dtype():
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


def module_of(code: Code, dtype: str = "float64"):
    """The module that the file makes, with its weights."""
    torch.set_default_dtype(getattr(torch, dtype))
    scope = {"__name__": "written", "__file__": "written.py"}
    exec(compile(code.text, "written.py", "exec"), scope)
    kinds = [v for v in scope.values() if isinstance(v, type) and issubclass(v, torch.nn.Module)]
    model = kinds[-1]()
    model.load_state_dict({name: torch.tensor(array) for name, array in code.weights.items()})
    return model.eval()


def called(function, values):
    """What a method comes to for values by the names of its arguments; those that may be left out are."""
    wanted = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    found = function(*(torch.tensor(values[p.name]) for p in wanted))
    return found if isinstance(found, tuple) else (found,)


def compare(run: Run, dtype: str) -> None:
    """Whether forward gives what the run's nodes come to, and loss what its goal does."""
    model, close = module_of(code_of(run), dtype), PRECISE[dtype]
    run.clock.training = False
    run.forward()
    plan, values = run.plan, run.buffers.values
    fed = {name: a for end, a in values.items() if plan.op(end[0]).source for name in names_of(plan, end)}
    found = called(model.forward, fed)
    for result in found:
        array = result.detach().numpy()
        alike = [v for v in values.values() if v.shape == array.shape and v.dtype.kind == array.dtype.kind]
        scale = float(np.abs(array).max(initial=1e-9))
        assert any(np.allclose(v, array, rtol=0, atol=close * scale) for v in alike), (array, alike)
    if hasattr(model, "loss"):
        (loss,) = called(model.loss, fed)
        assert loss.item() == pytest.approx(float(run.loss), rel=close, abs=close)


def names_of(plan, end):
    """What an argument of forward for a source may be called."""
    node, op = plan.nodes[end[0]], plan.op(end[0])
    return (node.path, end[1], f"{node.path}_{end[1]}") if len(op.results()) > 1 else (node.path,)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_every_operation_is_written(op) -> None:
    run = run_of_examples(op, opened=False, dtype="float64")
    model = module_of(code_of(run, whole=True))
    run.clock.training = False
    run.forward()
    fed = {run.plan.end_name(end): a for end, a in run.buffers.values.items() if run.plan.op(end[0]).source}
    found = called(model.forward, {name.replace(" ", "_"): array for name, array in fed.items()})
    expected = [
        run.buffers.values[key, output]
        for key, node in run.plan.nodes.items()
        for output in run.plan.op(key).results()
        if node.path.startswith("it ")
    ]
    if (
        op.__name__ == "ScaledDotProductAttention"
    ):  # PyTorch's own gives no weights, unless they are asked for
        assert len(found) == len(expected)
    for result, array in zip(found, expected, strict=True):
        scale = float(np.abs(array).max(initial=1e-9))
        np.testing.assert_allclose(result.detach().numpy(), array, rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize("dtype", PRECISE)
@pytest.mark.parametrize("example", examples(), ids=lambda e: e.name)
def test_every_example_comes_to_the_same_numbers(example, dtype) -> None:
    graph, weights = gl.load(example.path)
    run = Run(graph, dtype=dtype)
    run.feed(**made_up(run.plan))
    for name, values in weights.items():
        run.set(name, values)
    compare(run, dtype)
    own = {name: array.shape for name, array in run.weights.items()}
    assert not own or match(code_of(run).weights, own).is_whole  # and it comes back by name


def residual() -> Graph:
    """One group used three times, two of them with other numbers of channels, and one cell twice with its weights."""
    g = Graph("small resnet")
    x = g.add("Input", name="x", shape=("N", 3, 8, 8))
    conv = g.add("Conv2d", x, name="conv", out_channels=4, padding=1, bias=False)
    g.add("ReLU", g.add("BatchNorm2d", conv, name="norm"), name="act")
    g.group("conv", "norm", "act", name="block")
    second, third = g.add_use("g1", (300.0, 0.0)), g.add_use("g1", (600.0, 0.0))
    g.connect("block", second, "x")
    g.connect(second, third, "x")
    pool = g.add("GlobalAvgPool2d", third, name="pool")
    out = g.add("Linear", g.add("Flatten", pool, name="flat"), name="out", units=5)
    g.add("CrossEntropyLoss", out, g.add("Input", name="target", shape=("N",), dtype="int"), name="loss")
    return g


def test_uses_of_a_group_are_one_class_whose_sizes_are_arguments() -> None:
    run = Run(residual(), dtype="float64")
    run.feed(**made_up(run.plan))
    text = code_of(run).text
    assert text.count("class Block(nn.Module):") == 1
    assert "def __init__(self, in_channels):" in text
    assert "self.block = Block(in_channels=3)" in text
    assert "self.conv = nn.Conv2d(in_channels, 4, kernel_size=3, padding=1, bias=False)" in text
    compare(run, "float64")


@pytest.mark.parametrize(("part", "channels", "size"), [("resnet-8", 3, 32), ("lenet-5", 1, 32)])
def test_real_networks_are_written(part: str, channels: int, size: int) -> None:
    g = Graph(part)
    g.add_part(part)
    network = next(node for node in g.document.nodes.values() if node.op == "Group")
    x = g.add("Input", name="x", shape=("N", channels, size, size))
    g.connect(x, network.name, network.make().sockets()[0].name)
    run = Run(g)
    run.feed(**made_up(run.plan, rows=2))
    compare(run, "float32")


def sharing() -> Graph:
    g = Graph("twice")
    x = g.add("Input", name="x", value=((0.5, -1.0, 0.2), (1.5, 0.3, -0.7)))
    g.add("Tanh", g.add("Linear", x, name="lin", units=3), name="act")
    g.add("Square", "act", name="squared")
    first = g.group("lin", "act", name="cell")
    second = g.add_use("g1", (500.0, 0.0))
    g.connect(first, second, "x")
    for node in (first, second):
        g.set(node, weights="shared")
    g.add("Mean", g.add("Mul", second, "squared", name="both"), name="loss")
    return g


def test_uses_that_share_their_weights_are_one_module() -> None:
    run = Run(sharing(), dtype="float64")
    code = code_of(run)
    model = module_of(code)
    assert sum(p.numel() for p in model.parameters()) == run.plan.parameter_size
    compare(run, "float64")


def awkward() -> Graph:
    """Names that are no identifiers, words of Python, of torch, and what a module has already."""
    g = Graph('a "quoted" name')
    x = g.add("Input", name="lambda", shape=("N", 2))
    parts = [
        g.add("Linear", x, name=name, units=2)
        for name in ("forward", "self", "torch", "F", "train", "h 1", "h-1")
    ]
    total = g.add("AddN", *parts, count=len(parts), name="2nd")
    g.add("MSELoss", total, g.add("Input", name="target", shape=("N", 2)), name="loss")
    return g


def test_names_that_mean_something_else_already() -> None:
    run = Run(awkward(), dtype="float64")
    run.feed(**made_up(run.plan))
    model = module_of(code_of(run))
    run.clock.training = False
    run.forward()
    found = model(torch.tensor(run.value("lambda")))
    np.testing.assert_allclose(found.detach().numpy(), run.value("2nd"), atol=1e-12)


def test_frozen_layers_stay_as_they_are_in_training() -> None:
    g = residual()
    g.set_flags("out", frozen=True)
    model = module_of(code_of(g), "float32")
    assert not model.out.weight.requires_grad
    assert model.block.conv.weight.requires_grad


def test_it_is_written_with_its_weights_beside_it_and_loads_them(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    text = gl.to_pytorch(residual(), path)
    assert path.read_text(encoding="utf-8") == text
    scope = {"__name__": "net", "__file__": str(path)}
    exec(compile(text, str(path), "exec"), scope)
    model = scope["load"]()
    assert not model.training
    assert model(torch.zeros(2, 3, 8, 8)).shape == (2, 5)


def test_the_training_loop_trains(tmp_path: Path) -> None:
    graph, _ = gl.load(next(e.path for e in examples() if e.name == "spirals"))
    graph.configure(epochs=3, weight_decay=0.001, clip_norm=1.0)
    path = tmp_path / "spirals.py"
    text = gl.to_pytorch(graph, path, loop=True)
    assert "nn.utils.clip_grad_norm_(model.parameters(), 1.0)" in text
    scope = {"__name__": "spirals", "__file__": str(path)}
    exec(compile(text, str(path), "exec"), scope)
    with np.load(tmp_path / "spirals.npz") as rows:
        data = [(torch.from_numpy(rows["x"]), torch.from_numpy(rows["target"]))]
    model = scope["load"]()
    before = model.loss(*data[0]).item()
    scope["train"](model, data, epochs=20)
    assert model.loss(*data[0]).item() < before


def test_a_loop_without_data_or_loss_is_refused() -> None:
    with pytest.raises(SaveError, match="rows"):
        code_of(residual(), loop=True)
    g = Graph("no loss")
    g.add("Linear", g.add("Input", name="x"), name="out")
    with pytest.raises(SaveError, match="no loss"):
        code_of(g, loop=True)


def test_a_graph_with_faults_is_refused() -> None:
    g = Graph("faulty")
    g.add("ReLU", name="act")
    with pytest.raises(ProblemsError, match="act"):
        code_of(g)


def test_running_statistics_in_a_cell_are_refused_by_name() -> None:
    cell = elman()
    norm = cell.add("BatchNorm1d", cell["act"], name="norm")
    cell.add("GroupOutput", norm, name="y", position=(900.0, 300.0))
    with pytest.raises(SaveError, match=r"norm \(BatchNorm1d\): its copies keep running statistics each"):
        code_of(unrolled(cell))


@pytest.mark.parametrize("case", CASES)
def test_repeated_cells_are_loops(case: str) -> None:
    make, feed = CASES[case]
    run = Run(make(), dtype="float64", seed=1)
    run.feed(**feed)
    compare(run, "float64")


CHANCY = [cls for cls in OPS if cls.__name__ in (*AUGMENTATION, "Dropout", "GaussianNoise")]


@pytest.mark.parametrize("op", CHANCY, ids=lambda op: op.__name__)
def test_what_goes_by_chance_runs_in_training_and_keeps_its_shape(op) -> None:
    run = run_of_examples(op, opened=False, dtype="float64")
    model = module_of(code_of(run)).train()
    fed = {run.plan.end_name(end): a for end, a in run.present_feed().arrays.items()}
    fed = {name.replace(" ", "_"): array for name, array in fed.items()}
    run.forward()
    shapes = [run.buffers.values[k, "y"].shape for k, n in run.plan.nodes.items() if n.path.startswith("it ")]
    assert [tuple(result.shape) for result in called(model.forward, fed)] == shapes


def test_formatters_have_nothing_to_change(tmp_path: Path) -> None:
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed")
    for example in examples():
        graph, _ = gl.load(example.path)
        (tmp_path / f"{example.name}.py").write_text(code_of(graph).text, encoding="utf-8")
    functions = "\n\n\n".join(text.strip("\n") for text in FUNCTIONS.values())
    (tmp_path / "functions.py").write_text(functions + "\n", encoding="utf-8")
    done = subprocess.run(
        [ruff, "format", "--isolated", "--diff", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[:3000]
