"""`Data` checks what it is given, never changes, and knows its targets in every form."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.data import Data, blobs, digits, iris, moons, xor
from graphlab.errors import DataError


def rows(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape)


def test_arrays_become_float32_and_int64():
    data = Data(rows(3, 2), [0, 1, 0])
    assert data.x.dtype == np.float32
    assert data.target.dtype == np.int64
    assert data.classes == ("0", "1")


def test_arrays_are_read_only_and_the_givers_stay_writeable():
    x, target = rows(3, 2).astype(np.float32), np.array([0, 1, 0])
    data = Data(x, target)
    for array in (data.x, data.target, data.splits["train"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    x[0, 0], target[0] = 99, 1
    assert data.x[0, 0] == 0
    assert data.target[0] == 0


def test_numbers_in_one_dimension_become_a_column():
    assert Data(rows(3, 2), [0.5, 1.5, 2.5]).target.shape == (3, 1)


def test_every_row_is_for_training_until_split():
    data = Data(rows(3, 2), [0, 1, 0])
    np.testing.assert_array_equal(data.splits["train"], [0, 1, 2])
    assert len(data.splits["validation"]) == len(data.splits["test"]) == 0


def test_a_part_holds_the_rows_of_its_split():
    data = Data(rows(3, 2), [0, 1, 0], splits={"train": [2], "validation": [1, 0]})
    x, target = data.part("validation")
    np.testing.assert_array_equal(x, [[2, 3], [0, 1]])
    np.testing.assert_array_equal(target, [1, 0])


def test_repr_says_what_a_person_wants_to_know():
    assert repr(digits().split(0.2)) == (
        "Data(digits: 1,797 rows of 64 → 10 classes; train 1,438, validation 359)"
    )


@pytest.mark.parametrize(
    ("x", "target", "message"),
    [
        (rows(3), [0, 1, 0], "must be rows × features"),
        (rows(0, 2), [0], "must be rows × features"),
        ([[1, 2], [3]], [0, 1], "x of data is not an array of numbers"),
        (rows(2, 2), ["a", "b"], "target of data is not an array of numbers"),
        (rows(2, 2), [[1], [2, 3]], "target of data is not an array of numbers"),
        (rows(3, 2), [0, 1], "3 rows but 2 targets"),
        ([[0, 1], [np.nan, 1]], [0, 1], "Row 1 of data is not finite"),
        ([[0, 1], [1, 1e300]], [0, 1], "Row 1 of data is not finite"),
        (rows(2, 2), [0.0, np.inf], "Target 1 of data is not finite"),
        (rows(2, 2), [0, -1], "Target 1 of data is class -1"),
    ],
)
def test_rows_or_targets_that_make_no_sense_are_refused(x, target, message):
    with pytest.raises(DataError, match=message):
        Data(x, target)


def test_a_class_index_without_a_class_is_refused():
    with pytest.raises(DataError, match="Target 2 of data is class 2; the classes are 0 to 1"):
        Data(rows(3, 2), [0, 1, 2], classes=("no", "yes"))


def test_a_target_too_narrow_for_its_classes_is_refused():
    with pytest.raises(DataError, match="cannot tell the 3 classes of data apart"):
        Data(rows(3, 2), [[0.0], [1.0], [2.0]], classes=("a", "b", "c"))


@pytest.mark.parametrize("form", ["class", "one-hot", "column"])
def test_two_classes_survive_every_form_and_back(form):
    data = xor().with_target(form)
    np.testing.assert_array_equal(data.with_target("class").target, [0, 1, 1, 0])


def test_forms_have_the_documented_shape_and_type():
    assert (blobs(6).with_target("one-hot").target.shape, blobs(6).target.shape) == ((6, 3), (6,))
    assert (moons(6).target.shape, moons(6).target.dtype) == ((6, 1), np.float32)
    np.testing.assert_array_equal(blobs(3).with_target("one-hot").target, np.eye(3))


@pytest.mark.parametrize(
    ("data", "form", "message"),
    [
        (iris(), "column", "iris has 3 classes; a single column tells two apart"),
        (iris(), "onehot", "There is no target form 'onehot'"),
        (Data(rows(2, 2), [0.5, 1.5]), "class", "data has no classes"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(data, form, message):
    with pytest.raises(DataError, match=message):
        data.with_target(form)


def test_layout_changes_the_shape_and_not_the_figures():
    image = digits().with_layout("image")
    assert image.x.shape == (1797, 1, 8, 8)
    np.testing.assert_array_equal(image.with_layout("flat").x, digits().x)


@pytest.mark.parametrize(("layout", "message"), [("image", "iris has no images"), ("3d", "no layout '3d'")])
def test_a_layout_that_does_not_fit_is_refused(layout, message):
    with pytest.raises(DataError, match=message):
        iris().with_layout(layout)
