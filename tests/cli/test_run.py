"""`graphlab run`: values, gradients, and the story of a step."""

from __future__ import annotations

import pickle
import re
import time

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph


@pytest.fixture
def linear():
    """y = x·Wᵀ + b with an input that must be fed."""
    g = Graph("linear")
    x = g.add("Input", name="x", shape=("N", 2))
    y = g.add("Linear", x, name="y", units=3)
    g.add("Mean", y, name="mean")
    return g


def test_values_are_listed_in_order(call):
    lines = [line.split() for line in call("run", "colah").out.splitlines()]
    assert lines[1:] == [
        ["a", "Input", "2"],
        ["b", "Input", "1"],
        ["c", "Add", "3"],
        ["d", "Add", "2"],
        ["e", "Mul", "6"],
    ]


def test_backward_adds_gradients_and_terms(call):
    found = call("run", "colah", "--backward", "--json").json
    nodes = {node["name"]: node for node in found["nodes"]}
    assert (found["goal"], found["result"]) == ("e", 6)
    assert nodes["b"]["gradient"]["values"] == 5
    assert {name: term["values"] for name, term in nodes["b"]["terms"].items()} == {"c.b": 2, "d.a": 3}


def test_an_input_can_be_fed_numbers(call):
    assert call("run", "colah", "--feed", "a=3", "--feed", "b=2", "--json").json["result"] == 15


def test_an_input_can_be_fed_a_file(call, write, linear, tmp_path):
    x = np.arange(8, dtype=np.float32).reshape(4, 2)
    np.save(tmp_path / "x.npy", x)
    found = call("run", write(linear), "--feed", "x=x.npy", "--json").json
    nodes = {node["name"]: node["value"] for node in found["nodes"]}
    assert nodes["x"]["values"] == x.tolist()
    assert nodes["y"]["shape"] == [4, 3]


def test_the_weights_in_the_file_are_used(call, write, linear):
    run = Run(linear)
    run.set("y.weight", np.ones((3, 2)))
    run.set("y.bias", [1, 2, 3])
    found = call("run", write(linear, weights=run), "--feed", "x=[[1, 2]]", "--json").json
    assert found["nodes"][1]["value"]["values"] == [[4, 5, 6]]


def test_weights_and_params_can_be_set(call, write, linear):
    words = ["run", write(linear), "--feed", "x=[[1, 2]]", "--json"]
    found = call(
        *words, "--set", "y.units=2", "--set", "y.weight=[[1, 1], [2, 2]]", "--set", "y.bias=[0, 0]"
    ).json
    assert found["nodes"][1]["value"]["values"] == [[3, 6]]


def test_a_value_can_be_written_to_a_file(call, tmp_path):
    assert call("run", "colah", "--out", "e=e.npy").code == 0
    assert np.load(tmp_path / "e.npy", allow_pickle=False) == 6


def test_a_data_set_gives_its_first_batch(call):
    found = call("run", "digits-mlp", "--json").json
    assert found["nodes"][0]["value"]["shape"] == [32, 64]


