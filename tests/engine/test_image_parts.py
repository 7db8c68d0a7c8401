"""The blocks of networks for pictures: with the same weights the numbers of PyTorch modules written by hand.

The modules have their layers under the names of our nodes, so their parameters are ours with dots for slashes.
"""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph

CASES = {
    "basic-block": ((6, 5, 5), {"width": 6}),
    "basic-block-down": ((4, 6, 6), {"width": 6}),
    "bottleneck": ((8, 5, 5), {"width": 2}),
    "bottleneck-down": ((4, 6, 6), {"width": 2}),
    "fire": ((4, 5, 5), {"width": 2}),
    "inception": (
        (4, 5, 5),
        {"ch1x1": 2, "ch3x3red": 3, "ch3x3": 4, "ch5x5red": 2, "ch5x5": 3, "pool_proj": 2},
    ),
    "dense-layer": ((4, 5, 5), {"growth": 2}),
    "separable-block": ((4, 6, 6), {"channels": 4, "width": 6, "stride": 2}),
    "u-net": ((2, 16, 16), {"width": 2, "classes": 3}),
    "lenet-5": ((1, 28, 28), {}),
    "resnet-8": ((3, 8, 8), {"width": 2, "classes": 4}),
}


@pytest.fixture
def torch():
    found = pytest.importorskip("torch")
    found.manual_seed(0)
    return found


