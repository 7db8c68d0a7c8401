"""Data sets by name: cards tell the truth, and whatever a person gets wrong is said in one line."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from graphlab import data
from graphlab.errors import DataError
from graphlab.ops.catalogue import CARDS, LAYOUTS, TARGET_FORMS

NAMES = data.names()
MADE = [name for name in NAMES if data.card(name).parameters]


def test_all_sets_are_listed_and_in_the_catalogue_of_the_ops():
    made = {"xor", "spirals", "circles", "moons", "blobs", "clouds", "interval", "shapes", "shape_masks"}
    assert set(NAMES) == made | {"digits", "iris", "mnist5k", "textures"}
    assert set(NAMES) <= set(CARDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_tells_the_truth(name):
    card, made = data.card(name), data.load(name)
    assert made.name == name
    assert len(made) == card.samples
    assert made.classes == card.classes
    assert made.description == card.description
    assert np.unique(made.with_target("class").target).tolist() == list(range(len(card.classes)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", TARGET_FORMS)
def test_shapes_on_the_card_are_the_shapes_of_the_arrays(name, layout, form):
    card = data.card(name)
    if (layout == "image" and card.image_shape is None) or form not in card.target_forms:
        with pytest.raises(DataError):
            card.x_shape(layout), card.target_shape(form)
        with pytest.raises(DataError):
            data.load(name, layout=layout, target=form)
        return
    expected = card.x_shape(layout), card.target_shape(form)
    made = data.load(name, layout=layout, target=form)
    assert (made.x.shape[1:], made.target.shape[1:]) == expected


@pytest.mark.parametrize("name", MADE)
def test_defaults_on_the_card_are_the_defaults_of_the_function(name):
    defaults = {n: p.default for n, p in inspect.signature(getattr(data, name)).parameters.items()}
    assert defaults == {n: bounds.default for n, bounds in data.card(name).parameters.items()}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.load("spiral"), "There is no data set 'spiral'. Did you mean spirals?"),
        (lambda: data.load("???"), "There is no data set '???'. There are digits, iris, mnist5k, "),
        (lambda: data.card("Digits"), "There is no data set 'Digits'. Did you mean digits?"),
        (lambda: data.load("digits", samples=5), "digits has no parameter 'samples'. It takes none."),
        (lambda: data.load("moons", turns=5), "no parameter 'turns'. It takes samples, noise, seed."),
        (lambda: data.load("moons", layout="image"), "has no images. Choose layout flat."),
        (lambda: data.load("digits", target="column"), "has 10 classes; a single column tells two apart."),
        (lambda: data.moons(samples=0), "samples must be from 2 to 1,000,000, not 0."),
        (lambda: data.moons(samples=-3), "samples must be from 2 to 1,000,000, not -3."),
        (lambda: data.moons(samples=1_000_001), "samples must be from 2 to 1,000,000, not 1,000,001."),
        (lambda: data.blobs(samples=2), "samples must be from 3 to 1,000,000, not 2."),
        (lambda: data.moons(samples=10.0), "samples must be a whole number, not 10.0."),
        (lambda: data.moons(samples=True), "samples must be a whole number, not True."),
        (lambda: data.moons(noise=float("nan")), "noise must be from 0.0 to 10.0, not nan."),
        (lambda: data.moons(noise=float("inf")), "noise must be from 0.0 to 10.0, not inf."),
        (lambda: data.moons(noise=-0.1), "noise must be from 0.0 to 10.0, not -0.1."),
        (lambda: data.moons(noise="much"), "noise must be a number, not 'much'."),
        (lambda: data.moons(noise=None), "noise must be a number, not None."),
        (lambda: data.moons(seed=-1), "seed must be from 0 to 9,223,372,036,854,775,807, not -1."),
        (lambda: data.moons(seed=2**63), "seed must be from 0 to"),
    ],
)
def test_a_mistake_is_refused_in_one_clear_line(call, message):
    with pytest.raises(DataError) as refused:
        call()
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_card_refuses_an_unknown_layout_or_form():
    with pytest.raises(DataError, match="no layout 'rows'"):
        data.card("digits").x_shape("rows")
    with pytest.raises(DataError, match="no targets of the form 'index'"):
        data.card("digits").target_shape("index")
