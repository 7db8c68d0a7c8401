"""Transformers in parts: embedding with positions, attention with its heads to be seen, and the blocks made of them.

Sequences are N×T×width, the batch first. The blocks are groups of groups: a block holds an attention, which holds its
heads. The rows of q, k and v one below another are torch.nn.MultiheadAttention's in_proj_weight, `out` its out_proj; a
post-norm block is torch.nn.TransformerEncoderLayer, a decoder block TransformerDecoderLayer, without dropout.
"""

from __future__ import annotations

from ..graph import Graph
from .drawing import note, port, put, setting, use
from .shelf import part

FAMILY = "Transformer", "Attention"
WIDTH, HEADS, HIDDEN = 32, 4, 128


# Embeddings


@part(
    "token-embedding",
    "Token embedding",
    *FAMILY,
    "y[t] = E[token t] + P[t]",
    ("Embedding", "positions", "wte", "wpe"),
)
def token_embedding(g: Graph) -> None:
    """Each token becomes a vector, and a vector that is learnt for its place is added.

    tokens is N×T, whole numbers; y is N×T×width. Without the places attention could not tell which token came first. A
    shorter sequence takes the first rows of the table of places. (Radford et al. 2019, GPT-2)
    """
    tokens = port(g, "tokens", 0, 0)
    rows = put(g, "Embedding", "token", 1, 0, tokens, num_embeddings=28, embedding_dim=WIDTH, weight_gain=0.1)
    y = put(g, "LearnedPositions", "place", 2, 0, rows, weight_gain=0.1)
    port(g, "y", 3, 0, y)
    setting(g, "vocabulary", ("token", "num_embeddings", 1))
    setting(g, "width", ("token", "embedding_dim", 1))
    setting(g, "longest", ("place", "length", 1))
    note(
        g,
        "**Token embedding**: *token* looks up one learnt row for each token, *place* adds one learnt row for each "
        "place in the sequence. What comes out knows what stands there, and where.",
        -0.9,
        3.2,
        70,
    )


@part(
    "token-embedding-waves",
    "Token embedding with waves",
    *FAMILY,
    "y[t] = E[token t] + sines and cosines of t",
    ("Embedding", "sinusoidal positions"),
)
def token_embedding_waves(g: Graph) -> None:
    """Each token becomes a vector, to which the waves are added that tell places apart; the places are not learnt.

    tokens is N×T, whole numbers; y is N×T×width. It goes on for sequences longer than those that were learnt from.
    (Vaswani et al. 2017, section 3.5; their factor √width is left to the table, which is learnt)
    """
    tokens = port(g, "tokens", 0, 0)
    rows = put(g, "Embedding", "token", 1, 0, tokens, num_embeddings=28, embedding_dim=WIDTH)
    y = put(g, "PositionalEncoding", "place", 2, 0, rows, batch_first=True)
    port(g, "y", 3, 0, y)
    setting(g, "vocabulary", ("token", "num_embeddings", 1))
    setting(g, "width", ("token", "embedding_dim", 1))
    note(
        g,
        "**Token embedding with waves**: to the learnt row of each token, *place* adds sines and cosines of its "
        "place, from short waves to long ones. Click *place* and look at one row after another.",
        -0.9,
        3.2,
        70,
    )