def modules(torch):
    """By key what makes the module, given its settings and the number of channels of x."""
    nn = torch.nn

    def conv(before, after, kernel, stride=1, bias=False, groups=1):
        return nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=bias, groups=groups)

    class Residual(nn.Module):
        def __init__(self, before, width, kernels, strided, stride, projects):
            super().__init__()
            self.depth = len(kernels)
            after = width * (4 if self.depth == 3 else 1)
            widths = [before, *[width] * (self.depth - 1), after]
            for k, kernel in enumerate(kernels, 1):
                here = stride if k == strided else 1
                setattr(self, f"conv{k}", conv(widths[k - 1], widths[k], kernel, here))
                setattr(self, f"bn{k}", nn.BatchNorm2d(widths[k]))
            self.downsample = nn.Identity()
            if projects:
                self.downsample = nn.Sequential(conv(before, after, 1, stride), nn.BatchNorm2d(after))

        def forward(self, x):
            y = x
            for k in range(1, self.depth + 1):
                y = getattr(self, f"bn{k}")(getattr(self, f"conv{k}")(y))
                y = torch.relu(y) if k < self.depth else y
            return torch.relu(y + self.downsample(x))

    class Fire(nn.Module):
        def __init__(self, before, width):
            super().__init__()
            self.squeeze = conv(before, width, 1, bias=True)
            self.expand1x1 = conv(width, 4 * width, 1, bias=True)
            self.expand3x3 = conv(width, 4 * width, 3, bias=True)

        def forward(self, x):
            s = torch.relu(self.squeeze(x))
            return torch.cat([torch.relu(self.expand1x1(s)), torch.relu(self.expand3x3(s))], 1)

    class Inception(nn.Module):
        def __init__(self, before, **many):
            super().__init__()
            sizes = (("ch1x1", 1), ("ch3x3red", 1), ("ch5x5red", 1), ("pool_proj", 1))
            for name, kernel in sizes:
                setattr(self, name, conv(before, many[name], kernel, bias=True))
            self.ch3x3 = conv(many["ch3x3red"], many["ch3x3"], 3, bias=True)
            self.ch5x5 = conv(many["ch5x5red"], many["ch5x5"], 5, bias=True)

        def forward(self, x):
            one = torch.relu(self.ch1x1(x))
            three = torch.relu(self.ch3x3(torch.relu(self.ch3x3red(x))))
            five = torch.relu(self.ch5x5(torch.relu(self.ch5x5red(x))))
            pooled = torch.relu(self.pool_proj(nn.functional.max_pool2d(x, 3, 1, 1)))
            return torch.cat([one, three, five, pooled], 1)

    class DenseLayer(nn.Module):
        def __init__(self, before, growth):
            super().__init__()
            self.norm1, self.conv1 = nn.BatchNorm2d(before), conv(before, 4 * growth, 1)
            self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), conv(4 * growth, growth, 3)

        def forward(self, x):
            new = self.conv1(torch.relu(self.norm1(x)))
            return torch.cat([x, self.conv2(torch.relu(self.norm2(new)))], 1)

    class Separable(nn.Module):
        def __init__(self, before, channels, width, stride):
            super().__init__()
            self.depthwise, self.norm1 = (
                conv(before, before, 3, stride, groups=channels),
                nn.BatchNorm2d(before),
            )
            self.pointwise, self.norm2 = conv(before, width, 1), nn.BatchNorm2d(width)

        def forward(self, x):
            x = torch.relu(self.norm1(self.depthwise(x)))
            return torch.relu(self.norm2(self.pointwise(x)))

    class Twice(nn.Module):
        def __init__(self, before, width, above=0):
            super().__init__()
            if above:
                self.up = nn.ConvTranspose2d(above, width, 2, 2)
            self.conv1, self.conv2 = conv(before, width, 3, bias=True), conv(width, width, 3, bias=True)

        def forward(self, x):
            return torch.relu(self.conv2(torch.relu(self.conv1(x))))

    class UNet(nn.Module):
        def __init__(self, before, width, classes):
            super().__init__()
            wide = [width * 2**k for k in range(5)]
            self.add_module("in", Twice(before, width))
            for k in range(1, 5):
                self.add_module(f"down{k}", Twice(wide[k - 1], wide[k]))
                self.add_module(f"up{k}", Twice(wide[k], wide[k - 1], above=wide[k]))
            self.out = conv(width, classes, 1, bias=True)

        def forward(self, x):
            levels = [getattr(self, "in")(x)]
            for k in range(1, 5):
                levels.append(getattr(self, f"down{k}")(nn.functional.max_pool2d(levels[-1], 2)))
            x = levels.pop()
            for k in range(4, 0, -1):
                up = getattr(self, f"up{k}")
                x = up(torch.cat([levels.pop(), up.up(x)], 1))
            return self.out(x)

    class LeNet(nn.Module):
        def __init__(self, before):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(before, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

        def forward(self, x):
            for layer in (self.conv1, self.conv2):
                x = nn.functional.avg_pool2d(torch.tanh(layer(x)), 2)
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x.flatten(1))))))

    def resnet8(before, width, classes):
        first = {"conv1": conv(before, width, 3), "bn1": nn.BatchNorm2d(width), "relu": nn.ReLU()}
        stages = {
            f"layer{k + 1}": nn.Sequential(
                Residual(width * 2 ** max(k - 1, 0), width * 2**k, (3, 3), 1, min(k, 1) + 1, k > 0)
            )
            for k in range(3)
        }
        last = {"avgpool": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "fc": nn.Linear(4 * width, classes)}
        net = nn.Sequential()
        for name, layer in {**first, **stages, **last}.items():
            net.add_module(name, layer)
        return net

    return {
        "basic-block": lambda c, width: Residual(c, width, (3, 3), 1, 1, projects=False),
        "basic-block-down": lambda c, width: Residual(c, width, (3, 3), 1, 2, projects=True),
        "bottleneck": lambda c, width: Residual(c, width, (1, 3, 1), 2, 1, projects=False),
        "bottleneck-down": lambda c, width: Residual(c, width, (1, 3, 1), 2, 2, projects=True),
        "fire": Fire,
        "inception": Inception,
        "dense-layer": DenseLayer,
        "separable-block": Separable,
        "u-net": UNet,
        "lenet-5": LeNet,
        "resnet-8": resnet8,
    }


def theirs(torch, key: str, x: np.ndarray):
    """The module with stirred parameters, its result, and by name the gradients of Σ y·slopes; and the slopes."""
    module = modules(torch)[key](x.shape[1], **CASES[key][1]).double()
    with torch.no_grad():
        for values in module.parameters():
            values.add_(0.1 * torch.randn_like(values))
    fed = torch.from_numpy(x).requires_grad_()
    y = module(fed)
    slopes = torch.randn_like(y)
    (y * slopes).sum().backward()
    parameters = dict(module.named_parameters())
    weights = {name: p.detach().numpy().copy() for name, p in parameters.items()}
    gradients = {name: p.grad.numpy() for name, p in parameters.items()}
    return weights, gradients, y.detach().numpy(), fed.grad.numpy(), slopes.numpy()


