"""Small convolutional networks."""

from __future__ import annotations

from torch import nn

from .workload import Workload, classes, numbers


def lenet(batch: int) -> Workload:
    """LeCun et al. 1998, as d2l.ai writes it, with tanh."""

    def make() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.Tanh(),
            nn.Linear(120, 84),
            nn.Tanh(),
            nn.Linear(84, 10),
        )

    inputs = {"x": numbers(batch, 1, 28, 28), "target": classes(batch, count=10)}
    return Workload(f"LeNet-5 28×28, batch {batch}", make, nn.CrossEntropyLoss(), inputs)


def digits_cnn(batch: int) -> Workload:
    """The network of the example digits-cnn, without its dropout."""

    def make() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(128, 10),
        )

    inputs = {"x": numbers(batch, 1, 8, 8), "target": classes(batch, count=10)}
    return Workload(f"CNN of the digits example 8×8, batch {batch}", make, nn.CrossEntropyLoss(), inputs)