def test_step_tells_the_story_in_the_order_of_the_schedule(call):
    done = call("run", "colah", "--step")
    lines = done.out.splitlines()
    entries = [line for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert [line.split()[0] for line in entries] == list("abcde") + list("edcba")
    assert "  b  5 = 2 (through c.b) + 3 (through d.a)" in lines
    assert lines[0] == "Forward, in topological order"
    assert any(line.startswith("Backward: how e changes") for line in lines)


def test_step_shows_parameter_gradients_and_what_the_update_moved(call):
    lines = [line.strip() for line in call("run", "xor", "--step").out.splitlines()]
    assert any(line.startswith("hidden.weight  8×2") for line in lines)
    assert "Update: Adam, lr 0.05" in lines
    assert any(line.startswith("out.bias") and "→" in line for line in lines)


def test_step_in_json_is_one_line_per_entry(call):
    entries = call("run", "xor", "--step", "--json").json_lines
    assert [e["phase"] for e in entries] == ["forward"] * 5 + ["backward"] * 5 + ["update"]
    assert entries[-1]["parameters"]["hidden.weight"]["shape"] == [8, 2]


def test_terms_of_arrays_are_told_one_by_one(call, write):
    g = Graph("fan-out")
    x = g.add("Input", name="x", value=(1.0, 2.0))
    g.add("Sum", g.add("Mul", x, x, name="square"), name="total")
    lines = [line.strip() for line in call("run", write(g), "--step").out.splitlines()]
    k = lines.index("x       2  [2, 4]")
    assert lines[k + 1 : k + 3] == ["+ [1, 2] (through square.a)", "+ [1, 2] (through square.b)"]


def story(call, *words):
    """The lines of a step, without the spaces around them."""
    return [line.strip() for line in call("run", *words, "--step").out.splitlines()]


def test_each_number_says_what_it_is_made_of(call):
    lines = story(call, "colah")
    assert "c  Add    3 = a + b = 2 + 1" in lines
    assert "d  Add    2 = b + 1 = 1 + 1" in lines  # a number that was typed into the node is no b
    assert "d  3 = ∂e · ∂e/∂d = 1 · 3" in lines
    assert "a  2 = ∂c" in lines


def test_a_neuron_is_told_gate_by_gate(call):
    lines = story(call, "cs231n-neuron")
    assert "exp       Exp        0.3679 = exp(neg) = exp(−1)" in lines
    assert "f         Div        0.7311 = 1 / plus1 = 1 / 1.368" in lines
    assert "x1        −0.5898 = ∂w1x1 · ∂w1x1/∂x1 = 0.1966 · (−3)" in lines


def test_of_an_array_the_largest_is_told_with_its_terms(call):
    lines = story(call, "tanh-by-hand")
    k = next(k for k, line in enumerate(lines) if line.startswith("Wx "))
    assert lines[k] == "Wx       MatMul     3    [1.1, −0.8, 0.95]"
    assert lines[k + 1] == "[0] 1.1 = W[0, 0] · x[0] + W[0, 1] · x[1] = 0.6 · 1 − 1 · (−0.5)"


def test_shapes_and_numbers_stand_in_columns(call):
    told = call("run", "tanh-by-hand", "--step").out.partition("Backward")[0]
    rows = [line for line in told.splitlines() if line.startswith("  ") and line[2] != " "]
    starts = {line.index(line.split()[2]) for line in rows if not line.startswith("  loss")}
    assert len(starts) == 1
    (loss,) = [line for line in rows if line.startswith("  loss")]
    assert loss.index("0.9866") == starts.pop() + len("2×3  ")


def test_what_is_large_is_told_briefly(call):
    lines = story(call, "digits-cnn")
    assert max(map(len, lines)) < 180
    assert any(re.match(r"\[\d+, \d+, \d, \d\] −1.467 = .* \(6 more\)", line) for line in lines)
    assert any(re.search(r"= max\(1.435, 0.9943, 0.8867, 0.5507\)", line) for line in lines)


def test_both_outputs_of_a_data_set_are_told(call):
    lines = story(call, "xor")
    assert lines[1].startswith("xor.x          Dataset            4×2")
    assert lines[2] == "xor.target                        4×1  [0, 1, 1, 0]"


def test_in_json_the_reason_stands_beside_the_number(call):
    entries = {(e["phase"], e.get("node")): e for e in call("run", "colah", "--step", "--json").json_lines}
    assert "because" not in entries["forward", "a"]
    assert entries["forward", "c"]["because"] == {"index": [], "value": 3, "text": "a + b = 2 + 1"}
    assert entries["backward", "d"]["because"]["text"] == "∂e · ∂e/∂d = 1 · 3"


def test_nodes_of_a_group_are_told_by_their_paths(call, write):
    g = Graph("group")
    x = g.add("Input", name="x", value=3.0)
    g.add("Square", g.add("Exp", x, name="e"), name="square")
    g.group("e", "square", name="cell")
    lines = story(call, write(g))
    assert any(line.startswith("cell/square  Square  403.4 = cell/e² = 20.09²") for line in lines)


def test_a_thousand_nodes_are_told_in_seconds(call, write):
    g = Graph("long")
    last = g.add("Input", name="x", value=(0.1, 0.2))
    for _ in range(500):
        last = g.add("Tanh", last)
    g.add("Sum", last, name="total")
    began = time.perf_counter()
    assert len(story(call, write(g))) > 2000
    assert time.perf_counter() - began < 20  # about two, and more on a busy machine


def test_what_is_healthy_runs_and_the_fault_is_told(call, write, linear):
    linear.add("MatMul", "x", name="loose")
    done = call("run", write(linear), "--feed", "x=[[1, 2]]")
    assert done.code == 1
    assert "mean" in done.out
    assert "left out: loose.b: b is not connected." in done.err


def test_nan_is_named_at_its_node(call, write):
    g = Graph("bad")
    g.add("Sum", g.add("Log", g.add("Input", name="x", value=(-1.0, 1.0)), name="log"), name="total")
    done = call("run", write(g))
    assert done.code == 2
    assert done.err.startswith("graphlab: The value of log holds nan at [0], where x is -1.")


class Trap:
    def __reduce__(self):
        return (print, ("the trap went off",))


def test_pickled_objects_are_refused_and_never_run(call, write, linear, tmp_path, capfd):
    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    assert "holds Python objects, not numbers" in call("run", write(linear), "--feed", "x=x.npy").complaint
    (tmp_path / "y.npy").write_bytes(pickle.dumps(Trap()))
    assert "y.npy" in call("run", write(linear), "--feed", "x=y.npy").complaint
    assert "the trap" not in capfd.readouterr().out


def test_a_header_that_lies_about_its_size_costs_nothing(call, write, linear, tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000), }"
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    assert (
        "not a NumPy array file, or it is damaged"
        in call("run", write(linear), "--feed", "x=x.npy").complaint
    )