def ours(key: str, x: np.ndarray, slopes: np.ndarray, weights: dict[str, np.ndarray]) -> Run:
    g = Graph()
    part = g.add_part(key, g.add("Input", name="x", shape=("N", *x.shape[1:])), name="part", **CASES[key][1])
    y = g.add("Add", part, name="y", b=0.0)
    weighed = g.add("Mul", y, g.add("Input", name="slopes", shape=("N", *slopes.shape[1:])))
    g.add("Sum", weighed, name="loss")
    run = Run(g, dtype="float64", input_gradients=True)
    assert {dotted(name) for name in run.parameters} == set(weights)
    for name in run.parameters:
        run.set(name, weights[dotted(name)])
    run.feed(x=x, slopes=slopes)
    run.forward()
    run.backward()
    return run


def dotted(name: str) -> str:
    return name.removeprefix("part/").replace("/", ".")


@pytest.mark.parity
@pytest.mark.parametrize("key", CASES)
def test_a_part_is_the_module_written_by_hand(torch, key: str) -> None:
    x = np.random.default_rng(1).standard_normal((3, *CASES[key][0]))
    weights, gradients, y, dx, slopes = theirs(torch, key, x)
    run = ours(key, x, slopes, weights)
    np.testing.assert_allclose(run.value("y"), y, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.grad("x"), dx, rtol=0, atol=1e-9)
    for name, found in run.gradients.items():
        np.testing.assert_allclose(found, gradients[dotted(name)], rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parity
def test_lenet_of_1998_sees_through_its_table_and_compares_with_codes(torch) -> None:
    """Its third layer is a whole convolution whose weights are 0 where the table has no cross."""
    from graphlab.graph.parts.images.lenet import TABLE, codes

    nn = torch.nn.functional
    g = Graph()
    part = g.add_part("lenet-5-1998", g.add("Input", name="x", shape=("N", 1, 32, 32)), name="part")
    g.add("Sum", g.add("Add", part, name="y", b=0.0), name="loss")
    run = Run(g, dtype="float64", input_gradients=True)
    x = np.random.default_rng(1).standard_normal((2, 1, 32, 32))
    run.feed(x=x)
    run.forward()
    run.backward()
    known = {dotted(name): torch.from_numpy(values.copy()) for name, values in run.weights.items()}
    rows = {many: iter(known[f"C3.see {many}.weight"]) for many in (3, 4, 6)}
    whole = torch.zeros(16, 6, 5, 5, dtype=torch.float64)
    for k, seen in enumerate(TABLE):
        whole[k, list(seen)] = next(rows[len(seen)])
    whole.requires_grad_()
    shift = torch.cat([known[f"C3.see {many}.bias"] for many in (3, 4, 6)])

    def squash(a):
        return 1.7159 * torch.tanh(2 / 3 * a)

    def subsample(a, name):
        scale, offset = known[f"{name}.scale.weight"].reshape(-1, 1, 1), known[f"{name}.scale.bias"]
        return squash(nn.avg_pool2d(a, 2) * scale + offset.reshape(-1, 1, 1))

    fed = torch.from_numpy(x).requires_grad_()
    a = subsample(squash(nn.conv2d(fed, known["C1.conv.weight"], known["C1.conv.bias"])), "S2")
    a = subsample(squash(nn.conv2d(a, whole, shift)), "S4")
    a = squash(nn.conv2d(a, known["C5.conv.weight"], known["C5.conv.bias"])).flatten(1)
    a = squash(nn.linear(a, known["F6.weight"], known["F6.bias"]))
    y = -(a[:, None] - torch.tensor(codes(), dtype=torch.float64)).square().sum(2)
    y.sum().backward()
    np.testing.assert_allclose(run.value("y"), y.detach().numpy(), rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.grad("x"), fed.grad.numpy(), rtol=0, atol=1e-9)
    found = {many: iter(run.gradients[f"part/C3/see {many}.weight"]) for many in (3, 4, 6)}
    for k, seen in enumerate(TABLE):
        wanted = whole.grad[k, list(seen)].numpy()
        np.testing.assert_allclose(next(found[len(seen)]), wanted, rtol=0, atol=1e-9)
