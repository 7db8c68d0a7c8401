"""A graph as equations: each node's formula in the names of what is wired, and every gradient by the chain rule."""

from __future__ import annotations

import pytest

from graphlab import load, ops
from graphlab.engine import SGD, Adam, Plan
from graphlab.engine.equations import Equations
from graphlab.engine.optimizers import OPTIMIZERS
from graphlab.engine.update_equations import update_equation
from graphlab.graph import Graph
from graphlab.io.examples import example
from tests.ops.op_trial import Trial

CALLED = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role == "" and cls().sockets() and cls.category != "Parameter"
]


def told(graph: Graph, kinds: str = "value gradient term parameter update") -> dict[str, list[str]]:
    """The equations by node; those of the update under ""."""
    equations = Equations(Plan(graph), SGD(lr=0.1))
    found: dict[str, list[str]] = {}
    for line in equations.lines:
        if line.kind in kinds.split():
            name = equations.plan.nodes[line.node].path if line.node else ""
            found.setdefault(name, []).append(equations.latex(line))
    return found


def of_example(name: str) -> Graph:
    graph, _ = load(example(name).path)
    return graph


def test_the_lecture_cell_reads_as_in_the_lecture() -> None:
    forward = told(of_example("tanh-by-hand"), "value")
    assert forward["W"] == [r"W \in \mathbb{R}^{3 \times 2}"]
    assert forward["Wx"] == [r"\mathrm{Wx} = W\, x"]
    assert forward["z"] == [r"z = \mathrm{Wx} + b"]
    assert forward["h"] == [r"h = \tanh(z)"]
    assert forward["loss"] == [
        r"\mathrm{loss} = \frac{1}{n} \sum_{i=1}^{n} (y_{i} - \mathrm{target}_{i})^{2}"
    ]
    back = told(of_example("tanh-by-hand"), "gradient")
    local = r"\frac{\partial\, \mathrm{loss}}{\partial h}\, \frac{\partial\, h}{\partial z}"
    assert back["z"] == [
        rf"\frac{{\partial\, \mathrm{{loss}}}}{{\partial z}} = {local} = \bar{{h}} \odot (1 - h^{{2}})"
    ]
    assert back["V"] == [r"\frac{\partial\, \mathrm{loss}}{\partial V} = \overline{\mathrm{Vh}}\, h^{\top}"]
    assert back["y"] == [
        r"\frac{\partial\, \mathrm{loss}}{\partial y_{i}} = \frac{2}{n} (y_{i} - \mathrm{target}_{i})"
    ]


def test_a_fan_out_is_a_sum_with_a_line_for_each_way() -> None:
    found = told(of_example("colah"))
    assert found["b"] == [
        r"b \in \mathbb{R}",
        r"\frac{\partial\, e}{\partial b} = \frac{\partial\, e}{\partial d}\, \frac{\partial\, d}{\partial b}"
        r" + \frac{\partial\, e}{\partial c}\, \frac{\partial\, c}{\partial b}",
        r"\frac{\partial\, e}{\partial d}\, \frac{\partial\, d}{\partial b} = \bar{d}",
        r"\frac{\partial\, e}{\partial c}\, \frac{\partial\, c}{\partial b} = \bar{c}",
    ]
    assert found["d"] == ["d = b + 1", r"\frac{\partial\, e}{\partial d} = c"]
    assert found["e"] == [r"e = c \cdot d", r"\frac{\partial\, e}{\partial e} = 1"]


def test_a_layer_owns_its_weights_by_name_and_lacks_what_it_lacks() -> None:
    g = Graph("layers")
    x = g.add("Input", name="x", shape=("N", 3))
    first = g.add("Linear", x, name="hidden", units=4)
    g.add("Sum", g.add("Linear", first, name="out", units=1, bias=False), name="loss")
    found = told(g)
    assert found["hidden"][
        0
    ] == r"\mathrm{hidden} = x\,W_{\mathrm{hidden}}^{\top} + b_{\mathrm{hidden}}".replace(r"\,", " ")
    assert found["out"][0] == r"\mathrm{out} = \mathrm{hidden}\,W_{\mathrm{out}}^{\top}"
    by_bias = r"\frac{\partial\, \mathrm{loss}}{\partial b_{\mathrm{hidden}}}"
    assert found["hidden"][2:] == [
        r"\frac{\partial\, \mathrm{loss}}{\partial W_{\mathrm{hidden}}} = \overline{\mathrm{hidden}}^{\top}\,x",
        rf"{by_bias} = \sum_{{\mathrm{{repeats}}}} \overline{{\mathrm{{hidden}}}}",
    ]
    assert found[""] == [
        r"\theta \leftarrow \theta - 0.1\, \bar{\theta},\quad "
        r"\theta \in \{W_{\mathrm{hidden}}, b_{\mathrm{hidden}}, W_{\mathrm{out}}\}"
    ]


def test_params_are_told_with_their_values() -> None:
    g = Graph("params")
    x = g.add("Input", name="x", shape=("N", 1, 8, 8))
    conv = g.add("Conv2d", x, name="conv", out_channels=2, padding=1)
    g.add("Sum", g.add("LeakyReLU", g.add("Dropout", conv, name="drop", p=0.25), name="act"), name="loss")
    found = told(g, "value")
    assert found["conv"][0].endswith(r",\quad s = 1,\ d = 1,\ p = 1")
    assert r"\frac{\mathrm{conv} \cdot m}{1 - 0.25}" in found["drop"][0]
    assert found["act"] == [r"\mathrm{act} = \max(\mathrm{drop}, 0) + 0.01 \min(\mathrm{drop}, 0)"]


