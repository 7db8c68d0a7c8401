"""A graph as a script: it runs where there is NumPy alone, and comes to the numbers of the run, gradients and all."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab import ops
from graphlab.engine import SGD, Adam, Run, Trainer
from graphlab.engine.optimizers import OPTIMIZERS, AdamW, RMSprop
from graphlab.errors import FeedError, SaveError
from graphlab.graph import Graph
from graphlab.io.examples import examples
from graphlab.io.numpy_code import Writer, numbers_of, script_at, script_of
from graphlab.io.numpy_update import update_of
from graphlab.io.python_names import identifier
from graphlab.ops.recipe import Recipe
from tests.engine.networks import winding_graph, xor_feed, xor_graph

from .scripted import assert_script_agrees, carried_out

PRECISE = [pytest.param("float32", 1e-5, id="float32"), pytest.param("float64", 1e-12, id="float64")]
# What goes back through a BatchNorm has no mean: in the gradient of a convolution before it, over pictures of 32×32,
# thousands of terms cancel, and what float32 rounds off them counts for more. In float64 nothing shows.
CANCELLING = {"captions": 5}
TIES = {("unet-shapes", "float32")}  # rounding decides who wins in its pools; float64 is compared to 1e-12


def run_of(graph: Graph, dtype: str = "float64") -> Run:
    try:
        return Trainer(graph, input_gradients=True, dtype=dtype).run
    except gl.GraphlabError:
        return Run(graph, dtype=dtype)


def tanh_cell() -> Graph:
    """h = tanh(Wx + b), y = Vh + a, as the lecture has it."""
    g = Graph("cell")
    w = g.add("Parameter", name="W", value=((0.6, -1.0), (-0.4, 0.8), (1.2, 0.5)))
    x = g.add("Input", name="x", value=(1.0, -0.5))
    b = g.add("Parameter", name="b", value=(0.1, -0.2, 0.3))
    h = g.add("Tanh", g.add("Add", g.add("MatMul", w, x, name="Wx"), b, name="z"), name="h")
    v = g.add("Parameter", name="V", value=((1.0, -0.7, 0.5), (-0.3, 0.9, 0.4)))
    a = g.add("Parameter", name="a", value=(0.1, -0.1))
    y = g.add("Add", g.add("MatMul", v, h, name="Vh"), a, name="y")
    g.add("MSELoss", y, g.add("Input", name="target", value=(0.5, -0.5)), name="loss")
    return g


def recurrent(op: str) -> Graph:
    g = Graph(op)
    rng = np.random.default_rng(1)
    x = g.add("Input", name="x", value=rng.normal(size=(4, 2, 3)).tolist())
    states = g.add(op, x, name="cell", hidden_size=5)
    g.add(
        "MSELoss", g.add("Linear", states["y"], name="out", units=1), np_input(g, rng.normal(size=(4, 2, 1)))
    )
    return g


def np_input(g: Graph, values: np.ndarray):
    return g.add("Input", name="target", value=values.tolist())


def sharing() -> Graph:
    """One group used twice with the same weights, and a value that goes three ways."""
    g = Graph("twice")
    x = g.add("Input", name="x", value=((0.5, -1.0, 0.2), (1.5, 0.3, -0.7)))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=3), name="act")
    g.add("Square", act, name="squared")
    first = g.group("lin", "act", name="cell")
    second = g.add_use("g1", (500.0, 0.0))
    g.connect(first, second, "x")
    for node in (first, second):
        g.set(node, weights="shared")
    total = g.add("AddN", first, second, first, count=3, name="total")
    g.add("Mean", g.add("Mul", total, "squared"), name="loss")
    return g


def awkward_names() -> Graph:
    """Names that are no identifiers, words of Python, names of functions, and names that come to the same."""
    g = Graph('a "quoted" name')
    x = g.add("Input", name="lambda", value=(0.3, -0.2))
    one = g.add("Tanh", x, name="h 1")
    two = g.add("Sigmoid", x, name="h-1")
    three = g.add("Exp", x, name="np")
    four = g.add("Softplus", x, name="sum")
    five = g.add("Linear", x, name="d_h_1", units=2)
    six = g.add("Tanh", five, name="ŷ²")
    total = g.add("AddN", one, two, three, four, six, count=5, name="2nd")
    g.add("Mean", g.add("Mul", total, total, name="arrays"), name="sgd")
    g.configure(optimizer="SGD")
    return g


def with_constants() -> Graph:
    """Constants of both kinds, and picking by one of them."""
    g = Graph("constants")
    table = g.add("Constant", value=((1.0, 2.0), (3.0, -4.0)), name="table")
    places = g.add("Constant", value=(1, 0, 1), dtype="int", name="places")
    weight = g.add("Parameter", value=((0.5, 1.0), (-1.5, 2.0)), name="w")
    picked = g.add("IndexSelect", g.add("Mul", table, weight, name="scaled"), places, name="picked")
    g.add("Mean", g.add("Tanh", picked), name="loss")
    return g


GRAPHS = {
    "constants": with_constants,
    "the lecture's cell": tanh_cell,
    "RNN": lambda: recurrent("RNN"),
    "LSTM": lambda: recurrent("LSTM"),
    "GRU": lambda: recurrent("GRU"),
    "a group that shares its weights": sharing,
    "batches, dropout, shared weights, fan-outs": winding_graph,
    "awkward names": awkward_names,
}


@pytest.mark.parametrize(("dtype", "close"), PRECISE)
@pytest.mark.parametrize("example", examples(), ids=lambda e: e.name)
def test_every_example_comes_to_the_same_numbers_with_numpy_alone(
    example, dtype, close, tmp_path: Path
) -> None:
    if (example.name, dtype) in TIES:
        pytest.skip("rounding decides which pixel wins")
    graph, _ = gl.load(example.path)
    run = run_of(graph, dtype)
    goal = run.plan.nodes[run.plan.goal].path
    printed = assert_script_agrees(run, tmp_path, close * CANCELLING.get(example.name, 1))
    assert printed.startswith(f"{goal} = ")
    assert printed.count("|d ") == len(run.plan.parameters)


@pytest.mark.parametrize("name", GRAPHS)
def test_other_graphs_do_so_too(name: str, tmp_path: Path) -> None:
    assert_script_agrees(run_of(GRAPHS[name]()), tmp_path, 1e-12)


def test_a_run_in_the_middle_of_training_is_gone_on_with(tmp_path: Path) -> None:
    """Weights, running statistics, the optimizer's memory and the random numbers of the step are those of the run."""
    g = winding_graph(optimizer="Adam", weight_decay=0.01)
    normed = g.add("BatchNorm1d", "skip", name="norm")
    g.connect(normed, "scores", "x")
    run = Trainer(g, input_gradients=True, dtype="float64").run
    run.train(5)
    text = script_of(run).text
    assert "step = 5" in text
    assert "t=6" in text
    assert_script_agrees(run, tmp_path, 1e-11)