@pytest.mark.parametrize(
    ("feed", "says"),
    [
        ("x=[[1, 2, 3]]", "x takes N×2, but was fed 1×3."),
        ("x=[[1], [1, 2]]", "its rows differ in length"),
        ("x=[[1, NaN]]", "holds nan at [0, 1]"),
        ('x=[["one", "two"]]', "x takes numbers"),
        ("x=none.npy", "There is no file 'none.npy'."),
        ("x=[1", "x cannot be '[1'."),
        ("z=1", "There is no input 'z'. The inputs are: x."),
        ("x", "--feed x is not of the form NAME=VALUE."),
    ],
)
def test_bad_feeds_are_refused_in_one_line(call, write, linear, feed, says):
    assert says in call("run", write(linear), "--feed", feed).complaint


def test_an_input_without_a_value_asks_to_be_fed(call, write, linear):
    assert "x has not been fed. Feed it an array of N×2" in call("run", write(linear)).complaint


def test_weights_of_the_wrong_shape_are_refused(call, write, linear):
    complaint = call("run", write(linear), "--feed", "x=[[1, 2]]", "--set", "y.weight=[1, 2]").complaint
    assert "y.weight takes 3×2" in complaint


# Gradients of something else than the loss, and the books


@pytest.mark.parametrize("words", [("--goal", "tanh", "--at", "0,2"), ("--goal", "tanh[0, 2]")])
def test_gradients_of_one_element_are_a_row_of_the_jacobian(call, words):
    found = call("run", "xor", *words, "--json").json
    nodes = {node["name"]: node for node in found["nodes"]}
    assert found["goal"] == "tanh[0, 2]"
    assert found["result"] == nodes["tanh"]["value"]["values"][0][2]
    assert np.flatnonzero(nodes["tanh"]["gradient"]["values"]).tolist() == [2]
    slope = 1 - found["result"] ** 2
    assert nodes["hidden"]["gradient"]["values"][0][2] == pytest.approx(slope, rel=1e-6)
    assert "gradient" not in nodes["loss"]


def test_gradients_of_the_sum_of_all(call):
    for words in (("--goal", "c[sum]"), ("--goal", "c", "--at", "sum"), ("--goal", "c")):
        found = call("run", "colah", *words, "--json").json
        assert {n["name"]: n["gradient"]["values"] for n in found["nodes"] if "gradient" in n} == {
            "a": 1,
            "b": 1,
            "c": 1,
        }


def test_the_story_of_an_element_says_whose_gradients_they_are_and_updates_nothing(call):
    out = call("run", "xor", "--goal", "tanh", "--at", "0,2", "--step").out
    assert "Backward: how tanh[0, 2] changes with each value (∂tanh[0, 2]/∂·), in reverse order" in out
    assert "Update" not in out
    entries = call("run", "xor", "--goal", "tanh", "--at", "0,2", "--step", "--json").json_lines
    assert [e["node"] for e in entries if e["phase"] == "backward"] == ["tanh", "hidden", "xor"]


def test_the_story_tells_how_a_sum_builds_up_and_what_is_saved(call):
    lines = [line.strip() for line in call("run", "colah", "--step").out.splitlines()]
    at = lines.index("d  3 = ∂e · ∂e/∂d = 1 · 3")
    assert lines[at + 1 : at + 7] == [
        "saved, not recomputed: used for b",
        "1 of 2 terms of b: 3, more to come",
        "c  2 = ∂e · ∂e/∂c = 1 · 2",
        "saved, not recomputed: used for a and b",
        "2 of 2 terms of b: 5",
        "b  5 = 2 (through c.b) + 3 (through d.a)",
    ]
    assert "saved, not recomputed: used for c and d; read again from forward: c and d" in lines


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--goal", "tanh[9,9]"), "tanh is 4×8 and has no element [9, 9]. Indices go from [0, 0] to [3, 7]."),
        (
            ("--goal", "tanh"),
            "tanh is not one number but many. Choose one, such as [0, 0], or the sum of all.",
        ),
        (("--goal", "out[a]"), "“a” is no place in an array. Write whole numbers, such as 0, 2."),
        (("--at", "0,2"), "--at names no node. Write --goal hidden --at 0,2."),
        (
            ("--goal", "out[0,0]", "--at", "0,0"),
            "--goal and --at both name an element. Write --goal out --at 0,0.",
        ),
        (("--goal", "zz"), "There is no node 'zz'. The nodes are: xor, hidden, tanh, out, loss."),
    ],
)
def test_a_goal_that_is_not_there_is_refused(call, words, complaint):
    assert call("run", "xor", *words).complaint == complaint
