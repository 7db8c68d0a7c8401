"""Transformers drawn of parts: with the same weights the numbers of PyTorch's layers, and of the op in one node."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from graphlab.engine import Run, infer
from graphlab.engine.attending import attentions
from graphlab.graph import Graph

WIDTH, HEADS, HIDDEN = 12, 3, 20
RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 5, WIDTH))
MEMORY = RNG.standard_normal((2, 4, WIDTH))
SLOPES = RNG.standard_normal((2, 5, WIDTH))
PROJECTIONS = ("in_proj", "out_proj")


def drawn(part: str, memory: bool = False, **settings) -> Graph:
    """The part between inputs, with a loss whose gradient by y is SLOPES."""
    g = Graph()
    ends = [g.add("Input", name="x", shape=("N", "T", WIDTH))]
    if memory:
        ends.append(g.add("Input", name="memory", shape=("N", "S", WIDTH)))
    y = g.add_part(part, *ends, name="part", width=WIDTH, heads=HEADS, **settings)
    y = g.add("Add", y, name="y", b=0.0)
    weighed = g.add("Mul", y, g.add("Input", name="slopes", shape=("N", "T", WIDTH)))
    g.add("Sum", weighed, name="loss")
    return g


def run_of(g: Graph, weights: dict[str, np.ndarray], memory: bool = False) -> Run:
    run = Run(g, dtype="float64", input_gradients=True)
    assert set(weights) == set(run.parameters)
    for name, values in weights.items():
        run.set(name, values)
    run.feed(x=X, slopes=SLOPES, **({"memory": MEMORY} if memory else {}))
    run.forward()
    run.backward()
    return run


def attention_weights(layer, ours: str) -> dict[str, np.ndarray]:
    """PyTorch's attention under the names of a part: three Linears for its rows, and `out`."""
    rows = dict(zip("qkv", np.split(array(layer.in_proj_weight), 3), strict=True))
    shifts = dict(zip("qkv", np.split(array(layer.in_proj_bias), 3), strict=True))
    found = {f"{ours}{name}.weight": rows[name] for name in "qkv"}
    found |= {f"{ours}{name}.bias": shifts[name] for name in "qkv"}
    return found | plain(layer.out_proj, f"{ours}out")


def attention_gradients(layer, ours: str) -> dict[str, np.ndarray]:
    rows = np.split(array(layer.in_proj_weight.grad), 3)
    shifts = np.split(array(layer.in_proj_bias.grad), 3)
    found = {f"{ours}{name}.weight": part for name, part in zip("qkv", rows, strict=True)}
    found |= {f"{ours}{name}.bias": part for name, part in zip("qkv", shifts, strict=True)}
    return found | plain(layer.out_proj, f"{ours}out", grad=True)


def plain(layer, ours: str, grad: bool = False) -> dict[str, np.ndarray]:
    return {f"{ours}.{n}": array(p.grad if grad else p) for n, p in layer.named_parameters()}


def array(tensor) -> np.ndarray:
    return tensor.detach().numpy().copy()


def same(found, wanted, what: str = "") -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9, err_msg=what)


def compare(run: Run, y, gradients: dict[str, np.ndarray], inputs: dict[str, np.ndarray]) -> None:
    same(run.value("y"), y)
    assert set(gradients) == set(run.gradients)
    for name, wanted in gradients.items():
        same(run.gradients[name], wanted, name)
    for name, wanted in inputs.items():
        same(run.grad(name), wanted, name)


@pytest.fixture
def torch():
    found = pytest.importorskip("torch")
    found.manual_seed(0)
    return found


def theirs(torch, layer, *arrays, **options):
    """(y, gradients of the inputs) of PyTorch's layer, whose parameters get theirs."""
    layer.double()
    inputs = [torch.from_numpy(array).requires_grad_() for array in arrays]
    y = layer(*inputs, **options)
    (y * torch.from_numpy(SLOPES)).sum().backward()
    return array(y), [array(x.grad) for x in inputs]


