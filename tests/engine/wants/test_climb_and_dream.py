"""Pictures that climb, and dreams: what a step does, that it goes up, and that the same seed gives the same picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run, Trainer
from graphlab.engine.wants.climb import BARE, Climb, Knobs
from graphlab.engine.wants.dream import LARGEST, Dream, Sleep
from graphlab.engine.wants.eye import Tones, Unit
from graphlab.engine.wants.looker import Looker
from graphlab.engine.wants.pixels import blurred, resized, roughness, roughness_slope, shifted
from graphlab.engine.wants.top import Top
from graphlab.errors import DataError, FeedError, NumericsError, SettingsError
from graphlab.graph import Graph
from tests.engine.wants.nets import ByHand, end, one_hot, picture, run_of, small


def looker_at(name: str, seed: int = 0, **more: Any) -> Looker:
    run = run_of(small(**more), seed=seed)
    return Looker(run, end(run, name))


def finished(work: Any) -> Any:
    for _ in work.work():
        pass
    return work


def with_knobs(**knobs: Any) -> Knobs:
    return Knobs(**({"decay": 0, "blur": 0, "smooth": 0, "jitter": 0, "clip": 0} | knobs))


def test_a_bare_step_goes_along_the_gradient_of_size_one_a_pixel() -> None:
    looker, x = looker_at("scores"), 0.3 + 0.4 * picture(2, 6, 6)
    hand = ByHand(looker.run)
    hand.forward(x[0])
    slope = hand.backward(one_hot(1))
    climb = finished(Climb(looker, Unit(looker.end, (1,)), with_knobs(steps=1, rate=0.01), begin=x))
    wanted = x[0] + 0.01 * slope / np.sqrt(np.mean(slope**2))
    np.testing.assert_allclose(climb.picture[0], wanted, atol=1e-12)
    np.testing.assert_allclose(climb.curve, [hand.forward(x[0])[1], hand.forward(wanted)[1]], atol=1e-12)
    assert np.array_equal(climb.begun, x)


@pytest.mark.parametrize(
    ("name", "at"), [("scores", (2,)), ("conv", (1,)), ("relu", (0, 3, 3)), ("pool", ())]
)
def test_what_the_unit_says_goes_up(name: str, at: tuple[int, ...]) -> None:
    looker = looker_at(name, seed=1)
    bare = finished(
        Climb(looker, Unit(looker.end, at), with_knobs(steps=30, rate=0.005), begin=picture(2, 6, 6))
    )
    steps = np.diff(bare.curve)
    assert (steps > -1e-9).mean() > 0.8
    assert bare.curve[-1] > bare.curve[0]
    assert (bare.done, len(bare.curve)) == (30, 31)
    kept = finished(Climb(looker, Unit(looker.end, at), Knobs(steps=60), begin=picture(2, 6, 6)))
    assert kept.curve[-1] > kept.curve[0]
    assert kept.picture.min() >= 0
    assert kept.picture.max() <= 1


def test_the_same_seed_gives_the_same_picture_and_another_another() -> None:
    looker = looker_at("scores")
    first, again, other = (
        finished(Climb(looker, Unit(looker.end, (0,)), Knobs(steps=5, seed=seed))).picture
        for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_each_knob_does_what_it_says() -> None:
    looker = looker_at("scores")
    unit, x = Unit(looker.end, (0,)), picture(2, 6, 6)
    plain = finished(Climb(looker, unit, with_knobs(steps=9, rate=0.05), begin=x)).picture
    smooth = finished(Climb(looker, unit, with_knobs(steps=9, rate=0.05, smooth=0.5), begin=x)).picture
    assert roughness(smooth) < roughness(plain)
    blurry = finished(
        Climb(looker, unit, with_knobs(steps=9, rate=0.05, blur=1.0, blur_every=2), begin=x)
    ).picture
    assert roughness(blurry) < roughness(plain)
    grey = finished(Climb(looker, unit, with_knobs(steps=9, rate=0.05, decay=0.3), begin=x)).picture
    assert np.abs(grey - 0.5).mean() < np.abs(plain - 0.5).mean()
    one = finished(Climb(looker, unit, with_knobs(steps=1, rate=0.05, clip=0.5), begin=0.3 + 0.4 * x)).picture
    assert np.abs(one - (0.3 + 0.4 * x)).max() <= 0.05 * 0.5 + 1e-12
    moved = finished(Climb(looker, unit, with_knobs(steps=9, rate=0.05, jitter=2), begin=x)).picture
    assert not np.allclose(moved, plain)
    assert with_knobs() == BARE


@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"rate": 0.0}, {"rate": float("nan")}, {"decay": 1.0}, {"blur": -1.0}, {"seed": -1}],
)
def test_impossible_knobs_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Knobs(**wrong)


def test_weights_that_are_no_numbers_are_told() -> None:
    looker = looker_at("scores")
    looker.run.store.flat[...] = np.nan
    with pytest.raises(NumericsError, match=r"scores\[0\] says is no number"):
        finished(Climb(looker, Unit(looker.end, (0,))))


def test_roughness_has_the_slope_that_it_has() -> None:
    x = picture(2, 4, 5)
    slope = roughness_slope(x)
    for place in np.ndindex(x.shape):
        ends = []
        for by in (1e-6, -1e-6):
            moved = x.copy()
            moved[place] += by
            ends.append(roughness(moved))
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-5)


def test_blur_and_resize_keep_what_is_even_and_shifts_come_back() -> None:
    even = np.full((1, 2, 7, 5), 0.4)
    np.testing.assert_allclose(blurred(even, 1.3), even)
    np.testing.assert_allclose(resized(even, 3, 9), 0.4)
    x = picture(1, 6, 6)
    assert blurred(x, 0) is x
    assert resized(x, 6, 6) is x
    np.testing.assert_array_equal(shifted(shifted(x, (2, -1)), (-2, 1)), x)
    ramp = np.arange(8.0).reshape(1, 1, 1, 8).repeat(4, axis=2)
    np.testing.assert_allclose(resized(ramp, 4, 16)[0, 0, 0, 1:-1], np.arange(0.25, 7, 0.5))


def test_a_dream_makes_the_layer_say_more_of_what_it_says() -> None:
    looker = looker_at("relu", seed=1)
    big = np.random.default_rng(0).random((2, 15, 17))
    dream = finished(Dream(looker, big, Unit(looker.end), Sleep(octaves=5, steps=8)))
    assert dream.sizes == [
        (6, 6),
        (8, 9),
        (11, 12),
        (15, 17),
    ]  # 4 rows would be fewer than the network looks at
    assert dream.picture.shape == (1, 2, 15, 17)
    assert dream.done == dream.total == 32
    each = np.array(dream.curve).reshape(4, 8)
    assert (each[:-1, -1] > each[:-1, 0]).all()
    assert each[-1, -1] > 4 * each[0, 0]
    again = finished(Dream(looker, big, Unit(looker.end), Sleep(octaves=5, steps=8)))
    assert np.array_equal(dream.picture, again.picture)


def test_a_dream_of_one_tile_is_ascent_on_half_the_mean_square() -> None:
    looker = looker_at("scores", seed=1)
    x = 0.3 + 0.4 * picture(2, 6, 6)
    dream = Dream(looker, x, Unit(looker.end), Sleep(octaves=1, steps=1, rate=0.01))
    dream._chance = _Still()
    hand = ByHand(looker.run)
    slope = hand.backward(hand.forward(x[0]) / 4)
    slope -= slope.mean()
    finished(dream)
    np.testing.assert_allclose(dream.picture[0], x[0] + 0.01 * slope / np.abs(slope).mean(), atol=1e-12)
    assert dream.curve[0] == pytest.approx(0.5 * np.mean(hand.forward(x[0]) ** 2))


class _Still:
    def integers(self, *_: object) -> int:
        return 0


def test_pictures_of_other_sizes_and_colours_are_made_to_fit_or_refused() -> None:
    looker = looker_at("conv", channels=1)
    unit = Unit(looker.end, (0,))
    assert Dream(looker, np.zeros((3, 9, 4)), unit).begun.shape == (1, 1, 14, 6)
    assert Dream(looker, np.zeros((5000, 10)), unit).begun.shape == (1, 1, LARGEST, 6)
    with pytest.raises(FeedError, match="2 channels"):
        Dream(looker, np.zeros((2, 9, 9)), unit)
    for nothing in (np.zeros((2, 1, 6, 6)), np.full((6, 6), np.inf), np.zeros((1, 0, 6))):
        with pytest.raises(FeedError, match="no picture"):
            Dream(looker, nothing, unit)
    with pytest.raises(SettingsError):
        Sleep(octaves=0)


def digits() -> Trainer:
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="image")
    conv = g.add("Conv2d", data["x"], name="conv", out_channels=2, kernel_size=3)
    scores = g.add("Linear", g.add("Flatten", g.add("ReLU", conv, name="relu")), name="scores", units=10)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    return Trainer(g, input_gradients=True)


def test_the_best_samples_are_those_of_one_pass_over_all() -> None:
    trainer = digits()
    run = trainer.run
    looker = Looker(run, end(run, "conv"))
    scores = Looker(run, end(run, "scores"), like=looker)
    units = [Unit(looker.end, (1,)), Unit(scores.end, (3,))]
    top = finished(Top([looker, scores], trainer, units, "validation", count=5))
    rows = trainer.batches.rows("validation")
    assert top.done == top.total == top.of == len(rows)
    pictures = trainer.batches.columns[looker.eye.end][rows]
    layer = looker.values(pictures)[0]
    said = layer[:, 1].reshape(len(rows), -1).mean(axis=1, dtype=np.float64)
    order = np.argsort(-said, kind="stable")[:5]
    np.testing.assert_allclose(top.best[0].values, said[order], rtol=1e-6)
    np.testing.assert_array_equal(top.best[0].rows, rows[order])
    np.testing.assert_array_equal(top.best[0].pictures, pictures[order])
    for (y, x), k in zip(top.best[0].peaks.tolist(), order, strict=True):
        assert layer[k, 1, y, x] == pytest.approx(layer[k, 1].max(), rel=1e-6)
    assert (top.best[1].peaks == -1).all()
    with pytest.raises(DataError, match="no other rows"):
        Top([looker], trainer, [Unit(looker.end, (0,))], "other")
    with pytest.raises(DataError):
        Top([looker], None, [Unit(looker.end, (0,))])


def test_of_very_many_rows_the_same_part_is_looked_at_each_time() -> None:
    trainer = digits()
    looker = Looker(trainer.run, end(trainer.run, "conv"))
    found = [
        finished(Top([looker], trainer, [Unit(looker.end, (0,))], most=100)).best[0].rows for _ in range(2)
    ]
    assert np.array_equal(*found)
    assert len(found[0]) == 9


def test_noise_begins_near_the_mean_of_the_data() -> None:
    run = Run(small(), dtype="float64")
    looker = Looker(run, end(run, "conv"))
    begun = Climb(looker, Unit(looker.end, (0,)), tones=Tones(-2.0, 3.0, 1.0, 0.5)).begun
    assert abs(begun.mean() - 1.0) < 0.1
    assert begun.std() < 0.3
