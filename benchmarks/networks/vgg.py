"""VGG-16 (Simonyan and Zisserman 2015, configuration D), as torchvision has it."""

from __future__ import annotations

from torch import nn

from .workload import Workload, classes, numbers

STAGES = (
    (64, 2),
    (128, 2),
    (256, 3),
    (512, 3),
    (512, 3),
)  # channels, and how many convolutions before the pooling


def vgg16(batch: int = 1, image: int = 224, width: int = 4096) -> Workload:
    """Forward, in evaluation. width: units of the two large linear layers."""

    def make() -> nn.Module:
        layers: list[nn.Module] = []
        before = 3
        for channels, count in STAGES:
            for _ in range(count):
                layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU()]
                before = channels
            layers.append(nn.MaxPool2d(2, 2))
        return nn.Sequential(
            *layers,
            nn.AdaptiveAvgPool2d(7),
            nn.Flatten(),
            nn.Linear(512 * 7 * 7, width),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(width, 1000),
        )

    inputs = {"x": numbers(batch, 3, image, image), "target": classes(batch, count=1000)}
    name = f"VGG-16 {image}×{image}, forward, batch {batch}"
    return Workload(name, make, nn.CrossEntropyLoss(), inputs, does="forward", steps=1)
