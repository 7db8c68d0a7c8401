"""Sources: whose shape counts, and which combinations are refused."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (registers the cards)
from graphlab.errors import ParamError, ShapeError
from graphlab.ops import make
from tests.ops.op_trial import Trial


def test_an_input_follows_its_value_unless_it_has_a_shape():
    assert str(make("Input", {}).infer()) == "N×2"
    assert str(make("Input", {"value": -4.0}).infer()) == "scalar"
    assert str(make("Input", {"value": ((1.0, 2.0, 3.0),)}).infer()) == "1×3"
    given = make("Input", {"value": ((1.0, 2.0, 3.0),), "shape": ("N", 3)})
    assert str(given.infer()) == "N×3"
    assert given.literal() == ((1.0, 2.0, 3.0),)


@pytest.mark.parametrize("name", ["Input", "Parameter"])
def test_a_value_that_contradicts_the_shape_is_refused(name):
    with pytest.raises(ParamError, match="value is 3, but shape says 4"):
        make(name, {"value": (1.0, 2.0, 3.0), "shape": (4,)})


def test_one_size_name_means_one_size():
    with pytest.raises(ParamError, match="shape says N×N"):
        make("Input", {"value": ((1.0, 2.0),), "shape": ("N", "N")})


@pytest.mark.parametrize("name", ["Input", "Constant"])
def test_class_indices_are_whole(name):
    assert make(name, {"value": (1, 2), "dtype": "int"}).infer().kind == "int"
    with pytest.raises(ParamError, match="not whole"):
        make(name, {"value": (1, 2.5), "dtype": "int"})


def test_a_parameter_begins_with_its_value_and_is_seen_without_a_copy():
    op = make("Parameter", {"value": ((1.0, 2.0),)})
    assert op.learnable() == {"value": (1, 2)}
    assert op.start("value") == ((1.0, 2.0),)
    stored = np.zeros((1, 2))
    assert op.view(stored) is stored


def test_a_parameter_has_no_open_size():
    with pytest.raises(ParamError, match="open size"):
        make("Parameter", {"shape": ("N", 2)})


def test_a_constant_of_either_dtype():
    assert Trial("Constant", {"value": (1, 2)}, dtype="float32").forward()["y"].dtype == np.float32
    assert Trial("Constant", {"value": (1, 2), "dtype": "int"}).forward()["y"].dtype == np.int64


def test_a_data_set_says_its_shapes():
    x, target = make("Dataset", {"dataset": "digits", "layout": "image"}).infer()
    assert (str(x), str(target), target.kind) == ("N×1×8×8", "N", "int")
    x, target = make("Dataset", {"dataset": "digits", "target": "one-hot"}).infer()
    assert (str(x), str(target), target.kind) == ("N×64", "N×10", "float")
    x, target = make("Dataset", {"dataset": "xor"}).infer()
    assert (str(x), str(target)) == ("N×2", "N×1")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"dataset": "digitz"}, "no data set 'digitz'"),
        ({"dataset": "xor", "layout": "image"}, "has no images"),
        ({"dataset": "xor", "target": "one-hot"}, None),
    ],
)
def test_a_data_set_that_cannot_be_is_a_fault_of_the_node(params, message):
    if message is None:
        assert make("Dataset", params).infer()
        return
    with pytest.raises(ShapeError, match=message) as caught:
        make("Dataset", params).infer()
    assert caught.value.hint


def test_only_settings_that_the_set_takes_are_passed_on():
    assert make("Dataset", {"dataset": "iris", "samples": 10}).settings() == {}
    assert make("Dataset", {"dataset": "spirals", "noise": 0.1}).settings() == {"noise": 0.1, "seed": 0}
