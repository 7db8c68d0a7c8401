"""Losses: finite for any score, exact figures, and what they say about targets that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import ops
from graphlab.engine import Run, infer
from graphlab.errors import FeedError, ParamError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

N = Dim("N")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("score", [1e4, -1e4])
def test_huge_scores_stay_finite(dtype, score):
    for name, arrays in {
        "CrossEntropyLoss": {"input": np.array([[score, 0.0, -score]]), "target": np.array([1])},
        "BCEWithLogitsLoss": {"input": np.array([[score]]), "target": np.array([[1.0]])},
    }.items():
        trial = Trial(name, {}, arrays, dtype)
        trial.forward()
        gradient = trial.backward(np.ones((), trial.dtype))["input"]
        assert np.isfinite(trial.y)
        assert np.isfinite(gradient).all()
        expected = 1e4 if name == "CrossEntropyLoss" or score < 0 else 0
        assert trial.y == pytest.approx(expected, rel=1e-6)


def test_cross_entropy_of_even_odds_is_the_logarithm_of_the_number_of_classes():
    assert run("CrossEntropyLoss", input=np.zeros((5, 10)), target=np.arange(5)) == pytest.approx(np.log(10))


def test_indices_and_one_hot_targets_agree():
    scores = np.random.default_rng(0).standard_normal((6, 4))
    classes = np.array([0, 3, 1, 1, 2, 0])
    by_index = Trial("CrossEntropyLoss", {}, {"input": scores, "target": classes})
    by_share = Trial("CrossEntropyLoss", {}, {"input": scores, "target": np.eye(4)[classes]})
    by_index.forward()
    by_share.forward()
    assert by_index.y == pytest.approx(float(by_share.y), rel=1e-14)
    one = np.ones(())
    np.testing.assert_allclose(by_index.backward(one)["input"], by_share.backward(one)["input"], atol=1e-15)


@pytest.mark.parametrize(("index", "hint"), [(3, "at least 4 units"), (-1, "begin at 0")])
def test_an_index_that_is_no_class_is_named(index, hint):
    with pytest.raises(FeedError, match=f"class index {index}, but input has 3 classes") as caught:
        run("CrossEntropyLoss", input=np.zeros((2, 3)), target=np.array([0, index]))
    assert hint in caught.value.hint


def test_mean_squared_error_is_exact():
    assert run("MSELoss", input=np.array([1.0, 2.0]), target=np.array([0.0, 4.0])) == 2.5


def test_a_prediction_column_against_a_target_row_is_refused():
    """NumPy would broadcast it to N×N and train on nonsense."""
    with pytest.raises(ShapeError, match=r"input \(N×1\) and target \(N\)") as caught:
        make("MSELoss", {}).infer(Spec((N, 1)), Spec((N,)))
    assert caught.value.socket == "target"
    assert "column" in caught.value.hint


def test_the_hint_names_the_units_that_would_fit():
    with pytest.raises(ShapeError) as caught:
        make("BCEWithLogitsLoss", {}).infer(Spec((N, 16)), Spec((N, 1)))
    assert caught.value.hint == "Set units of the last layer to 1."


def test_class_indices_must_match_the_rows():
    with pytest.raises(ShapeError, match=r"target \(N×1\) should hold a class index for each row .*: N\."):
        make("CrossEntropyLoss", {}).infer(Spec((N, 3)), Spec((N, 1), "int"))


def test_metrics():
    scores, classes = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1, 1])
    assert make("CrossEntropyLoss", {}).metrics(scores, classes) == {"accuracy": 0.75}
    assert make("CrossEntropyLoss", {}).metrics(scores, np.eye(2)[classes]) == {"accuracy": 0.75}
    assert make("BCEWithLogitsLoss", {}).metrics(scores[:, :1] - 1, np.ones((4, 1))) == {"accuracy": 0.5}
    assert make("MSELoss", {}).metrics(np.zeros(2), np.array([3.0, 3.0])) == {"rmse": 3.0}


# Large and small figures


def check(name, params, want, dtype="float64", atol=0.0, **arrays):
    """Value and gradients against `want`, and all of them finite."""
    trial = Trial(name, params, {k: np.asarray(v) for k, v in arrays.items()}, dtype)
    trial.forward()
    gradients = trial.backward(np.ones(trial.y.shape, trial.dtype))
    np.testing.assert_allclose(trial.y, want, rtol=1e-6 if dtype == "float32" else 1e-14, atol=atol)
    assert all(np.isfinite(g).all() for g in gradients.values())
    return gradients


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_every_loss_is_exact_where_figures_are_huge(dtype, size):
    up = max(size, 0.0)
    check("MSELoss", {}, 1e8, dtype, input=[size], target=[0.0])
    check("L1Loss", {}, 1e4, dtype, input=[size], target=[0.0])
    check("HuberLoss", {}, 1e4 - 0.5, dtype, input=[size], target=[0.0])
    check("SmoothL1Loss", {"beta": 2.0}, 1e4 - 1, dtype, input=[size], target=[0.0])
    check("BCEWithLogitsLoss", {"pos_weight": 3.0}, 3 * (up - size), dtype, input=[size], target=[1.0])
    check("BCEWithLogitsLoss", {"pos_weight": 3.0}, up, dtype, input=[size], target=[0.0])
    check("HingeLoss", {}, max(0.0, 1 - size), dtype, input=[size], target=[1.0])
    check("HingeEmbeddingLoss", {}, max(0.0, 1 - size), dtype, input=[size], target=[-1.0])
    check("MultiMarginLoss", {}, max(0, 1 + size) / 2, dtype, input=[[0.0, size]], target=[0])
    check("NLLLoss", {}, -size, dtype, input=[[size, 0.0]], target=[0])
    check("KLDivLoss", {}, -size, dtype, input=[[size, 0.0]], target=[[1.0, 0.0]])
    check(
        "CosineEmbeddingLoss",
        {},
        1 - np.sign(size),
        dtype,
        1e-6,
        input1=[[size, 0]],
        input2=[[1.0, 0]],
        target=[1],
    )
    check("L1Penalty", {"factor": 1.0}, 1e4, dtype, x=[size])
    check("L2Penalty", {"factor": 1.0}, 1e8, dtype, x=[size])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "params",
    [{"weight": (1.0, 2.0, 1.0)}, {"label_smoothing": 0.3}, {"reduction": "none"}, {"ignore_index": 0}],
    ids=str,
)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_every_form_of_cross_entropy_is_exact_where_scores_are_huge(dtype, params, size):
    # ln Σ exp(x) is 1e4, so the logarithms of the probabilities are −1e4, 0, −2e4 or −2e4, −1e4, 0
    logs = np.array([size, 0.0, -size]) - 1e4
    smooth = params.get("label_smoothing", 0.0)
    want = -(1 - smooth) * logs[1] - smooth / 3 * logs.sum()
    check("CrossEntropyLoss", params, want, dtype, input=[[size, 0.0, -size]], target=[1])
    share = [[0.0, 1.0, 0.0]]
    if "weight" in params:
        want *= 2
    check("CrossEntropyLoss", params, want, dtype, input=[[size, 0.0, -size]], target=share)


def test_a_certain_wrong_probability_costs_no_more_than_100():
    found = check("BCELoss", {}, 50.0, input=[1.0, 0.0], target=[0.0, 0.0])
    assert found["input"][0] == pytest.approx(0.5e12)
    check("BCELoss", {}, 0.0, input=[1.0, 0.0], target=[1.0, 0.0])


@pytest.mark.parity
def test_probabilities_of_0_and_1_cost_what_they_cost_in_pytorch():
    torch = pytest.importorskip("torch")
    x, t = np.array([0.0, 1.0, 0.0, 1.0, 1e-20]), np.array([0.0, 0.0, 1.0, 1.0, 0.5])
    trial = Trial("BCELoss", {}, {"input": x, "target": t})
    trial.forward()
    theirs = torch.tensor(x, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy(theirs, torch.tensor(t))
    loss.backward()
    assert trial.y == pytest.approx(loss.item(), rel=1e-14)
    np.testing.assert_allclose(trial.backward(np.ones(()))["input"], theirs.grad, rtol=1e-12)


def test_a_probability_of_nothing_adds_nothing_to_a_divergence():
    check("KLDivLoss", {"reduction": "sum"}, np.log(2), input=np.log([[0.5, 0.5]]), target=[[1.0, 0.0]])


@pytest.mark.parity
def test_the_mean_over_all_elements_is_pytorchs_default_divergence():
    torch = pytest.importorskip("torch")
    x, t = np.log([[0.2, 0.8], [0.5, 0.5]]), np.array([[0.3, 0.7], [0.9, 0.1]])
    with pytest.warns(UserWarning, match="batchmean"):
        want = torch.nn.functional.kl_div(torch.tensor(x), torch.tensor(t)).item()
    check("KLDivLoss", {"reduction": "mean"}, want, input=x, target=t)
    check("KLDivLoss", {}, 2 * want, input=x, target=t)


def test_log_softmax_and_nll_are_cross_entropy():
    rng = np.random.default_rng(0)
    scores, target = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    for params in ({}, {"weight": (1.0, 2.0, 0.5, 0.0)}, {"ignore_index": 2}, {"reduction": "none"}):
        one = run("NLLLoss", params, input=logs, target=target)
        np.testing.assert_allclose(
            one, run("CrossEntropyLoss", params, input=scores, target=target), rtol=1e-12
        )


def test_what_is_ignored_costs_nothing_and_gets_no_gradient():
    scores = np.random.default_rng(0).standard_normal((3, 4))
    for name in ("CrossEntropyLoss", "NLLLoss"):
        whole = Trial(name, {}, {"input": scores, "target": np.array([1, -100, 3])})
        whole.forward()
        assert whole.y == pytest.approx(float(run(name, input=scores[[0, 2]], target=np.array([1, 3]))))
        assert not whole.backward(np.ones(()))["input"][1].any()
    assert make("CrossEntropyLoss", {}).metrics(scores, np.array([-100, -100, scores[2].argmax()])) == {
        "accuracy": 1.0
    }
    assert np.isnan(make("NLLLoss", {}).metrics(scores, np.full(3, -100))["accuracy"])


def test_where_all_is_ignored_there_is_no_mean():
    with np.errstate(invalid="ignore"):
        assert np.isnan(run("CrossEntropyLoss", input=np.zeros((2, 3)), target=np.full(2, -100)))
    assert run("CrossEntropyLoss", {"reduction": "sum"}, input=np.zeros((2, 3)), target=np.full(2, -100)) == 0


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"])
def test_an_index_that_is_no_class_is_named_by_every_loss(name):
    with pytest.raises(FeedError, match="class index 7, but input has 3 classes"):
        run(name, input=np.zeros((2, 3)), target=np.array([0, 7]))
    if name != "MultiMarginLoss":
        with pytest.raises(FeedError, match="class index -2"):
            run(name, {"ignore_index": -1}, input=np.zeros((2, 3)), target=np.array([-1, -2]))


# What does not fit


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"])
def test_weights_must_be_one_for_each_class(name):
    op = make(name, {"weight": (1.0, 2.0)})
    with pytest.raises(ShapeError, match=r"weight holds 2 numbers, but input \(N×3\) has 3 classes"):
        op.infer(Spec((N, 3)), Spec((N,), "int"))
    for wrong in (2.0, ((1.0, 2.0),), (1.0, -1.0)):
        with pytest.raises(ParamError, match=r"weight should be a list of numbers of 0 or more"):
            make(name, {"weight": wrong})


def test_weights_of_yes_must_fit_the_columns():
    with pytest.raises(ShapeError, match=r"pos_weight holds 3 numbers, which do not fit input \(N×2\)"):
        make("BCEWithLogitsLoss", {"pos_weight": (1.0, 2.0, 3.0)}).infer(Spec((N, 2)), Spec((N, 2)))
    with pytest.raises(ShapeError, match="pos_weight holds 1×2 numbers"):
        make("BCEWithLogitsLoss", {"pos_weight": ((1.0, 2.0),)}).infer(Spec((2,)), Spec((2,)))
    with pytest.raises(ParamError, match="pos_weight is negative"):
        make("BCEWithLogitsLoss", {"pos_weight": -1.0})


@pytest.mark.parametrize(
    ("input", "target", "where"), [([0.5, 1.5], [0, 1], r"input\[1\] is 1.5"), ([0.5], [-1], "target")]
)
def test_what_is_no_probability_is_named(input, target, where):
    with pytest.raises(FeedError, match=where) as caught:
        run("BCELoss", input=np.array(input), target=np.array(target, float))
    assert "Sigmoid" in caught.value.hint


def test_margin_losses_say_what_they_take():
    with pytest.raises(ShapeError, match=r"input \(N×3×4\) should be N×C or C"):
        make("MultiMarginLoss", {}).infer(Spec((N, 3, 4)), Spec((N, 4), "int"))
    with pytest.raises(ShapeError, match=r"input1 \(N×3\) and input2 \(N×4\) should have the same shape"):
        make("CosineEmbeddingLoss", {}).infer(Spec((N, 3)), Spec((N, 4)), Spec((N,)))
    with pytest.raises(ShapeError, match=r"target \(N×1\) should hold one number for each row .*: N"):
        make("CosineEmbeddingLoss", {}).infer(Spec((N, 3)), Spec((N, 3)), Spec((N, 1)))
    with pytest.raises(ShapeError, match=r"input1 \(N×3×4\) should be N×D or D"):
        make("CosineEmbeddingLoss", {}).infer(*[Spec((N, 3, 4))] * 2, Spec((N,)))
    with pytest.raises(ShapeError, match="no axis 1"):
        make("CosineSimilarity", {}).infer(Spec((4,)), Spec((4,)))


def test_no_and_minus_one_are_the_same_side():
    scores = np.array([0.3, -2.0, 2.0])
    for name in ("HingeLoss", "HingeEmbeddingLoss"):
        assert run(name, input=scores, target=np.array([1.0, 0, 0])) == run(
            name, input=scores, target=np.array([1.0, -1, -1])
        )


def test_vectors_of_nothing_have_a_finite_likeness():
    zero = np.zeros((1, 3))
    check("CosineSimilarity", {}, [0.0], x1=zero, x2=zero + 1)
    check("CosineEmbeddingLoss", {}, 1.0, input1=zero, input2=zero + 1, target=np.ones(1))


# Each example by itself


def test_a_loss_kept_for_each_example_is_no_goal():
    g = Graph()
    x, t = g.add("Input", shape=("N", 2)), g.add("Input", name="t", shape=("N", 2))
    each = g.add("MSELoss", x, t, reduction="none")
    inference = infer(g)
    assert str(inference.specs[each.id, "loss"]) == "N×2"
    assert inference.goal == ""
    total = g.add("Sum", each)
    assert infer(g).goal == total.id


def test_a_penalty_and_a_loss_are_one_goal():
    g = Graph()
    w = g.add("Parameter", name="w", shape=(2,))
    loss = g.add("MSELoss", w, g.add("Constant", value=(1.0, 2.0)))
    penalty = g.add("L2Penalty", w, factor=0.5)
    assert infer(g).goal == loss.id
    whole = g.add("Add", loss, penalty)
    g.configure(goal=whole.name)
    engine = Run(g, dtype="float64")
    engine.set(next(iter(engine.parameters)), np.array([3.0, 4.0]))
    engine.backward()
    np.testing.assert_allclose(engine.gradients[next(iter(engine.parameters))], [2 + 3, 2 + 4])


def test_onnx_weights_become_params():
    params, wired = ops.get("CrossEntropyLoss").from_onnx(
        "SoftmaxCrossEntropyLoss", {"reduction": "sum", "ignore_index": 1}, ["x", "t", np.array([1.0, 2.0])]
    )
    assert params == {"reduction": "sum", "ignore_index": 1, "weight": (1.0, 2.0)}
    assert wired == {"input": "x", "target": "t"}
    with pytest.raises(ops.Unsupported, match="computed in the graph"):
        ops.get("NLLLoss").from_onnx("NegativeLogLikelihoodLoss", {}, ["x", "t", "w"])


# Margins, counts and variances


CORNERS = {
    "HingeEmbeddingLoss": ({"margin": 1.0}, {"input": [1.0], "target": [-1.0]}),
    "HingeLoss": ({}, {"input": [1.0], "target": [1.0]}),
    "MarginRankingLoss": ({"margin": 1.0}, {"input1": [2.0], "input2": [1.0], "target": [1.0]}),
    "TripletMarginLoss": (
        {"eps": 0.0, "p": 1.0},
        {"anchor": [[0.0]], "positive": [[1.0]], "negative": [[2.0]]},
    ),
}


@pytest.mark.parity
@pytest.mark.parametrize("name", CORNERS)
def test_just_at_the_margin_the_slope_is_pytorchs(name):
    torch = pytest.importorskip("torch")
    params, given = CORNERS[name]
    arrays = {socket: np.array(values) for socket, values in given.items()}
    trial = Trial(name, params, arrays)
    trial.forward()
    tensors = {socket: torch.tensor(a, requires_grad=socket != "target") for socket, a in arrays.items()}
    scope = {"torch": torch, "F": torch.nn.functional} | {f"t_{socket}": t for socket, t in tensors.items()}
    eval(trial.op.emit_torch(**{socket: f"t_{socket}" for socket in tensors}), scope).backward()
    for socket, found in trial.backward(np.ones(())).items():
        if socket != "target":
            np.testing.assert_array_equal(found, tensors[socket].grad.numpy(), err_msg=socket)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_every_comparing_loss_is_exact_where_figures_are_huge(dtype, size):
    up = max(size, 0.0)
    check("SoftMarginLoss", {}, up, dtype, input=[size], target=[-1.0])
    check("SoftMarginLoss", {}, up - size, dtype, input=[size], target=[1.0])
    check("MarginRankingLoss", {}, up - size, dtype, input1=[size], input2=[0.0], target=[1])
    far = {"anchor": [[0.0, 0]], "positive": [[size, 0]], "negative": [[0.0, 2 * size]]}
    check("TripletMarginLoss", {}, 0.0, dtype, **far)
    check("TripletMarginLoss", {"swap": True, "margin": 1e5}, 9e4, dtype, **far)
    check("GaussianNLLLoss", {}, 0.5e8, dtype, input=[size], target=[0.0])
    check("PoissonNLLLoss", {"log_input": False}, 1e4, dtype, 1e-3, input=[1e4], target=[0.0])


@pytest.mark.parity
def test_a_variance_below_eps_has_the_slope_that_pytorch_gives_it():
    torch = pytest.importorskip("torch")
    x, t, var = np.array([1.0, 2.0]), np.array([0.5, 2.5]), np.array([0.01, 2.0])
    trial = Trial("GaussianNLLLoss", {"eps": 0.1}, {"input": x, "target": t, "var": var})
    trial.forward()
    theirs = torch.tensor(var, requires_grad=True)
    loss = torch.nn.functional.gaussian_nll_loss(torch.tensor(x), torch.tensor(t), theirs, eps=0.1)
    loss.backward()
    assert trial.y == pytest.approx(loss.item(), rel=1e-14)
    np.testing.assert_allclose(trial.backward(np.ones(()))["var"], theirs.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "params", "arrays", "message"),
    [
        (
            "PoissonNLLLoss",
            {},
            {"input": [1.0], "target": [-2.0]},
            r"target\[0\] is -2, .* a count of 0 or more",
        ),
        (
            "PoissonNLLLoss",
            {"log_input": False},
            {"input": [-1.0], "target": [2.0]},
            r"input\[0\] is -1, .* expected count",
        ),
        (
            "GaussianNLLLoss",
            {},
            {"input": [1.0], "target": [1.0], "var": [-3.0]},
            r"var\[0\] is -3, .* a variance",
        ),
    ],
)
def test_what_is_no_count_and_no_variance_is_named(name, params, arrays, message):
    with pytest.raises(FeedError, match=message) as caught:
        run(name, params, **arrays)
    assert caught.value.hint


def test_class_indices_fed_as_measured_numbers_are_told_what_to_do():
    with pytest.raises(ShapeError, match=r"target \(N\) holds one measured number for each row") as caught:
        make("CrossEntropyLoss", {}).infer(Spec((N, 3)), Spec((N,)))
    assert "dtype" in caught.value.hint


def test_scores_without_classes_are_refused():
    for name in ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"):
        with pytest.raises(ShapeError, match=r"input \(N×0\) has no classes"):
            make(name, {}).infer(Spec((N, 0)), Spec((N,), "int"))


def test_margins_of_an_empty_batch_add_up_to_nothing():
    # by definition: PyTorch hands out memory that was never written
    empty = {"input": np.zeros((0, 3)), "target": np.zeros(0, int)}
    gradients = check("MultiMarginLoss", {"reduction": "sum"}, 0.0, **empty)
    assert gradients["input"].shape == (0, 3)


def test_who_is_ranked_right_is_counted():
    up, down, t = np.array([2.0, 1.0]), np.array([1.0, 3.0]), np.array([1, 1])
    assert make("MarginRankingLoss", {}).metrics(up, down, t) == {"accuracy": 0.5}
    triplet = (np.zeros((2, 1)), np.array([[1.0], [5.0]]), np.array([[3.0], [2.0]]))
    assert make("TripletMarginLoss", {}).metrics(*triplet) == {"accuracy": 0.5}