@pytest.mark.parametrize(
    "optimizer",
    [
        *(kind() for kind in OPTIMIZERS.values()),
        SGD(momentum=0.9),
        SGD(momentum=0.9, nesterov=True, weight_decay=0.01),
        Adam(amsgrad=True, clip_norm=0.5),
        AdamW(clip_value=0.01),
        RMSprop(momentum=0.5),
        RMSprop(centered=True),
        RMSprop(centered=True, momentum=0.5),
    ],
    ids=lambda o: type(o).__name__,
)
def test_every_optimizer_moves_the_parameters_as_the_engine_does(optimizer, tmp_path: Path) -> None:
    g = xor_graph()
    g.set_flags("out", frozen=True)
    run = Run(g, optimizer=optimizer, dtype="float64")
    run.feed(**xor_feed())
    run.train(3)
    assert_script_agrees(run, tmp_path, 1e-9)


def test_an_optimizer_without_a_text_is_told_and_changes_nothing() -> None:
    class Strange(SGD):
        pass

    run = Run(xor_graph(), optimizer=Strange())
    run.feed(**xor_feed())
    assert update_of(run.optimizer) is None
    lines = [line.text for line in script_of(run).lines if line.phase == "update"]
    assert lines == ["# --- update: Strange has no text in NumPy, so the parameters stay as they are ---"]


