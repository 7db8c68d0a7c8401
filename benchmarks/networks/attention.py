"""One encoder layer of the transformer (Vaswani et al. 2017, section 3.1)."""

from __future__ import annotations

import torch
from torch import nn

from graphlab.graph import Graph

from .drawing import Ends, draw, inside
from .workload import Workload, numbers


class EncoderLayer(nn.Module):
    """y = LayerNorm(x + attention(x)), LayerNorm(y + MLP(y)); the MLP has one hidden layer of 4·width with ReLU.

    PyTorch is not asked for the attention weights, which lets it take its fastest kernel.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
        self.norm2 = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        attended, _ = self.attention(x, x, x, need_weights=False)
        y = self.norm1(x + attended)
        result: torch.Tensor = self.norm2(y + self.mlp(y))
        return result


@draw.register
def _(module: EncoderLayer, g: Graph, path: str, x: Ends) -> Ends:
    heads = module.attention.num_heads
    attended = g.add(
        "MultiheadAttention", x, name=inside(path, "attention"), num_heads=heads, batch_first=True
    )
    y = draw(module.norm1, g, inside(path, "norm1"), g.add("Add", x, attended["y"]))
    after = draw(module.mlp, g, inside(path, "mlp"), y)
    return draw(module.norm2, g, inside(path, "norm2"), g.add("Add", y, after))


def encoder_layer(width: int = 64, length: int = 64, batch: int = 8, heads: int = 4) -> Workload:
    """Trained towards given outputs with the squared error."""
    shape = (batch, length, width)
    return Workload(
        f"attention block (encoder layer, {heads} heads) d={width} T={length} B={batch}",
        lambda: EncoderLayer(width, heads),
        nn.MSELoss(),
        {"x": numbers(*shape), "target": numbers(*shape, seed=1)},
    )