@part(
    "patch-embedding",
    "Patch embedding",
    *FAMILY,
    "y = [class token, W·patch₁, W·patch₂, …] + P",
    ("ViT", "patchify"),
)
def patch_embedding(g: Graph) -> None:
    """An image is cut into square patches; each becomes a vector, as if it were a word.

    image is N×C×H×W; y is N×(patches + 1)×width: in front stands a token that is learnt, where attention gathers what
    is to be said of the whole image. A convolution whose stride is its kernel weighs each patch by itself.
    (Dosovitskiy et al. 2021, "An image is worth 16×16 words")
    """
    image = port(g, "image", 0, 0)
    cut = put(g, "Conv2d", "patches", 1, 0, image, out_channels=WIDTH, kernel_size=2, stride=2)
    flat = put(g, "Flatten", "in a row", 2, 0, cut, start_dim=2)
    turned = put(g, "Transpose", "patch by patch", 3, 0, flat)
    token = put(g, "ClassToken", "class token", 4, 0, turned, token_gain=0.1)
    y = put(g, "LearnedPositions", "place", 5, 0, token, weight_gain=0.1)
    port(g, "y", 6, 0, y)
    setting(g, "width", ("patches", "out_channels", 1))
    setting(g, "patch", ("patches", "kernel_size", 1), ("patches", "stride", 1))
    note(
        g,
        "**Patch embedding**: *patches* turns each square of the image into a vector, by the same weights. They are "
        "put in a row, a token that speaks for the whole is put in front, and each gets what its place is.",
        -0.9,
        4.2,
        72,
    )


# Attention


def _attention(g: Graph, causal: bool = False, across: bool = False) -> None:
    """Queries of x look at keys of x, or of another sequence (`across`), and gather its values."""
    x = port(g, "x", 0, 0 if across else 1)
    seen = port(g, "memory", 0, 1.5) if across else x
    sources = {"q": x, "k": seen, "v": seen}
    heads = {}
    for row, (name, source) in enumerate(sources.items()):
        made = put(g, "Linear", name, 1, row, source, units=WIDTH)
        heads[name] = put(g, "SplitHeads", f"{name} heads", 2, row, made, heads=HEADS)
    scores = put(g, "AttentionScores", "scores", 3, 0.5, heads["q"], heads["k"])
    weights = put(g, "MaskedSoftmax", "weights", 4, 0.5, scores, is_causal=causal)
    mixed = put(g, "MatMul", "gather", 5, 1.5, weights, heads["v"])
    merged = put(g, "MergeHeads", "merge", 6, 1.5, mixed)
    y = put(g, "Linear", "out", 7, 1.5, merged, units=WIDTH)
    port(g, "y", 8, 1.5, y)
    setting(g, "width", *((name, "units", 1) for name in ("q", "k", "v", "out")))
    setting(g, "heads", *((f"{name} heads", "heads", 1) for name in sources))
    setting(g, "causal", ("weights", "is_causal", 1))


_HEADS_TOLD = (
    "Each place asks a question (*q*), offers a key (*k*) and has something to give (*v*). *scores* tell how well each "
    "key answers each question, *weights* make them shares that are 1 in sum, and *gather* mixes the values in those "
    "shares. Each head does so on a slice of the features of its own. Click *weights*: a row for each place, "
)


@part(
    "self-attention",
    "Self-attention",
    *FAMILY,
    "y = concat(softmax(q·kᵀ/√D)·v of each head)·Wₒᵀ + b; q, k, v from x",
    ("MultiheadAttention", "multi-head attention"),
)
def self_attention(g: Graph) -> None:
    """Every place of a sequence gathers from all places, each head by a rule of its own.

    x and y are N×T×width. The same numbers as MultiheadAttention, but each step is a node that can be looked at.
    `causal` hides from each place what comes after it. (Vaswani et al. 2017, section 3.2)
    """
    _attention(g)
    note(g, f"**Self-attention**\n\n{_HEADS_TOLD}saying where it looks.", -1.2, 6.2, 130)


@part(
    "causal-self-attention",
    "Causal self-attention",
    *FAMILY,
    "as self-attention, but place i sees only the places j ≤ i",
    ("MultiheadAttention", "masked self-attention"),
)
def causal_self_attention(g: Graph) -> None:
    """Every place of a sequence gathers from itself and what came before it, each head by a rule of its own.

    x and y are N×T×width. What comes later gets the weight 0, so a network can be trained to foretell the next token
    at all places at once. (Vaswani et al. 2017, section 3.2.3; Radford et al. 2018)
    """
    _attention(g, causal=True)
    note(
        g,
        f"**Causal self-attention**\n\n{_HEADS_TOLD}with zeros for all that comes after it.",
        -1.2,
        6.2,
        130,
    )


