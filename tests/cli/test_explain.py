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