def test_each_way_of_a_fan_out_stands_on_a_line_of_its_own() -> None:
    g = Graph("two paths")
    a, b = g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=1.0)
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")
    script = script_of(Run(g))
    texts = [line.text for line in script.lines]
    assert "d_b_via_d = d_d" in texts
    assert "d_b_via_c = d_c" in texts
    assert "d_b = d_b_via_d + d_b_via_c" in texts
    key = g.document.node("b").id
    assert [texts[at] for at in script.places["backward", key]] == [
        "# b: Input",
        "d_b = d_b_via_d + d_b_via_c",
    ]


def test_every_entry_of_the_schedule_has_lines_to_be_lit() -> None:
    for graph in (tanh_cell(), sharing(), winding_graph()):
        run = run_of(graph)
        places = script_of(run).places
        for entry in run.schedule:
            assert places.get((entry.phase, entry.id)), entry


def test_a_gradient_that_comes_back_along_one_wire_is_lit_where_it_is_handed_back() -> None:
    run = run_of(tanh_cell())
    script = script_of(run)
    key = run.plan.names["a"]
    assert [script.lines[at].text for at in script.places["backward", key]] == ["d_a = d_y"]


def test_small_arrays_stand_in_the_script_bit_by_bit_and_large_ones_beside_it(tmp_path: Path) -> None:
    g = Graph("sizes")
    rng = np.random.default_rng(0)
    x = g.add("Input", name="x", value=rng.normal(size=(3, 4)).tolist())
    g.add("Sum", g.add("Tanh", g.add("Linear", x, name="wide", units=100)), name="loss")
    run = Run(g)
    run.forward()
    script = script_of(run)
    assert script.outside == ("wide.weight", "wide.bias")
    assert 'wide_weight = arrays["wide.weight"]  # 100×4' in script.text
    paths = script.save(tmp_path / "sizes.py")
    assert [path.name for path in paths] == ["sizes.py", "sizes.npz"]
    found, _ = carried_out(paths[0], ["x"], tmp_path)
    np.testing.assert_array_equal(found["x"], run.value("x"))
    with np.load(paths[1]) as arrays:
        np.testing.assert_array_equal(arrays["wide.weight"], run.value("wide.weight"))


def test_a_script_without_large_arrays_is_one_file(tmp_path: Path) -> None:
    text = gl.to_numpy(tanh_cell(), tmp_path / "cell.py")
    assert [path.name for path in tmp_path.iterdir()] == ["cell.py"]
    assert "import numpy as np" in text
    assert "Path" not in text
    ast.parse(text)


def test_a_moment_of_training_is_written_from_weights_and_state(tmp_path: Path) -> None:
    g = winding_graph()
    run = Trainer(g, input_gradients=True).run
    run.train(3)
    state = run.state()
    weights = {name: array.copy() for name, array in run.weights.items()}
    script = script_at(g.document, weights, {"optimizer": state["optimizer"], "step": state["step"]})
    assert script.text == script_of(run).text


def test_what_is_fed_by_hand_takes_the_place_of_what_the_inputs_hold() -> None:
    g = tanh_cell()
    key = g.document.node("x").id
    script = script_at(g.document, {}, {}, {(key, "y"): np.array([7.0, 8.0], np.float32)})
    assert "x = np.array([7, 8], dtype)" in script.text


def test_an_input_without_a_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="x has not been fed"):
        gl.to_numpy(xor_graph())
    with pytest.raises(SaveError, match="no folder"):
        gl.to_numpy(tanh_cell(), tmp_path / "nowhere" / "cell.py")


