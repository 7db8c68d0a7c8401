"""`graphlab compare`."""

from __future__ import annotations

from graphlab.graph import Graph


def drawn(units: int = 4, *, more: bool = False) -> Graph:
    g = Graph("drawn")
    x = g.add("Input", name="x", shape=("N", 2))
    hidden = g.add("Linear", x, name="hidden", units=units)
    if more:
        g.add("Tanh", hidden, name="act")
    return g


def test_equal_graphs_end_with_0(call, write):
    done = call("compare", write(drawn(), "a.graphlab"), write(drawn(), "b.json"))
    assert done.code == 0
    assert "do not differ" in done.out


def test_differences_are_told_and_end_with_1(call, write):
    done = call("compare", write(drawn(), "a.graphlab"), write(drawn(8, more=True), "b.graphlab"))
    assert done.code == 1
    assert done.out.splitlines() == [
        "+ act (Tanh)",
        "~ hidden: units 4 → 8",
        "+ wire hidden.y → act.x",
        "3 differences: 2 added, 1 changed.",
    ]


def test_json_tells_values(call, write):
    found = call("compare", write(drawn(), "a.graphlab"), write(drawn(8), "b.graphlab"), "--json").json
    assert found == {
        "equal": False,
        "differences": [
            {
                "kind": "changed",
                "what": "node",
                "text": "hidden: units 4 → 8",
                "param": "units",
                "before": 4,
                "after": 8,
            }
        ],
    }


def test_json_of_equal_graphs(call):
    assert call("compare", "xor", "xor", "--json").json == {"equal": True, "differences": []}


def test_a_group_is_named(call, write):
    one, two = drawn(more=True), drawn(more=True)
    for g in (one, two):
        g.group("hidden", "act", name="cell")
    two.inside("cell").set("hidden", units=9)
    done = call("compare", write(one, "a.graphlab"), write(two, "b.graphlab"), "--json")
    assert done.json["differences"][0]["group"] == "cell"


def test_what_cannot_be_read_ends_with_2(call, write, tmp_path):
    (tmp_path / "broken.graphlab").write_bytes(b"PK nonsense")
    assert call("compare", write(drawn()), "broken.graphlab").code == 2
    assert "There is no file" in call("compare", write(drawn()), "gone.graphlab").complaint
