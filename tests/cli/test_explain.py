"""`graphlab explain`: how one number came about, for people and for scripts."""

from __future__ import annotations

import pytest


def test_it_tells_the_terms_and_where_they_come_from(call):
    done = call("explain", "xor", "hidden", "--at", "1,3")
    assert done.code == 0
    first, formula, symbols, *_ = done.out.splitlines()
    assert first.startswith("hidden.y[1, 3] = ")
    assert formula.strip() == "y = x·Wᵀ + b"
    assert "x[1, 1] · weight[3, 1]" in symbols
    assert "hidden.weight[3, 1]" in done.out


def test_a_gradient_adds_up(call):
    found = call("explain", "xor", "hidden.weight", "--at", "0,1", "--grad", "--json").json
    assert found["title"] == "∂loss/∂hidden.weight[0, 1]"
    assert sum(part["value"] for part in found["term"]["parts"]) == pytest.approx(found["value"], rel=1e-5)
    leaf = found["term"]["parts"][0]["parts"][0]
    assert leaf["element"]["node"] == "hidden"
    assert leaf["element"]["kind"] == "grad"


def test_a_scalar_needs_no_place(call):
    assert call("explain", "xor", "loss").out.startswith("loss.loss = ")


def test_more_terms_than_asked_for_are_counted(call):
    done = call("explain", "xor", "out", "--at", "0,0", "--terms", "2")
    assert "more" in done.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("hidden", "--at", "9,9"), "has no element [9, 9]"),
        (("hidden", "--at", "a"), "--at a is no place"),
        (("nobody",), "nobody"),
    ],
)
def test_what_cannot_be_is_refused(call, args, said):
    assert said in call("explain", "xor", *args).complaint


def test_a_gradient_of_one_element_is_explained(call):
    out = call("explain", "tanh-by-hand", "W", "--at", "1,0", "--goal", "h[1]").out
    assert out.startswith("∂h[1]/∂W")


def test_what_if_stands_beside_gradient_times_delta(call):
    done = call("explain", "colah", "b", "--what-if", "1/2, -0.1")
    head, first, second = done.out.splitlines()[-3:]
    assert head == "What if b.y were larger? e is 6, the gradient 5."
    assert first.strip() == "δ +0.5: e 8.75, change +2.75; gradient × δ +2.5, difference +0.25"
    assert "change -0.49" in second


def test_what_if_for_scripts(call):
    found = call("explain", "colah", "b", "--what-if", "1/2", "--json").json["what_if"]
    assert (found["goal"], found["before"], found["gradient"]) == ("e", 6.0, 5.0)
    assert found["rows"] == [{"delta": 0.5, "after": 8.75, "change": 2.75, "predicted": 2.5}]


def test_what_if_says_what_is_no_number(call):
    done = call("explain", "colah", "b", "--what-if", "much")
    assert done.code
    assert "There is no much here" in done.err + done.out


def test_the_update_of_a_weight_is_told_by_the_optimizers_rule(call):
    first, rule, symbols, *_ = call(
        "explain", "xor", "hidden.weight", "--at", "0,1", "--update"
    ).out.splitlines()
    assert first.startswith("hidden.weight[0, 1] after update 1 = ")
    assert rule.strip().startswith("w ← w − lr·m̂ / (√v̂ + ε)")
    assert symbols.strip() == "= w − lr · m̂ / (√(v̂) + ε)"
    found = call("explain", "xor", "hidden.weight", "--at", "0,1", "--update", "--json").json
    assert found["element"]["kind"] == "update"
    assert found["term"]["value"] == pytest.approx(found["value"], rel=1e-6)
    assert "No update changes it" in call("explain", "xor", "hidden", "--at", "0,1", "--update").complaint
