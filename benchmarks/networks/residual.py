"""ResNet-18 (He et al. 2016), as torchvision has it."""

from __future__ import annotations

import torch
from torch import nn

from graphlab.graph import Graph

from .drawing import Ends, draw, inside
from .workload import Workload, classes, numbers


class BasicBlock(nn.Module):
    """Two convolutions, with a way around them; where the shape changes, that way has a 1×1 convolution."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.downsample: nn.Sequential | None = None
        if stride != 1 or before != channels:
            shortcut = nn.Conv2d(before, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        result: torch.Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return result


@draw.register
def _(module: BasicBlock, g: Graph, path: str, x: Ends) -> Ends:
    y = draw(module.bn1, g, inside(path, "bn1"), draw(module.conv1, g, inside(path, "conv1"), x))
    y = draw(module.conv2, g, inside(path, "conv2"), g.add("ReLU", y))
    y = draw(module.bn2, g, inside(path, "bn2"), y)
    around = x if module.downsample is None else draw(module.downsample, g, inside(path, "downsample"), x)
    return g.add("ReLU", g.add("Add", y, around))


def resnet18(batch: int = 1, image: int = 224) -> Workload:
    """Forward, in evaluation. Running statistics are not those of a fresh layer, so that they must be right."""

    def make() -> nn.Module:
        widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
        blocks = [
            nn.Sequential(BasicBlock(before, after, stride), BasicBlock(after, after, 1))
            for before, after, stride in widths
        ]
        stem = [nn.Conv2d(3, 64, 7, 2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
        model = nn.Sequential(
            *stem,
            nn.MaxPool2d(3, 2, padding=1),
            *blocks,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(512, 1000),
        )
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_mean, -0.1, 0.1)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
        return model

    inputs = {"x": numbers(batch, 3, image, image), "target": classes(batch, count=1000)}
    name = f"ResNet-18 {image}×{image}, forward, batch {batch}"
    return Workload(name, make, nn.CrossEntropyLoss(), inputs, does="forward", steps=1)
