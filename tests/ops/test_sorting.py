"""Order, places and repetitions: which element comes where, and where its gradient goes."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import FeedError, ShapeError, Unsupported
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from graphlab.ops.interchange import from_onnx
from tests.ops.op_trial import Trial, run

X = np.array([[3.0, 1.0, 2.0, 3.0]])


def test_equal_elements_keep_their_order_whichever_way():
    for descending, places in ((False, [1, 2, 0, 3]), (True, [0, 3, 2, 1])):
        trial = Trial("Sort", {"descending": descending}, {"x": X})
        found = trial.forward()
        np.testing.assert_array_equal(found["indices"], [places])
        np.testing.assert_array_equal(found["values"], X[:, places])
        gradient = trial.backward((np.array([[1.0, 2.0, 3.0, 4.0]]), None))["x"]
        np.testing.assert_array_equal(gradient[0][places], [1, 2, 3, 4])


@pytest.mark.parametrize(("largest", "places"), [(True, [0, 3]), (False, [1, 2])])
def test_only_what_is_kept_gets_a_gradient(largest, places):
    trial = Trial("TopK", {"k": 2, "largest": largest}, {"x": X})
    found = trial.forward()
    np.testing.assert_array_equal(found["indices"], [places])
    gradient = trial.backward((np.array([[5.0, 7.0]]), None))["x"]
    assert gradient[0][places].tolist() == [5, 7]
    assert np.count_nonzero(gradient) == 2


def test_the_places_of_the_best_feed_what_takes_indices():
    g = Graph()
    x = g.add("Input", name="x", value=((0.1, 0.7, 0.2), (0.5, 0.2, 0.3)))
    g.add("OneHot", g.add("TopK", x, name="best", k=1)["indices"], num_classes=3, name="chosen")
    run = Run(g)
    run.forward()
    assert run.value("chosen").tolist() == [[[0, 1, 0]], [[1, 0, 0]]]


def test_more_than_there_are_cannot_be_kept():
    with pytest.raises(ShapeError, match=r"Axis -1 of x \(N×3\) is 3 long; 4 elements are to be kept"):
        make("TopK", {"k": 4}).infer(Spec((Dim("N"), 3)))


def test_messages_are_added_up_at_their_places():
    index, source = np.array([0, 2, 0, -1]), np.array([1.0, 2.0, 4.0, 8.0])
    trial = Trial("ScatterAdd", {}, {"x": np.ones(3), "index": index, "source": source})
    trial.forward()
    np.testing.assert_array_equal(trial.y, [6, 1, 11])
    gradients = trial.backward(np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(gradients["source"], [1, 100, 1, 100])
    np.testing.assert_array_equal(gradients["x"], [1, 10, 100])


def test_a_place_that_does_not_exist_is_named():
    with pytest.raises(FeedError, match=r"index\[1\] is 3, but axis 0 of x has 3 elements"):
        run("ScatterAdd", x=np.ones(3), index=np.array([0, 3]), source=np.ones(2))
    with pytest.raises(Unsupported, match="reduction none does not add"):
        from_onnx("ScatterElements", {}, [np.ones(3), np.array([0]), np.ones(1)])


def test_tiles_and_turns_are_numpys():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(run("Tile", {"repeats": (2, 1, 3)}, x=x), np.tile(x, (2, 1, 3)))
    np.testing.assert_array_equal(run("Flip", {"dim": (0, 1)}, x=x), np.flip(x))
    for shifts in (-4, -1, 0, 2, 7):
        np.testing.assert_array_equal(run("Roll", {"shifts": shifts}, x=x), np.roll(x, shifts, -1))


def test_each_element_gets_the_sum_of_its_copies():
    trial = Trial("Tile", {"repeats": (2, 2)}, {"x": np.array([1.0, 2.0])})
    trial.forward()
    np.testing.assert_array_equal(
        trial.backward(np.arange(8.0).reshape(2, 4))["x"], [0 + 2 + 4 + 6, 1 + 3 + 5 + 7]
    )


def test_an_axis_turned_twice_is_refused():
    with pytest.raises(ShapeError, match=r"dim \(0, -2\) names an axis twice"):
        make("Flip", {"dim": (0, -2)}).infer(Spec((2, 3)))
