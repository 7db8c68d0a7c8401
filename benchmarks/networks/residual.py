"""ResNet-18 and ResNet-50 (He et al. 2016), as torchvision has them."""

from __future__ import annotations

from typing import Any

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
        self.downsample = shortcut(before, channels, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        result: torch.Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return result


class Bottleneck(nn.Module):
    """1×1 to fewer channels, 3×3 with the stride, 1×1 to four times as many; with a way around them."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        after = 4 * channels
        self.conv1 = nn.Conv2d(before, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, after, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU()
        self.downsample = shortcut(before, after, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        result: torch.Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return result


def shortcut(before: int, after: int, stride: int) -> nn.Sequential | None:
    """The way around a block: a 1×1 convolution where the shape changes."""
    if stride == 1 and before == after:
        return None
    return nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))


@draw.register(BasicBlock)
@draw.register(Bottleneck)
def _(module: BasicBlock | Bottleneck, g: Graph, path: str, x: Ends) -> Ends:
    y = x
    for k in range(1, 4):
        if (conv := getattr(module, f"conv{k}", None)) is not None:
            y = y if k == 1 else g.add("ReLU", y)
            y = draw(conv, g, inside(path, f"conv{k}"), y)
            y = draw(getattr(module, f"bn{k}"), g, inside(path, f"bn{k}"), y)
    around = x if module.downsample is None else draw(module.downsample, g, inside(path, "downsample"), x)
    return g.add("ReLU", g.add("Add", y, around))


def resnet18(batch: int = 1, image: int = 224) -> Workload:
    """Forward, in evaluation. Running statistics are not those of a fresh layer, so that they must be right."""
    widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    stages = [
        [(BasicBlock, before, after, stride), (BasicBlock, after, after, 1)]
        for before, after, stride in widths
    ]
    return _forward("ResNet-18", stages, 512, batch, image)


def resnet50(batch: int = 1, image: int = 224, width: int = 64) -> Workload:
    """The same with bottlenecks. width: channels of the first stage."""
    counts, stages, before = (3, 4, 6, 3), list[list[Any]](), 64
    for k, count in enumerate(counts):
        channels = width << k
        stage = [(Bottleneck, before, channels, 1 if k == 0 else 2)]
        stages.append(stage + [(Bottleneck, 4 * channels, channels, 1)] * (count - 1))
        before = 4 * channels
    return _forward("ResNet-50", stages, before, batch, image)


def _forward(name: str, stages: list[list[Any]], last: int, batch: int, image: int) -> Workload:
    """Each block of a stage by its class, channels before and after, and stride. last: channels at the end."""

    def make() -> nn.Module:
        blocks = [nn.Sequential(*(kind(*sizes) for kind, *sizes in stage)) for stage in stages]
        stem = [nn.Conv2d(3, 64, 7, 2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
        model = nn.Sequential(
            *stem,
            nn.MaxPool2d(3, 2, padding=1),
            *blocks,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(last, 1000),
        )
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_mean, -0.1, 0.1)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
        return model

    inputs = {"x": numbers(batch, 3, image, image), "target": classes(batch, count=1000)}
    what = f"{name} {image}×{image}, forward, batch {batch}"
    return Workload(what, make, nn.CrossEntropyLoss(), inputs, does="forward", steps=1)
