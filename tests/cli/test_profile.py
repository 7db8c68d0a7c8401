"""`graphlab profile`: where the time of a step goes, for people and for scripts."""

from __future__ import annotations

import pytest

from graphlab.graph import Graph
from graphlab.io.examples import examples


def forward_only():
    g = Graph("forward only")
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Tanh", g.add("Linear", x, name="layer", units=2), name="tanh")
    return g


def words(text):
    return [line.split() for line in text.splitlines()]


@pytest.mark.parametrize("name", [e.name for e in examples()])
def test_every_example_can_be_profiled_in_the_width_of_a_terminal(call, name):
    done = call("profile", name, "--steps", 3)
    assert done.code == 0, done.err
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) <= 120
    assert "Most time" in done.out


def test_nodes_come_with_times_and_share_and_limit_and_the_step_in_the_end(call):
    rows = words(call("profile", "digits-mlp", "--steps", 3).out)
    headings = next(row for row in rows if row[:2] == ["name", "op"])
    assert headings[2:] == [
        *("forward", "µs", "backward", "µs", "time", "µs", "share"),
        *("GFLOP/s", "GB/s", "of", "limit", "bound", "by"),
    ]
    named = {row[0]: row for row in rows if row}
    assert named["hidden"][1] == "Linear"
    assert len(named["hidden"]) == 12  # two of them signs of percent
    assert named["update"][1] == "Adam"
    assert named["batch"][1:3] == ["fetching", "it"]
    assert named["step"][4:6] == ["100.0", "%"]
    assert ["Linear", "2"] in [row[:2] for row in rows]  # by kind of operation


def test_json_holds_everything(call):
    found = call("profile", "digits-cnn", "--batch-size", 64, "--steps", 3, "--json").json
    nodes = {node["name"]: node for node in found["nodes"]}
    assert (found["name"], found["sizes"], found["dtype"], found["threads"]) == (
        "Digits with a CNN",
        {"N": 64},
        "float32",
        1,
    )
    assert found["phases"] == ["forward", "backward", "update"]
    assert found["steps"] == 3
    assert nodes["conv2"]["forward"]["flops"] == 2 * 64 * 32 * 4 * 4 * 16 * 3 * 3
    assert nodes["conv2"]["backward"]["flops"] > 2 * nodes["conv2"]["forward"]["flops"]
    for part in ("forward", "backward"):
        kernel = nodes["conv2"][part]
        assert kernel["seconds"] > 0
        assert kernel["flops_per_second"] == pytest.approx(kernel["flops"] / kernel["seconds"])
        assert kernel["bytes_per_second"] == pytest.approx(kernel["bytes"] / kernel["seconds"])
        assert 0 < kernel["of_limit"] < 1
        assert kernel["bound"] in ("compute", "memory", "calls")
    assert nodes["flatten"]["forward"]["calls"] == 0
    shares = sum(node["share"] for node in found["nodes"])
    rest = sum(found[name]["seconds"] for name in ("update", "batch", "rest")) / found["seconds"]
    assert shares + rest == pytest.approx(1)
    assert found["kinds"]["Conv2d"]["nodes"] == 2
    assert found["machine"]["flops_per_second"] > 0
    assert found["verdict"].startswith("Most time")


def test_type_and_threads_can_be_chosen(call):
    found = call("profile", "xor", "--dtype", "float64", "--threads", 2, "--steps", 3, "--json").json
    assert (found["dtype"], found["threads"]) == ("float64", 2)


def test_without_a_goal_only_the_forward_pass_is_shown(call, write):
    done = call("profile", write(forward_only()), "--steps", 3, "--batch-size", 7)
    assert done.code == 0
    assert "(N = 7, float32, 1 thread): a forward pass takes" in done.out
    headings = next(row for row in words(done.out) if row[:2] == ["name", "op"])
    assert "backward" not in headings
    assert "update" not in [row[0] for row in words(done.out) if row]


@pytest.mark.parametrize(
    ("sort", "first"), [("name", ["hidden", "loss", "out"]), ("order", ["hidden", "tanh", "out"])]
)
def test_the_order_of_nodes_can_be_chosen(call, sort, first):
    rows = words(call("profile", "xor", "--steps", 3, "--sort", sort).out)
    start = next(k for k, row in enumerate(rows) if row[:2] == ["name", "op"]) + 1
    assert [row[0] for row in rows[start : start + 3]] == first


def test_a_narrow_terminal_shows_fewer_columns_and_those_whole(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    done = call("profile", "digits-cnn", "--steps", 3)
    table, _, _ = done.out.partition("\nop ")
    headings = next(row for row in words(table) if row[:2] == ["name", "op"])
    assert headings[2:] == ["time", "µs", "share", "GFLOP/s", "of", "limit", "bound", "by"]
    assert "…" not in table


def test_a_param_can_be_set_on_the_way(call):
    found = call("profile", "xor", "--set", "hidden.units=16", "--steps", 3, "--json").json
    nodes = {node["name"]: node for node in found["nodes"]}
    assert nodes["hidden"]["forward"]["flops"] == 2 * 4 * 2 * 16


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["no.graphlab"], "There is no file 'no.graphlab'."),
        (["xor", "--batch-size", "0"], "batch_size cannot be 0."),
        (["xor", "--steps", "0"], "steps cannot be 0."),
        (["xor", "--threads", "0"], "0 threads cannot be used."),
        (["xor", "--dtype", "float16"], "'float16' is not one of 'float32', 'float64'."),
        (["xor", "--sort", "speed"], "'speed' is not one of 'time', 'order', 'name', 'flops', 'limit'."),
        (["xor", "--set", "hidden.unit=4"], "Did you mean units?"),
        ([], "Missing argument 'FILE|EXAMPLE'."),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_try(call, more, says):
    assert says in call("profile", *more).complaint


def test_a_faulty_graph_and_an_empty_one_are_refused(call, write):
    g = Graph("faulty")
    g.add("Linear", name="layer")
    assert call("profile", write(g)).complaint.startswith("layer.x: x is not connected.")
    assert call("profile", write(Graph("empty"))).complaint.startswith("There is nothing to run.")


def test_numbers_that_run_away_are_named(call, write):
    g = Graph("away")
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Sqrt", g.add("Sub", x, b=1000.0), name="root")
    assert call("profile", write(g)).complaint.startswith("The value of root holds nan")