@part(
    "cross-attention",
    "Cross-attention",
    *FAMILY,
    "as self-attention, with q from x, and k and v from memory",
    ("MultiheadAttention", "encoder-decoder attention"),
)
def cross_attention(g: Graph) -> None:
    """Every place of one sequence gathers from the places of another: a decoder looks at what the encoder has read.

    x and y are N×T×width, memory is N×S×width. (Vaswani et al. 2017, section 3.2.3)
    """
    _attention(g, across=True)
    note(
        g,
        f"**Cross-attention**\n\n{_HEADS_TOLD}a column for each place of the memory. The questions come from *x*, keys "
        "and values from *memory*.",
        -1.4,
        6.2,
        150,
    )


# Blocks


def _mlp(g: Graph, activation: str, **params: object) -> None:
    x = port(g, "x", 0, 0)
    up = put(g, "Linear", "up", 1, 0, x, units=HIDDEN)
    bent = put(g, activation, "bend", 2, 0, up, **params)
    port(g, "y", 4, 0, put(g, "Linear", "down", 3, 0, bent, units=WIDTH))
    setting(g, "width", ("down", "units", 1))
    setting(g, "hidden", ("up", "units", 1))


@part("transformer-mlp", "MLP", *FAMILY, "y = W₂·GELU(W₁·x + b₁) + b₂", ("feed-forward", "FFN"))
def mlp(g: Graph) -> None:
    """Two layers that work on each place by itself: attention gathers, this thinks about what was gathered.

    x and y are N×T×width, between them N×T×hidden, four times as wide as a rule. GELU is taken by way
    of tanh, as GPT-2 had it, which is several times as quick. (Radford et al. 2019)
    """
    _mlp(g, "GELU", approximate="tanh")
    note(g, "**MLP**: the same two layers at every place. Nothing passes between places here.", -0.7, 3.4, 48)


@part("feed-forward", "Feed-forward", *FAMILY, "y = W₂·max(0, W₁·x + b₁) + b₂", ("MLP", "FFN"))
def feed_forward(g: Graph) -> None:
    """Two layers that work on each place by itself, with a ReLU between them.

    x and y are N×T×width, between them N×T×hidden. (Vaswani et al. 2017, section 3.3)
    """
    _mlp(g, "ReLU")
    note(
        g,
        "**Feed-forward**: the same two layers at every place. Nothing passes between places.",
        -0.7,
        3.4,
        48,
    )


def _settings(g: Graph, attentions: tuple[str, ...], thinking: str) -> None:
    """Those of a block: they set those of what is inside."""
    setting(g, "width", *((name, "width", 1) for name in (*attentions, thinking)))
    setting(g, "heads", *((name, "heads", 1) for name in attentions))
    setting(g, "hidden", (thinking, "hidden", 1))


def _norm_first(g: Graph, attention: str) -> None:
    """A block whose layers see a normalised copy of what flows past them."""
    x = port(g, "x", 0, 0)
    norm1 = put(g, "LayerNorm", "norm1", 1, 1, x)
    gathered = use(g, attention, "attention", 2, 1, norm1)
    x = put(g, "Add", "add1", 3, 0, x, gathered)
    norm2 = put(g, "LayerNorm", "norm2", 4, 1, x)
    thought = use(g, "transformer-mlp", "mlp", 5, 1, norm2)
    port(g, "y", 7, 0, put(g, "Add", "add2", 6, 0, x, thought))
    _settings(g, ("attention",), "mlp")
    setting(g, "causal", ("attention", "causal", 1))
    note(
        g,
        "**Transformer block (pre-norm)**: along the top flows the residual stream. *attention* adds what each place "
        "gathers from the others, *mlp* what it makes of it. Double-click either to see inside.",
        -0.8,
        5.2,
        70,
    )


