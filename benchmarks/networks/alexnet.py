"""AlexNet in one tower, as torchvision has it."""

from __future__ import annotations

from torch import nn

from .workload import Does, Workload, classes, numbers


def alexnet(batch: int, does: Does, image: int = 224, width: int = 4096) -> Workload:
    """Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks"; torchvision.models.alexnet.

    image: height and width in pixels. width: units of the two large linear layers.
    """

    def make() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.AdaptiveAvgPool2d(6),
            nn.Flatten(),
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, width),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 1000),
        )

    inputs = {"x": numbers(batch, 3, image, image), "target": classes(batch, count=1000)}
    what = "forward" if does == "forward" else "training"
    name = f"AlexNet {image}×{image}, {what}, batch {batch}"
    return Workload(name, make, nn.CrossEntropyLoss(), inputs, does=does, steps=1)
