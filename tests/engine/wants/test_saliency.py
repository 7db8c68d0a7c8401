"""Maps of what a score rests on, against computations by hand and by PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.wants import saliency
from graphlab.engine.wants.eye import Unit
from graphlab.engine.wants.looker import Looker
from graphlab.engine.wants.pixels import resized
from graphlab.errors import GoalError
from graphlab.graph import Graph
from tests.engine.wants.nets import ByHand, end, one_hot, picture, run_of, small


@pytest.fixture
def looked() -> tuple[Looker, ByHand, np.ndarray]:
    run = run_of(small(), seed=2)
    return Looker(run, end(run, "scores")), ByHand(run), picture(2, 6, 6)


def test_gradient_times_input_and_guided_are_those_by_hand(looked: tuple[Looker, ByHand, np.ndarray]) -> None:
    looker, hand, x = looked
    for label in range(4):
        unit = Unit(looker.end, (label,))
        hand.forward(x[0])
        slope = hand.backward(one_hot(label))
        np.testing.assert_allclose(saliency.gradient(looker, x, unit), slope, atol=1e-12)
        np.testing.assert_allclose(saliency.times_input(looker, x, unit), slope * x[0], atol=1e-12)
        guided = hand.backward(one_hot(label), guided=True)
        np.testing.assert_allclose(saliency.guided(looker, x, unit), guided, atol=1e-12)
        assert np.abs(guided - slope).max() > 0.01


def test_grad_cam_is_that_by_hand(looked: tuple[Looker, ByHand, np.ndarray]) -> None:
    looker, hand, x = looked
    assert [looker.run.plan.nodes[key].path for key, _ in saliency.maps_of(looker)] == [
        "conv",
        "relu",
        "pool",
    ]
    hand.forward(x[0])
    hand.backward(one_hot(3))
    counts = hand.drelu.mean(axis=(1, 2))
    wanted = np.maximum(np.einsum("c,cij->ij", counts, hand.relu), 0)
    coarse, large = saliency.grad_cam(looker, x, Unit(looker.end, (3,)))
    np.testing.assert_allclose(coarse, wanted, atol=1e-12)
    np.testing.assert_allclose(large, wanted, atol=1e-12)
    coarse, large = saliency.grad_cam(looker, x, Unit(looker.end, (3,)), end(looker.run, "pool"))
    assert coarse.shape == (3, 3)
    np.testing.assert_allclose(large, resized(coarse[None, None], 6, 6)[0, 0])


def test_grad_cam_without_maps_says_what_it_needs() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 4, 4))
    g.add("Linear", g.add("Flatten", x), name="scores", units=3)
    run = Run(g)
    looker = Looker(run, end(run, "scores"))
    with pytest.raises(GoalError, match="No layer on the way has maps"):
        saliency.grad_cam(looker, picture(1, 4, 4), Unit(looker.end, (0,)))


def test_integrated_gradients_of_a_linear_network_are_weight_times_difference() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 3, 3))
    g.add("Linear", g.add("Flatten", x), name="scores", units=2)
    run = run_of(g)
    looker = Looker(run, end(run, "scores"))
    x, base = picture(1, 3, 3), np.full((1, 1, 3, 3), 0.25)
    found = saliency.integrated(looker, x, Unit(looker.end, (1,)), base, steps=1)
    weight = run.weights["scores.weight"][1].reshape(1, 3, 3)
    np.testing.assert_allclose(found.map, weight * (x - base)[0], atol=1e-12)
    assert abs(found.gap) < 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_integrated_gradients_add_up_to_the_difference_of_the_scores(seed: int) -> None:
    run = run_of(small(relu="Tanh"), seed=seed)
    looker = Looker(run, end(run, "scores"))
    x, base = 3 * picture(2, 6, 6, seed=seed), np.zeros((1, 2, 6, 6))
    unit = Unit(looker.end, (seed,))
    after, before = (float(looker.values(each)[0][0, seed]) for each in (x, base))
    found = saliency.integrated(looker, x, unit, base)
    assert (found.before, found.after) == pytest.approx((before, after), rel=1e-12)
    assert abs(found.gap) <= saliency.NEAR * abs(after - before)
    assert found.map.sum() == pytest.approx(after - before, abs=saliency.NEAR * abs(after - before))
    fine = saliency.integrated(looker, x, unit, base, steps=1024)
    assert abs(fine.gap) < 1e-3 * abs(after - before)


@pytest.mark.parity
def test_all_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    run = run_of(small(channels=3, side=8), seed=5)
    looker = Looker(run, end(run, "scores"))
    given = {name: torch.tensor(values) for name, values in run.weights.items()}
    x, unit = picture(3, 8, 8), Unit(looker.end, (2,))

    def net(pictures, bend=torch.relu):
        conv = torch.nn.functional.conv2d(pictures, given["conv.weight"], given["conv.bias"], padding=1)
        kept.append(bend(conv))
        flat = torch.nn.functional.max_pool2d(kept[-1], 2).flatten(1)
        return flat @ given["scores.weight"].T + given["scores.bias"]

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values):
            ctx.save_for_backward(values)
            return values.clamp(min=0)

        @staticmethod
        def backward(ctx, dy):
            (values,) = ctx.saved_tensors
            return dy.clamp(min=0) * (values > 0)

    def slope(pictures, bend=torch.relu):
        leaf = torch.tensor(pictures, requires_grad=True)
        return torch.autograd.grad(net(leaf, bend)[:, 2].sum(), leaf)[0].numpy()

    kept = []
    np.testing.assert_allclose(saliency.gradient(looker, x, unit), slope(x)[0], atol=1e-10)
    np.testing.assert_allclose(saliency.guided(looker, x, unit), slope(x, Guided.apply)[0], atol=1e-10)
    base = np.zeros_like(x)
    steps = np.concatenate([base + (k + 0.5) / 50 * (x - base) for k in range(50)])
    found = saliency.integrated(looker, x, unit, base, steps=50)
    np.testing.assert_allclose(found.map, (slope(steps).mean(axis=0) * (x - base))[0], atol=1e-10)
    kept.clear()
    leaf = torch.tensor(x, requires_grad=True)
    maps_slope = torch.autograd.grad(net(leaf)[0, 2], kept[0])[0]
    cam = torch.relu((maps_slope.mean(dim=(2, 3), keepdim=True) * kept[0]).sum(1))[0]
    np.testing.assert_allclose(saliency.grad_cam(looker, x, unit)[0], cam.detach().numpy(), atol=1e-10)
    wide = torch.nn.functional.interpolate(torch.tensor(x), size=(19, 23), mode="bilinear")
    np.testing.assert_allclose(resized(x, 19, 23), wide.numpy(), atol=1e-10)