def stirred(torch, layer):
    """With biases and norms that are not what they begin as."""
    with torch.no_grad():
        for values in layer.parameters():
            values.add_(0.1 * torch.randn_like(values))
    return layer.double()


@pytest.mark.parity
def test_an_encoder_block_is_pytorchs_encoder_layer(torch):
    layer = stirred(
        torch, torch.nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True)
    )
    weights = encoder_layer(layer, "part/", "feed-forward/")
    y, (dx,) = theirs(torch, layer, X)
    run = run_of(drawn("encoder-block", hidden=HIDDEN), weights)
    compare(run, y, encoder_layer(layer, "part/", "feed-forward/", grad=True), {"x": dx})


def encoder_layer(layer, ours: str, thinking: str, grad: bool = False) -> dict[str, np.ndarray]:
    attention = attention_gradients if grad else attention_weights
    return {
        **attention(layer.self_attn, f"{ours}attention/"),
        **plain(layer.linear1, f"{ours}{thinking}up", grad),
        **plain(layer.linear2, f"{ours}{thinking}down", grad),
        **plain(layer.norm1, f"{ours}norm1", grad),
        **plain(layer.norm2, f"{ours}norm2", grad),
    }


@pytest.mark.parity
@pytest.mark.parametrize("causal", [True, False])
def test_a_block_of_gpt_is_pytorchs_encoder_layer_with_the_norm_first(torch, causal):
    gelu = partial(torch.nn.functional.gelu, approximate="tanh")
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0.0, activation=gelu, batch_first=True, norm_first=True
    )
    stirred(torch, layer)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64) if causal else None
    y, (dx,) = theirs(torch, layer, X, src_mask=mask)
    part = "gpt-block" if causal else "vit-block"
    run = run_of(drawn(part, hidden=HIDDEN), encoder_layer(layer, "part/", "mlp/"))
    compare(run, y, encoder_layer(layer, "part/", "mlp/", grad=True), {"x": dx})


@pytest.mark.parity
def test_a_decoder_block_is_pytorchs_decoder_layer(torch):
    layer = stirred(
        torch, torch.nn.TransformerDecoderLayer(WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True)
    )
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    y, (dx, dmemory) = theirs(torch, layer, X, MEMORY, tgt_mask=mask)
    run = run_of(drawn("decoder-block", memory=True, hidden=HIDDEN), decoder_layer(layer), memory=True)
    compare(run, y, decoder_layer(layer, grad=True), {"x": dx, "memory": dmemory})


def decoder_layer(layer, grad: bool = False) -> dict[str, np.ndarray]:
    attention = attention_gradients if grad else attention_weights
    return {
        **encoder_layer(layer, "part/", "feed-forward/", grad),
        **attention(layer.multihead_attn, "part/cross/"),
        **plain(layer.norm3, "part/norm3", grad),
    }


@pytest.mark.parity
@pytest.mark.parametrize("causal", [True, False])
def test_self_attention_is_pytorchs_multihead_attention(torch, causal):
    layer = stirred(torch, torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True))
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
    x = torch.from_numpy(X).requires_grad_()
    y, shares = layer(x, x, x, attn_mask=mask, average_attn_weights=False)
    (y * torch.from_numpy(SLOPES)).sum().backward()
    part = "causal-self-attention" if causal else "self-attention"
    run = run_of(drawn(part), attention_weights(layer, "part/"))
    compare(run, array(y), attention_gradients(layer, "part/"), {"x": array(x.grad)})
    same(run.value("part/weights"), array(shares))


