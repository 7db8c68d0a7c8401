"""A small GPT (Radford et al. 2019) of PyTorch's own layers, with the weights of ours that is drawn of parts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from graphlab.engine import Trainer
from graphlab.graph.groups import settings_of

SAME = {  # torch.nn.TransformerEncoderLayer's name: ours in a block
    "self_attn.out_proj": "attention/out",
    "linear1": "mlp/up",
    "linear2": "mlp/down",
    "norm1": "norm1",
    "norm2": "norm2",
}
ROWS = "self_attn.in_proj_"  # where PyTorch has the rows of q, k and v one below another


class GPT(nn.Module):
    """Tokens and places as vectors, blocks with the norm first, a score for each next token: N×T → N×V×T."""

    def __init__(self, tokens: int, places: int, width: int, heads: int, hidden: int, blocks: int) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(tokens, width), nn.Embedding(places, width)
        gelu = partial(F.gelu, approximate="tanh")
        settings = {"dropout": 0.0, "activation": gelu, "batch_first": True, "norm_first": True}
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, hidden, **settings) for _ in range(blocks)
        )
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, tokens)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(places))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.token(x) + self.place.weight[: x.shape[1]]
        for block in self.blocks:
            y = block(y, src_mask=self.mask, is_causal=True)
        scores: torch.Tensor = self.out(self.norm(y))
        return scores.transpose(1, 2)


def gpt(trainer: Trainer) -> GPT:
    """The twin of names-gpt, with its weights."""
    weights = trainer.run.weights
    blocks = sum(name.endswith("norm1.weight") for name in weights)
    hidden, width = weights["block1/mlp/up.weight"].shape
    document = trainer.run.document
    heads = settings_of(document, document.node("block1"))["heads"]
    places = len(weights["embed/place.weight"])
    twin = GPT(len(weights["embed/token.weight"]), places, width, heads, hidden, blocks)
    with torch.no_grad():
        for name, parameter in twin.named_parameters():
            parameter.copy_(torch.from_numpy(np.array(_ours(name, weights))))
    return twin


def _ours(name: str, weights: Mapping[str, Any]) -> Any:
    """The numbers of a parameter of the twin."""
    part, _, socket = name.rpartition(".")
    if not part.startswith("blocks."):
        place = f"embed/{part}" if part in ("token", "place") else part
        return weights[f"{place}.{socket}"]
    number, _, inside = part.removeprefix("blocks.").partition(".")
    block = f"block{int(number) + 1}"
    if f"{inside}.{socket}".startswith(ROWS):
        kind = socket.removeprefix("in_proj_")
        return np.concatenate([weights[f"{block}/attention/{letter}.{kind}"] for letter in "qkv"])
    return weights[f"{block}/{SAME[inside]}.{socket}"]