def test_a_graph_without_a_goal_ends_with_its_values(tmp_path: Path) -> None:
    g = Graph("only forward")
    g.add("Tanh", g.add("Input", name="x", value=(1.0, 2.0)), name="h")
    gl.to_numpy(g, tmp_path / "only.py")
    found, printed = carried_out(tmp_path / "only.py", ["h"], tmp_path)
    np.testing.assert_allclose(found["h"], np.tanh([1.0, 2.0]), rtol=1e-6)
    assert printed.startswith("h = ")


def test_other_numbers_of_the_same_sizes_need_no_writing() -> None:
    run = run_of(tanh_cell())
    writer = Writer(run.plan, numbers_of(run), run.optimizer)
    for _ in writer.work():
        pass
    before = writer.script()
    assert not writer.renumber(numbers_of(run))
    run.set("a.value", [7.0, 8.0])
    assert writer.renumber(numbers_of(run))
    changed = [new.text for old, new in zip(before.lines, writer.script().lines, strict=True) if old != new]
    assert changed == ["a = np.array([7, 8], dtype)"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("hidden", "hidden"),
        ("rnn/t=3/tanh", "rnn_t3_tanh"),
        ("h 1", "h_1"),
        ("2nd", "n2nd"),
        ("…", "value"),
        ("ŷ²", "ŷ2"),
    ],
)
def test_names_become_identifiers(name: str, variable: str) -> None:
    assert identifier(name) == variable


@pytest.mark.parametrize("at", [(1,), "sum"], ids=str)
def test_gradients_of_a_number_asked_about_are_those_of_the_script(at, tmp_path: Path) -> None:
    run = Run(tanh_cell(), "h", at=at, dtype="float64")
    run.forward()
    printed = assert_script_agrees(run, tmp_path, 1e-12)
    assert printed.startswith("h[1] = " if at == (1,) else "Σ h = ")
    assert "update" not in printed
    same = script_at(run.document, {}, {}, aim=("h", at)).text
    lines = [line for line in script_of(run).text.splitlines() if "d_" in line]
    assert [line for line in same.splitlines() if "d_" in line] == lines


@pytest.mark.parametrize("text", [None, Recipe("y = nothing(x)")], ids=["none", "at fault"])
def test_an_operation_without_a_usable_text_says_so_when_its_turn_comes(
    text: Recipe | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops.get("Exp"), "recipe", lambda self, shapes: text)
    g = Graph("strange")
    x = g.add("Input", name="x", value=(0.5, 1.0))
    g.add("Sum", g.add("Exp", g.add("Neg", x, name="minus"), name="grows"), name="loss")
    script = script_of(Run(g))
    lines = [script.lines[at].text for at in script.places["forward", g.document.node("grows").id]]
    assert lines[0] == "# grows: Exp, 2"
    assert lines[1].startswith("raise NotImplementedError('")
    assert "Exp" in lines[1]
    ast.parse(script.text)


def test_a_muted_node_is_passed_by(tmp_path: Path) -> None:
    g = xor_graph()
    g.set_flags("tanh", muted=True)
    run = Run(g, dtype="float64")
    run.feed(**xor_feed())
    run.forward()
    assert_script_agrees(run, tmp_path, 1e-12)
    assert "tanh" not in script_of(run).text


def test_what_a_block_computes_on_its_way_is_called_after_its_node_and_is_nobody_elses() -> None:
    g = Graph("ways")
    x = g.add("Input", name="x", value=((0.5, 1.0, -1.0),))
    g.add("MSELoss", g.add("Linear", x, name="out", units=3), x, name="loss")
    assert "loss_losses = (out - x) ** 2" in script_of(Run(g)).text
    g.add("Tanh", x, name="loss losses")
    text = script_of(Run(g)).text
    assert "loss__losses = (out - x) ** 2" in text
    assert "loss_losses = np.tanh(x)" in text
