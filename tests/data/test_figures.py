"""The figures that travel with graphlab are the published ones, and say whose they are."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.data import digits, figures, iris, mnist5k
from graphlab.errors import DataError
from graphlab.resources import resource


def test_digits_are_the_published_figures_scaled_to_one():
    data = digits()
    assert data.x.shape == (1797, 64)
    assert (data.x.min(), data.x.max()) == (0, 1)
    np.testing.assert_array_equal(data.x[0, :8] * 16, [0, 0, 5, 13, 9, 1, 0, 0])
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    np.testing.assert_array_equal(np.bincount(data.target), counts)


def test_iris_is_as_printed_by_fisher():
    data = iris()
    np.testing.assert_allclose(
        data.x[[0, 34, 37]], [[5.1, 3.5, 1.4, 0.2], [4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]
    )
    np.testing.assert_allclose(data.x.mean(axis=0), [5.8433, 3.0573, 3.758, 1.1993], atol=5e-5)
    np.testing.assert_array_equal(np.bincount(data.target), [50, 50, 50])


def test_mnist_is_500_of_each_digit_in_turn_scaled_to_one():
    data = mnist5k()
    assert data.x.shape == (5000, 784)
    assert (data.x.min(), data.x.max()) == (0, 1)
    np.testing.assert_array_equal(data.target.reshape(500, 10), np.arange(10) + np.zeros((500, 1)))
    images = data.with_layout("image").x
    assert images.shape == (5000, 1, 28, 28)
    assert images[:, 0, 0].max() == 0, "digits lie upright in the middle, their borders are paper"
    one, zero = (images[data.target == k].mean(axis=0)[0] for k in (1, 0))
    assert one[14, 14] > 0.6 > 0.1 > zero[14, 14]
    divided = data.split()
    assert [len(divided.splits[name]) for name in ("train", "validation")] == [4000, 1000]
    assert np.bincount(divided.target[divided.splits["train"]]).tolist() == [400] * 10


def test_mnist_names_its_licence_and_its_owners():
    told = resource("data", "LICENSES.md").read_text(encoding="utf-8")
    assert mnist5k().licence.startswith("CC BY-SA 3.0")
    assert "Yann LeCun and Corinna Cortes" in told
    assert mnist5k().licence.rsplit(", ", 1)[1] in told


@pytest.mark.parametrize("data", [digits(), iris()], ids=["digits", "iris"])
def test_every_set_names_its_licence_and_source(data):
    assert data.licence.startswith("CC BY 4.0")
    source = data.licence.rsplit("doi:", 1)[1]
    assert source in resource("data", "LICENSES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_lost_or_damaged_figures_are_named(content, tmp_path, monkeypatch):
    if content is not None:
        (tmp_path / "iris.npz").write_bytes(content)
    monkeypatch.setattr(figures, "resource", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(DataError, match="figures of iris cannot be read"):
        figures._figures.__wrapped__("iris")
