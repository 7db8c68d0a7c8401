"""What of one set of weights goes into another: by name, by shape, by hand, and why the rest does not."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import FeedError
from graphlab.lab.transfer import match, require_fit, why_not

OWN = {"hidden.weight": (8, 2), "hidden.bias": (8,), "out.weight": (1, 8), "out.bias": (1,)}


def of(shapes):
    return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}


def told(found):
    return {row.target: (row.source, row.how, row.is_chosen) for row in found.rows}


def test_the_same_names_and_shapes_are_the_whole():
    found = match(of(OWN), OWN)
    assert found.is_whole
    assert [row.target for row in found.chosen] == list(OWN)
    assert set(found.taken(of(OWN))) == set(OWN)


def test_what_all_names_of_one_side_begin_with_does_not_count():
    there = of({f"model.net.{name}": shape for name, shape in OWN.items()})
    assert told(match(there, OWN))["out.bias"] == ("model.net.out.bias", "name", True)
    inside = {f"group/{name}": shape for name, shape in OWN.items()}
    assert told(match(of(OWN), inside))["group/out.bias"] == ("out.bias", "name", True)


def test_a_common_layer_name_is_no_beginning():
    assert match(of({"hidden.weight": (8, 2), "hidden.bias": (8,)}), OWN).rows[1].how == "name"


def test_layers_with_the_same_shapes_are_offered_in_order_and_not_chosen():
    there = of({"fc10.weight": (1, 8), "fc10.bias": (1,), "fc2.weight": (8, 2), "fc2.bias": (8,)})
    found = match(there, OWN)
    assert told(found)["hidden.bias"] == ("fc2.bias", "shape", False)
    assert told(found)["out.weight"] == ("fc10.weight", "shape", False)
    assert not found.chosen
    assert len(found.choose(OWN).chosen) == 4


def test_where_the_namesake_does_not_fit_another_layer_that_does_is_offered():
    there = of({"out.weight": (3, 8), "out.bias": (3,), "head.weight": (1, 8), "head.bias": (1,)})
    found = told(match(there, OWN))
    assert found["out.weight"] == ("head.weight", "shape", False)
    assert found["out.bias"] == ("head.bias", "shape", False)


def test_equal_layers_are_taken_in_the_order_of_their_numbers():
    own = {f"{name}.weight": (4, 4) for name in ("a", "b", "c")}
    there = of({f"{k}.weight": (4, 4) for k in (10, 2, 0)})
    assert [row.source for row in match(there, own).rows] == ["0.weight", "2.weight", "10.weight"]


def test_a_layer_is_offered_whole_or_not_at_all():
    found = match(of({"fc.weight": (8, 2)}), OWN)
    assert told(found)["hidden.weight"] == ("", "missing", False)
    assert found.strays == ("fc.weight",)


def test_misfits_are_explained_by_inputs_and_outputs():
    found = match(of({**OWN, "out.weight": (3, 16)}), OWN)
    row = found.rows[2]
    assert (row.how, row.is_chosen) == ("misfit", False)
    assert row.words == "3×16 there, 1×8 here: 3 instead of 1 outputs, 16 instead of 8 inputs"
    assert not found.choose(OWN).rows[2].is_chosen


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ((8, 2), (2, 8), "2×8 there, 8×2 here: it lies on its side there"),
        ((8, 2), (16,), "16 there, 8×2 here: 1 axis against 2 axes"),
        (
            (6, 1, 5, 5),
            (6, 3, 3, 5),
            "6×3×3×5 there, 6×1×5×5 here: 3 instead of 1 inputs, 3 instead of 5 along axis 2",
        ),
        ((8,), (4,), "4 there, 8 here"),
    ],
)
def test_why_a_weight_does_not_fit(here, there, words):
    assert why_not(here, there, "layer.weight") == words


def test_numbers_that_are_not_finite_are_never_taken():
    found = match(of(OWN), OWN, broken={"out.bias": 1})
    row = found.choose(OWN).rows[3]
    assert (row.how, row.is_chosen, row.words) == ("broken", False, "1 of 1 numbers is NaN or infinite")


def test_a_choice_by_hand_comes_before_all_else():
    there = of({**OWN, "other.bias": (8,)})
    found = match(there, OWN, {"hidden.bias": "other.bias", "out.bias": ""})
    assert told(found)["hidden.bias"] == ("other.bias", "hand", True)
    assert told(found)["out.bias"] == ("", "left", False)
    assert found.strays == ("hidden.bias", "out.bias")
    assert match(there, OWN, {"hidden.bias": "out.weight"}).rows[1].how == "misfit"


def test_nothing_in_common_is_no_fault():
    assert match({}, OWN).strays == ()
    assert match(of(OWN), {}).rows == ()
    assert not match({}, {}).is_whole


def test_an_array_that_must_fit_says_why_not():
    with pytest.raises(FeedError, match=r"out\.bias does not fit: 2 there, 1 here"):
        require_fit("out.bias", (1,), np.zeros(2))
    with pytest.raises(FeedError, match="1 of 2 numbers is NaN"):
        require_fit("out.bias", (2,), np.array([0, np.nan]))
