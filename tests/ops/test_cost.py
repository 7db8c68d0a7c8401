"""What operations say they cost: operations counted as PyTorch counts them, and the arrays they cannot do without."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops import Op, Socket, get
from tests.ops.each_example import each_example, examples_of
from tests.ops.op_trial import Trial

OPS = [cls for family in ops.by_category().values() for cls in family if not cls.source]


class Costed:
    """A trial with the shapes of everything it holds."""

    def __init__(self, trial):
        self.trial, self.op = trial, trial.op
        trial.forward()
        arrays = trial.inputs | trial.outputs
        self.shapes = {name: array.shape for name, array in arrays.items() if array is not None}

    @property
    def forward(self):
        return self.op.flops(**self.shapes)

    def backward(self, *wanted):
        return self.op.backward_flops(wanted or self.trial.differentiable(), **self.shapes)

    def size(self, *names):
        return sum(math.prod(self.shapes[name]) for name in names)


def costed(name, params=None, /, **arrays):
    return Costed(Trial(name, params, {k: np.zeros(shape) for k, shape in arrays.items()}))


@each_example(examples_of(OPS))
def test_every_operation_counts_its_examples(op, example):
    found = Costed(Trial.of(op, example))
    assert isinstance(found.forward, int)
    assert found.forward >= 0
    for name in found.trial.differentiable():
        alone = found.backward(name)
        assert isinstance(alone, int)
        assert 0 <= alone <= found.backward()
    for name, count in found.op.reads(**found.shapes).items():
        assert count <= math.prod(found.shapes[name])


def spoiled(array):
    """Other numbers of the same kind: no number at all, or another index."""
    if array.dtype.kind == "f":
        return np.full_like(array, np.nan)
    return np.where(array == 0, min(1, array.max(initial=0)), 0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_gradients_depend_on_what_is_saved_and_on_nothing_else(op):
    """Every other array may be spoiled; and every saved one matters in at least one example."""
    matters: Counter[str] = Counter()
    declared = set()
    for example in op.examples:
        trial = Trial.of(op, example)
        trial.forward()
        dy, wanted = trial.upstream(), trial.differentiable()
        saved = {name for socket in wanted for name in trial.op.saves(socket)}
        declared |= saved
        for name in [n for n, a in (trial.inputs | trial.outputs).items() if a is not None and wanted]:
            depends = differs_without(trial, name, dy)
            assert name in saved or not depends, f"the gradient depends on {name}: name it in `saved`"
            matters[name] += depends
    assert {name for name in declared if not matters[name]} == set(), "`saved` names what nothing depends on"


def differs_without(trial, name, dy):
    """Whether the gradients change when that array is spoiled."""
    trial.ctx.forget()
    right = {n: gradient.copy() for n, gradient in trial.backward(dy).items()}
    holder = trial.inputs if name in trial.inputs else trial.outputs
    kept, holder[name] = holder[name], spoiled(holder[name])
    trial.ctx.forget()
    found = trial.backward(dy)
    holder[name] = kept
    return any(not np.array_equal(found[n], right[n]) for n in right)


# Against PyTorch's counter, which counts products of matrices and convolutions and nothing else


def by_pytorch(trial):
    """(forward, backward) as torch.utils.flop_counter has it."""
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    names = {name: "None" if array is None else f"t_{name}" for name, array in trial.inputs.items()}
    tensors = {names[n]: torch.tensor(a) for n, a in trial.inputs.items() if a is not None}
    for name in trial.differentiable():
        tensors[names[name]].requires_grad_(True)
    scope = {"torch": torch, "F": torch.nn.functional} | tensors
    with FlopCounterMode(display=False) as forth:
        results = eval(trial.op.emit_torch(**names).replace("self.training", "True"), scope)
    first = results[0] if isinstance(results, tuple) else results
    with FlopCounterMode(display=False) as back:
        first.sum().backward()
    return forth.get_total_flops(), back.get_total_flops()


PRODUCTS = [
    ("Linear", {"units": 3}, {"x": (5, 7)}),
    ("Linear", {"units": 3, "bias": False}, {"x": (2, 5, 7)}),
    ("MatMul", {}, {"a": (4, 3), "b": (3, 2)}),
    ("MatMul", {}, {"a": (2, 4, 3), "b": (3, 2)}),
    ("MatMul", {}, {"a": (2, 1, 4, 3), "b": (5, 3, 2)}),
    ("Conv1d", {"out_channels": 4, "kernel_size": 3, "stride": 2, "padding": 1}, {"x": (2, 3, 8)}),
    ("Conv2d", {"out_channels": 4, "stride": 2, "padding": 1}, {"x": (2, 8, 6, 7)}),
    ("Conv2d", {"out_channels": 4, "kernel_size": (1, 3), "dilation": 2}, {"x": (2, 3, 6, 7)}),
    ("ConvTranspose1d", {"out_channels": 4, "stride": 2}, {"x": (2, 3, 8)}),
    ("ConvTranspose2d", {"out_channels": 5, "stride": 2, "padding": 1}, {"x": (2, 4, 6, 5)}),
    ("Einsum", {"equation": "bij,bjk->bik"}, {"x1": (2, 4, 3), "x2": (2, 3, 5)}),
    ("Einsum", {"equation": "bhid,bhjd->bhij"}, {"x1": (2, 2, 3, 4), "x2": (2, 2, 5, 4)}),
]


@pytest.mark.parity
@pytest.mark.parametrize(("name", "params", "arrays"), PRODUCTS)
def test_products_count_as_in_pytorch(name, params, arrays):
    found = costed(name, params, **arrays)
    factors = [n for n in found.trial.differentiable() if n in found.op.factors]
    assert (found.forward, found.backward(*factors)) == by_pytorch(found.trial)
    assert found.forward > 0


@pytest.mark.parity
def test_a_chain_of_products_is_taken_two_by_two_as_in_pytorch():
    # from the left, which is cheapest here: PyTorch looks for the cheapest order only where opt_einsum is installed
    found = costed("Einsum", {"equation": "ab,bc,cd->ad"}, x1=(2, 3), x2=(3, 4), x3=(4, 6))
    assert found.forward == by_pytorch(found.trial)[0] == 2 * (2 * 3 * 4 + 2 * 4 * 6)


def test_a_chain_of_products_is_taken_in_the_cheapest_order():
    found = costed("Einsum", {"equation": "ab,bc,cd->ad"}, x1=(2, 3), x2=(3, 4), x3=(4, 2))
    assert found.forward == 2 * (3 * 4 * 2 + 2 * 3 * 2)  # from the left it would be 80


@pytest.mark.parity
def test_groups_of_a_convolution_count_as_in_pytorch():
    found = costed("Conv2d", {"out_channels": 4, "groups": 2}, x=(2, 8, 6, 6))
    whole = costed("Conv2d", {"out_channels": 4}, x=(2, 8, 6, 6))
    assert found.forward == by_pytorch(found.trial)[0] == whole.forward // 2


@pytest.mark.parity
@pytest.mark.parametrize("params", [{}, {"num_layers": 2}, {"bidirectional": True, "batch_first": True}])
@pytest.mark.parametrize("name", ["RNN", "GRU"])
def test_recurrent_layers_count_as_in_pytorch_besides_their_cells(name, params):
    passes = params.get("num_layers", 1) * (2 if "bidirectional" in params else 1)
    params = {"hidden_size": 4, **params}
    found = costed(name, params, x=(5, 2, 3), h_0=(passes, 2 if "batch_first" not in params else 5, 4))
    cells = [5 * 2 * 4 * passes * each for each in found.op.cell_cost]
    biases = 5 * 2 * found.size(*(n for n in found.shapes if n.startswith("bias")))
    forth, back = by_pytorch(found.trial)
    assert found.forward == forth + cells[0]
    assert found.backward() == back + cells[1] + biases


def test_an_lstm_has_four_times_the_products_of_an_rnn():
    lstm, rnn = (costed(name, {"hidden_size": 4}, x=(5, 2, 3)) for name in ("LSTM", "RNN"))
    states = 5 * 2 * 4
    assert rnn.forward == 2 * 5 * 2 * (4 * 3 + 4 * 4) + states
    assert lstm.forward - 18 * states == 4 * (rnn.forward - states)


@pytest.mark.parity
def test_attention_counts_as_in_pytorch_besides_scaling_and_softmax():
    found = costed("ScaledDotProductAttention", query=(2, 3, 5, 4), key=(2, 3, 6, 4), value=(2, 3, 6, 7))
    forth, back = by_pytorch(found.trial)
    assert found.forward == forth + found.size("query") + 5 * found.size("weights")
    assert found.backward() == back + found.size("query") + 4 * found.size("weights")


@pytest.mark.parity
@pytest.mark.parametrize("more", [{}, {"key": (6, 2, 8)}, {"key": (6, 2, 8), "value": (6, 2, 8)}])
def test_multihead_attention_counts_as_in_pytorch_besides_scaling_softmax_and_biases(more):
    found = costed("MultiheadAttention", {"num_heads": 2}, query=(5, 2, 8), **more)
    forth, back = by_pytorch(found.trial)
    length = found.shapes["weights"][3]
    biases = 2 * 8 * (5 + 2 * length) + 5 * 2 * 8
    assert found.forward == forth + found.size("query") + 5 * found.size("weights")
    assert found.backward() == back + found.size("query") + 4 * found.size("weights") + biases


# By hand


@pytest.mark.parametrize(
    ("name", "params", "arrays", "forward", "backward"),
    [
        ("Add", {}, {"a": (4, 3), "b": (4, 3)}, 12, 0),
        ("Add", {}, {"a": (4, 3), "b": (3,)}, 12, 12),  # the bias' gradient is a sum over the rows
        ("Mul", {}, {"a": (4, 3), "b": (4, 3)}, 12, 24),
        ("Mul", {}, {"a": (4, 3), "b": (3,)}, 12, 36),
        ("Greater", {}, {"a": (4, 3), "b": (3,)}, 12, 0),
        ("Tanh", {}, {"x": (4, 3)}, 12, 36),
        ("Softmax", {}, {"x": (4, 3)}, 60, 48),
        ("GELU", {"approximate": "tanh"}, {"x": (4, 3)}, 108, 84),
        ("Sum", {}, {"x": (4, 3)}, 12, 0),
        ("Mean", {"dim": 0}, {"x": (4, 3)}, 12, 12),
        ("Linear", {"units": 5}, {"x": (4, 3)}, 120, 2 * 120 + 4 * 5),
        ("MatMul", {}, {"a": (3,), "b": (3,)}, 6, 12),
        ("Bilinear", {"units": 5, "bias": False}, {"x1": (4, 3), "x2": (4, 2)}, 4 * 6 * 11, 3 * 4 * 6 * 11),
        ("Einsum", {"equation": "ij->ji"}, {"x1": (4, 3)}, 0, 0),
        ("Einsum", {"equation": "ij->"}, {"x1": (4, 3)}, 12, 0),
        ("Einsum", {"equation": "i,j"}, {"x1": (4,), "x2": (3,)}, 12, 48),
        ("Conv2d", {"out_channels": 2, "bias": False}, {"x": (1, 1, 5, 5)}, 2 * 2 * 9 * 9, 4 * 2 * 9 * 9),
        ("MaxPool2d", {}, {"x": (2, 3, 4, 4)}, 2 * 3 * 4 * 4, 2 * 3 * 4 * 4),
        ("AvgPool2d", {"kernel_size": 3, "stride": 1}, {"x": (1, 1, 5, 5)}, 81, 81),
        ("AdaptiveAvgPool2d", {}, {"x": (1, 1, 4, 5)}, 2 * (4 * 5 + 4), 2 * (4 * 5 + 4)),
        ("Upsample", {}, {"x": (1, 1, 2, 2)}, 0, 2 * (2 * 4 + 4 * 4)),
        ("LocalResponseNorm", {}, {"x": (2, 6, 3)}, 360, 432),
        ("Reshape", {"shape": (12,)}, {"x": (4, 3)}, 0, 0),
        ("Concat", {}, {"x1": (4, 3), "x2": (4, 2)}, 0, 0),
        ("Expand", {"shape": (4, 3)}, {"x": (3,)}, 0, 12),
        ("Where", {}, {"condition": (4, 3), "a": (4, 3), "b": (1,)}, 0, 12),
        ("PolynomialFeatures", {"degree": 3}, {"x": (4, 2)}, 16, 48),
        ("FeatureProducts", {"order": 2}, {"x": (4, 3)}, 12, 48),
        ("Standardise", {"mean": 0.5, "std": 2.0}, {"x": (4, 3)}, 24, 12),
        ("LayerNorm", {}, {"x": (4, 3)}, 84, 12 * (9 + 3 + 1)),
        ("MSELoss", {}, {"input": (4, 3), "target": (4, 3)}, 36, 48),
    ],
)
def test_counts_by_hand(name, params, arrays, forward, backward):
    found = costed(name, params, **arrays)
    assert (found.forward, found.backward()) == (forward, backward)


def test_only_rows_that_are_looked_up_are_read_and_added_to():
    trial = Trial("Embedding", {"num_embeddings": 100, "embedding_dim": 4}, {"x": np.array([3, 5, 3])})
    found = Costed(trial)
    assert (found.forward, found.backward("weight")) == (0, 12)
    assert found.op.reads(**found.shapes) == {"weight": 12}


def test_an_operation_that_says_nothing_takes_one_for_each_element_of_its_largest_array():
    class Halves(Op):
        inputs = (Socket("x"),)

    assert Halves().flops(x=(4, 6), y=(4, 3)) == 24
    assert Halves().backward_flops(["x"], x=(4, 6), y=(4, 3)) == 24
    assert Halves().backward_flops([], x=(4, 6), y=(4, 3)) == 0
    assert Halves().saves("x") == ("x",)
    assert Halves().reads(x=(4, 6), y=(4, 3)) == {}


def test_the_gradient_of_a_factor_depends_on_the_other_factors():
    linear = get("Linear")()
    assert linear.saves("x") == ("weight",)
    assert linear.saves("weight") == ("x",)
    assert linear.saves("bias") == ()
    assert get("Einsum")(equation="a,b,c").saves("x2") == ("x1", "x3")