@pytest.mark.parametrize("causal", [True, False])
def test_self_attention_is_the_operation_in_one_node(causal):
    one = Graph()
    x = one.add("Input", name="x", shape=("N", "T", WIDTH))
    options = {"num_heads": HEADS, "batch_first": True, "is_causal": causal}
    y = one.add("MultiheadAttention", x, name="y", **options)
    one.add("Sum", one.add("Mul", y, one.add("Input", name="slopes", shape=("N", "T", WIDTH))), name="loss")
    fused = Run(one, dtype="float64")
    fused.feed(x=X, slopes=SLOPES)
    fused.forward()
    fused.backward()
    rows, shifts = (np.split(fused.parameters[f"y.in_proj_{n}"], 3) for n in ("weight", "bias"))
    weights = {f"part/{n}.weight": row for n, row in zip("qkv", rows, strict=True)}
    weights |= {f"part/{n}.bias": shift for n, shift in zip("qkv", shifts, strict=True)}
    weights |= {f"part/out.{n}": fused.parameters[f"y.out_proj_{n}"] for n in ("weight", "bias")}
    run = run_of(drawn("self-attention", causal=causal), weights)
    same(run.value("y"), fused.value("y"))
    same(run.grad("x"), fused.grad("x"))


@pytest.mark.parametrize("part", ["token-embedding", "token-embedding-waves"])
def test_equal_tokens_differ_by_their_place(part):
    g = Graph()
    tokens = g.add("Input", name="tokens", shape=("N", 4), dtype="int")
    g.add("Add", g.add_part(part, tokens, name="part", vocabulary=7, width=6), name="y", b=0.0)
    run = Run(g)
    run.feed(tokens=np.full((2, 4), 3))
    run.forward()
    y = run.value("y")
    assert y.shape == (2, 4, 6)
    np.testing.assert_array_equal(y[0], y[1])
    assert len(np.unique(y[0], axis=0)) == 4


def test_an_image_becomes_its_patches_and_a_token_in_front():
    g = Graph()
    image = g.add("Input", name="image", shape=("N", 1, 8, 8))
    g.add("Add", g.add_part("patch-embedding", image, name="part", width=6, patch=4), name="y", b=0.0)
    run = Run(g, dtype="float64")
    picture = RNG.standard_normal((2, 1, 8, 8))
    run.feed(image=picture)
    run.forward()
    y, p = run.value("y"), run.parameters
    assert y.shape == (2, 5, 6)
    same(y[:, 0], np.broadcast_to(p["part/class token.token"] + p["part/place.weight"][0], (2, 6)))
    patch = picture[1, 0, 4:, :4].reshape(-1)  # row by row the third
    weighed = p["part/patches.weight"].reshape(6, -1) @ patch + p["part/patches.bias"]
    same(y[1, 3], weighed + p["part/place.weight"][3])


def test_a_weight_inside_a_block_explains_itself():
    run = run_of(drawn("gpt-block", hidden=HIDDEN), Run(drawn("gpt-block", hidden=HIDDEN)).parameters)
    shown = run.explain("part/attention/weights", (0, 1, 3, 2))
    assert abs(shown.term.value - run.value("part/attention/weights")[0, 1, 3, 2]) < 1e-12


def test_what_looks_at_what_is_found_in_the_heads_of_a_part():
    run = Run(drawn("decoder-block", memory=True, hidden=HIDDEN))
    plan = run.plan
    found = {plan.nodes[a.weights[0]].path: a for a in attentions(plan.nodes, plan.inference.specs)}
    assert set(found) == {"part/attention/weights", "part/cross/weights"}
    cross = found["part/cross/weights"]
    assert [plan.nodes[end[0]].path for end in (cross.query, cross.key)] == [
        "part/cross/q heads",
        "part/cross/k heads",
    ]


def test_heads_that_do_not_share_the_width_are_told_where_they_are():
    g = Graph()
    g.add_part("gpt-block", g.add("Input", name="x", shape=("N", 5, 32)), name="block", heads=5)
    problem = infer(g.document).problems[0]
    assert "32 features" in problem.message
    assert "heads to 4" in problem.hint