@part(
    "gpt-block",
    "Transformer block",
    *FAMILY,
    "x = x + attention(norm(x)); y = x + mlp(norm(x))",
    ("GPT", "GPT-2", "pre-norm block", "TransformerEncoderLayer"),
)
def gpt_block(g: Graph) -> None:
    """A block of GPT-2: attention and MLP each add something to what flows past them.

    x and y are N×T×width, so blocks can be put one behind another. What is added is worked out from a normalised copy
    (pre-norm), so that the way past stays free, also for the gradient. No place sees what comes after it. (Radford
    et al. 2019; Xiong et al. 2020)
    """
    _norm_first(g, "causal-self-attention")


@part(
    "vit-block",
    "Transformer block, seeing all",
    *FAMILY,
    "x = x + attention(norm(x)); y = x + mlp(norm(x))",
    ("ViT", "vision transformer", "pre-norm encoder block", "TransformerEncoderLayer"),
)
def vit_block(g: Graph) -> None:
    """The block of GPT-2 without its mask: every place sees the whole sequence, as in a vision transformer.

    x and y are N×T×width. What is added is worked out from a normalised copy (pre-norm). (Dosovitskiy et al. 2021)
    """
    _norm_first(g, "self-attention")


@part(
    "encoder-block",
    "Encoder block",
    *FAMILY,
    "x = norm(x + attention(x)); y = norm(x + feed-forward(x))",
    ("post-norm block", "TransformerEncoderLayer", "Vaswani", "BERT"),
)
def encoder_block(g: Graph) -> None:
    """A block of the first transformer's encoder: what was added is normalised together with what it was added to.

    x and y are N×T×width. It is torch.nn.TransformerEncoderLayer with batch_first, without dropout. (Vaswani et al.
    2017, section 3.1)
    """
    x = port(g, "x", 0, 0)
    gathered = use(g, "self-attention", "attention", 1, 1, x)
    x = put(g, "LayerNorm", "norm1", 3, 0, put(g, "Add", "add1", 2, 0, x, gathered))
    thought = use(g, "feed-forward", "feed-forward", 4, 1, x)
    y = put(g, "LayerNorm", "norm2", 6, 0, put(g, "Add", "add2", 5, 0, x, thought))
    port(g, "y", 7, 0, y)
    _settings(g, ("attention",), "feed-forward")
    setting(g, "causal", ("attention", "causal", 1))
    note(
        g,
        "**Encoder block (post-norm)**: *attention* gathers from all places, *feed-forward* works on each; after "
        "each, the sum with what came before is normalised.",
        -0.8,
        5.2,
        70,
    )


@part(
    "decoder-block",
    "Decoder block",
    *FAMILY,
    "as the encoder block, causal, with attention to a memory between the two",
    ("TransformerDecoderLayer", "cross-attention", "Vaswani"),
)
def decoder_block(g: Graph) -> None:
    """A block of the first transformer's decoder: it looks back at what was written and across at what was read.

    x and y are N×T×width, memory (what the encoder made) is N×S×width. It is torch.nn.TransformerDecoderLayer with
    batch_first, without dropout. (Vaswani et al. 2017, section 3.1)
    """
    x, memory = port(g, "x", 0, 0), port(g, "memory", 0, 2.2)
    gathered = use(g, "causal-self-attention", "attention", 1, 1, x)
    x = put(g, "LayerNorm", "norm1", 3, 0, put(g, "Add", "add1", 2, 0, x, gathered))
    across = use(g, "cross-attention", "cross", 4, 1, x, memory)
    x = put(g, "LayerNorm", "norm2", 6, 0, put(g, "Add", "add2", 5, 0, x, across))
    thought = use(g, "feed-forward", "feed-forward", 7, 1, x)
    y = put(g, "LayerNorm", "norm3", 9, 0, put(g, "Add", "add3", 8, 0, x, thought))
    port(g, "y", 10, 0, y)
    _settings(g, ("attention", "cross"), "feed-forward")
    note(
        g,
        "**Decoder block**: *attention* looks at what was written so far, *cross* at the memory, what the encoder made "
        "of the other sequence; *feed-forward* works on each place. After each, the sum is normalised.",
        -0.8,
        6.2,
        70,
    )