@pytest.mark.parametrize(
    ("op", "params", "latex"),
    [
        ("MSELoss", {"reduction": "sum"}, r"\mathrm{it} = \sum_{i=1}^{n} (a_{i} - b_{i})^{2}"),
        ("MSELoss", {"reduction": "none"}, r"\mathrm{it}_{i} = (a_{i} - b_{i})^{2}"),
        ("AddN", {"count": 2}, r"\mathrm{it} = a + b"),
        ("Average", {"count": 2}, r"\mathrm{it} = \frac{1}{2} (a + b)"),
        ("Concat", {"count": 2}, r"\mathrm{it} = [a,b]"),
        ("Einsum", {"equation": "ij,ij->i"}, r"\mathrm{it}_{i} = \sum_{j} a_{ij}\, b_{ij}"),
        ("Einsum", {"equation": "ij,kj->ik"}, r"\mathrm{it}_{ik} = \sum_{j} a_{ij}\, b_{kj}"),
    ],
)
def test_an_operation_is_written_as_its_params_have_it(op: str, params: dict, latex: str) -> None:
    g = Graph("two")
    a, b = (g.add("Input", name=name, shape=("N", 3)) for name in "ab")
    g.add(op, a, b, name="it", **params)
    assert told(g, "value")["it"] == [latex]


def test_names_inside_groups_are_as_long_as_tells_them_apart() -> None:
    g = Graph("groups")
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Tanh", g.add("Linear", x, name="lin", units=3), name="act")
    g.add("Mean", "act", name="loss")
    first = g.group("lin", "act", name="cell")
    second = g.add_use("g1", (500.0, 0.0))
    g.connect(first, second, "x")
    g.connect(second, "loss", "x")
    found = told(g, "value")
    assert found["cell/act"] == [r"\mathrm{cell/act} = \tanh(\mathrm{cell/lin})"]
    assert found["x"] == [r"x \in \mathbb{R}^{N \times 3}"]
    for node in (first, second):
        g.set(node, weights="shared")
    shared = told(g)
    weight = next(lines for name, lines in shared.items() if name.endswith("lin weight"))
    assert weight[0].startswith("W_{")
    assert len(weight) == 4  # its value, the sum of two uses, and a line for each


def test_constants_are_told_by_their_numbers_or_their_shape() -> None:
    g = Graph("constants")
    g.add("Constant", name="c", value=0.5)
    g.add("Constant", name="d", value=(1.0, -2.0))
    g.add("Constant", name="k", value=((1, 2, 3), (4, 5, 6)), dtype="int")
    found = told(g, "value")
    assert found == {"c": ["c = 0.5"], "d": ["d = (1, -2)"], "k": [r"k \in \mathbb{Z}^{2 \times 3}"]}


def test_two_values_are_never_called_alike() -> None:
    g = Graph("alike")
    for name in ("h1", "h_1", "h 1"):
        g.add("Input", name=name, shape=(2,))
    equations = Equations(Plan(g))
    names = [str(equations.symbols.node(key)) for key in equations.plan.nodes]
    assert len(set(names)) == 3


@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_every_operation_is_written_in_the_names_of_what_is_wired(op) -> None:
    trial = Trial.of(op, op.examples[0])
    g = Graph("one")
    wired = {}
    for socket in trial.op.sockets():
        array = trial.inputs.get(socket.name)
        if array is not None and not socket.learnable and socket.name not in trial.literals:
            kind = "int" if array.dtype.kind == "i" else "float"
            wired[socket.name] = g.add("Input", name=f"its {socket.name}", value=array.tolist(), dtype=kind)
    node = g.add(op.__name__, name="node", **wired, **op.examples[0].params)
    plan = Plan(g)
    if plan.inference.specs[node.id, plan.op(node.id).results()[0]].kind == "float":
        g.add("Sum", node, name="total")
        plan = Plan(g)
    equations = Equations(plan)
    value = next(equations.latex(line) for line in equations.lines if line.node == node.id)
    for name in wired:
        assert (
            rf"\mathrm{{its\ {name}}}".replace("_", r"\_") in value
            or f"{{its\\ {name.partition('_')[0]}" in value
        )
    for line in equations.lines:
        text = equations.latex(line)
        bare = text.replace(r"\{", "").replace(r"\}", "")
        assert bare.count("{") == bare.count("}"), text
        if line.phase == "backward":
            assert text.startswith(r"\frac{\partial\,") or line.kind == "term", text


def test_every_kind_of_equation_can_be_drawn() -> None:
    ziamath = pytest.importorskip("ziamath")
    for name in ("digits-cnn", "tanh-by-hand", "colah"):
        plan = Plan(of_example(name))
        equations = Equations(plan, Adam())
        for line in equations.lines:
            assert ziamath.Latex(equations.latex(line), size=16).svg().startswith("<svg")


@pytest.mark.parametrize(
    "optimizer", [*(kind() for kind in OPTIMIZERS.values())], ids=lambda o: type(o).__name__
)
def test_every_optimizer_has_its_rule(optimizer) -> None:
    text = update_equation(optimizer, ["W", "b"])
    assert r"\theta \leftarrow" in text
    assert r"\{W, b\}" in text
    optimizer.weight_decay, optimizer.clip_norm = 0.1, 0.5
    assert "0.1" in update_equation(optimizer, ["W"])


def test_all_equations_can_be_taken_along_as_latex() -> None:
    text = Equations(Plan(of_example("xor")), SGD()).document()
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") == 3
    assert r"& \mathrm{tanh} = \tanh(\mathrm{hidden})" in text


def test_a_graph_without_a_goal_has_no_way_back() -> None:
    g = Graph("forward")
    g.add("Tanh", g.add("Input", name="x", shape=(2,)), name="h")
    equations = Equations(Plan(g))
    assert {line.phase for line in equations.lines} == {"forward"}
    assert equations.bar() == ""
