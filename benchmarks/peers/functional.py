"""The layers as functions of their weights, in NumPy's words, for peers that differentiate such functions.

`Numbers` is what a peer brings along: its NumPy and, where it has them, convolution, pooling and a loop over time.
Weights have PyTorch's names and layouts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

from torch import nn

from ..networks.attention import EncoderLayer
from ..networks.recurrent import CharacterModel, LossOfEachStep, UnrolledElman
from ..networks.residual import BasicBlock
from ..networks.scalar import ScalarNetwork, SquaredError, evaluate
from ..networks.workload import Workload
from .contender import Incapable

Value = Any  # the peer's own array


class Numbers(Protocol):
    """What differs between the peers. Images are N×C×H×W; sizes, strides and paddings are (height, width)."""

    np: Any

    def scan(self, step: Callable[[Value, Value], tuple[Value, Value]], state: Value, x: Value) -> Value:
        """The results of `step(state, x[t]) → (state, result)` for all t, side by side in front."""

    def convolve(self, x: Value, weight: Value, stride: Any, padding: Any, groups: int) -> Value: ...

    def pool(self, x: Value, kind: str, size: Any, stride: Any, padding: Any) -> Value:
        """kind: "max", or "sum" of each window."""

    def drop(self, x: Value, p: float) -> Value: ...


class Weights:
    """The arrays below one path of the model."""

    def __init__(self, arrays: dict[str, Value], path: str = "") -> None:
        self._arrays, self._path = arrays, path

    def __getitem__(self, name: str) -> Value:
        return self._arrays[self._path + name]

    def get(self, name: str) -> Value | None:
        return self._arrays.get(self._path + name)

    def below(self, name: str) -> Weights:
        return Weights(self._arrays, f"{self._path}{name}.")


def loss_of(workload: Workload, numbers: Numbers) -> Callable[..., Value]:
    """The loss as a function of the weights (by name) and the batch. Incapable when a layer has no such form."""
    model = workload.skeleton()

    def loss(weights: dict[str, Value], *batch: Value) -> Value:
        output = apply(model, numbers, Weights(weights), *batch[:-1])
        return apply(workload.loss, numbers, Weights({}), output, batch[-1])

    return loss


@functools.singledispatch
def apply(module: nn.Module, numbers: Numbers, w: Weights, *inputs: Value) -> Value:
    """What the module computes."""
    raise Incapable(f"{type(module).__name__} is not written for it")


@apply.register
def _(module: nn.Sequential, numbers: Numbers, w: Weights, x: Value) -> Value:
    for name, child in module.named_children():
        x = apply(child, numbers, w.below(name), x)
    return x


@apply.register
def _(module: nn.Linear, numbers: Numbers, w: Weights, x: Value) -> Value:
    return numbers.np.dot(x, w["weight"].T) + w["bias"]


@apply.register
def _(module: nn.Tanh, numbers: Numbers, w: Weights, x: Value) -> Value:
    return numbers.np.tanh(x)


@apply.register
def _(module: nn.ReLU, numbers: Numbers, w: Weights, x: Value) -> Value:
    return numbers.np.maximum(x, 0)


@apply.register
def _(module: nn.Flatten, numbers: Numbers, w: Weights, x: Value) -> Value:
    return x.reshape(len(x), -1)


@apply.register
def _(module: nn.Conv2d, numbers: Numbers, w: Weights, x: Value) -> Value:
    y = numbers.convolve(x, w["weight"], module.stride, module.padding, module.groups)
    bias = w.get("bias")
    return y if bias is None else y + bias.reshape(-1, 1, 1)


@apply.register
def _(module: nn.MaxPool2d, numbers: Numbers, w: Weights, x: Value) -> Value:
    return numbers.pool(x, "max", *map(_pair, (module.kernel_size, module.stride, module.padding)))


@apply.register
def _(module: nn.AvgPool2d, numbers: Numbers, w: Weights, x: Value) -> Value:
    size, stride, padding = map(_pair, (module.kernel_size, module.stride, module.padding))
    return numbers.pool(x, "sum", size, stride, padding) / (size[0] * size[1])


@apply.register
def _(module: nn.AdaptiveAvgPool2d, numbers: Numbers, w: Weights, x: Value) -> Value:
    wanted = _pair(module.output_size)
    if wanted == x.shape[2:]:
        return x
    if wanted != (1, 1):
        raise Incapable("AdaptiveAvgPool2d is written for whole images only")
    return x.mean(axis=(2, 3), keepdims=True)


@apply.register
def _(module: nn.BatchNorm2d, numbers: Numbers, w: Weights, x: Value) -> Value:
    if module.training:
        raise Incapable("BatchNorm2d is written for evaluation only")
    scale = w["weight"] / numbers.np.sqrt(w["running_var"] + module.eps)
    shift = w["bias"] - w["running_mean"] * scale
    return x * scale.reshape(-1, 1, 1) + shift.reshape(-1, 1, 1)


@apply.register
def _(module: nn.LayerNorm, numbers: Numbers, w: Weights, x: Value) -> Value:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / numbers.np.sqrt(variance + module.eps) * w["weight"] + w["bias"]


@apply.register
def _(module: nn.Dropout, numbers: Numbers, w: Weights, x: Value) -> Value:
    return numbers.drop(x, module.p) if module.training and module.p else x


@apply.register
def _(module: nn.MultiheadAttention, numbers: Numbers, w: Weights, x: Value) -> Value:
    """Self-attention, N×T×width."""
    np, heads = numbers.np, module.num_heads
    rows, length, width = x.shape
    projected = np.dot(x, w["in_proj_weight"].T) + w["in_proj_bias"]
    split = projected.reshape(rows, length, 3, heads, width // heads)
    q, k, v = (np.transpose(split[:, :, part], (0, 2, 1, 3)) for part in range(3))
    scores = np.matmul(q, np.transpose(k, (0, 1, 3, 2))) / (width // heads) ** 0.5
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares = shares / shares.sum(axis=-1, keepdims=True)
    mixed = np.transpose(np.matmul(shares, v), (0, 2, 1, 3)).reshape(rows, length, width)
    return np.dot(mixed, w["out_proj.weight"].T) + w["out_proj.bias"]


@apply.register
def _(module: EncoderLayer, numbers: Numbers, w: Weights, x: Value) -> Value:
    attended = apply(module.attention, numbers, w.below("attention"), x)
    y = apply(module.norm1, numbers, w.below("norm1"), x + attended)
    return apply(module.norm2, numbers, w.below("norm2"), y + apply(module.mlp, numbers, w.below("mlp"), y))


@apply.register
def _(module: BasicBlock, numbers: Numbers, w: Weights, x: Value) -> Value:
    def of(name: str, value: Value) -> Value:
        return apply(getattr(module, name), numbers, w.below(name), value)

    y = of("relu", of("bn1", of("conv1", x)))
    around = x if module.downsample is None else of("downsample", x)
    return of("relu", of("bn2", of("conv2", y)) + around)


@apply.register
def _(module: CharacterModel, numbers: Numbers, w: Weights, x: Value) -> Value:
    y = apply(module.layer, numbers, w.below("layer"), x)
    return apply(module.scores, numbers, w.below("scores"), y.reshape(-1, y.shape[2]))


@apply.register
def _(module: nn.RNN, numbers: Numbers, w: Weights, x: Value) -> Value:
    np, seen, turn = numbers.np, *_recurrence(numbers, w, x)

    def step(h: Value, now: Value) -> tuple[Value, Value]:
        h = np.tanh(now + turn(h))
        return h, h

    return numbers.scan(step, np.zeros((x.shape[1], module.hidden_size), x.dtype), seen)


@apply.register
def _(module: nn.LSTM, numbers: Numbers, w: Weights, x: Value) -> Value:
    np, seen, turn = numbers.np, *_recurrence(numbers, w, x)

    def step(state: Value, now: Value) -> tuple[Value, Value]:
        h, c = state
        i, f, g, o = np.split(now + turn(h), 4, axis=1)
        c = _sigmoid(np, f) * c + _sigmoid(np, i) * np.tanh(g)
        h = _sigmoid(np, o) * np.tanh(c)
        return (h, c), h

    start = np.zeros((x.shape[1], module.hidden_size), x.dtype)
    return numbers.scan(step, (start, start), seen)


@apply.register
def _(module: nn.GRU, numbers: Numbers, w: Weights, x: Value) -> Value:
    np, seen, turn = numbers.np, *_recurrence(numbers, w, x)

    def step(h: Value, now: Value) -> tuple[Value, Value]:
        (r, z, n), (hr, hz, hn) = np.split(now, 3, axis=1), np.split(turn(h), 3, axis=1)
        r, z = _sigmoid(np, r + hr), _sigmoid(np, z + hz)
        n = np.tanh(n + r * hn)
        h = n + z * (h - n)
        return h, h

    return numbers.scan(step, np.zeros((x.shape[1], module.hidden_size), x.dtype), seen)


@apply.register
def _(module: UnrolledElman, numbers: Numbers, w: Weights, x: Value, h: Value) -> Value:
    np, scores = numbers.np, []
    for step in x:
        seen = np.dot(step, w["cell.weight_ih"].T) + w["cell.bias_ih"]
        h = np.tanh(seen + np.dot(h, w["cell.weight_hh"].T) + w["cell.bias_hh"])
        scores.append(apply(module.scores, numbers, w.below("scores"), h))
    return scores


@apply.register
def _(module: ScalarNetwork, numbers: Numbers, w: Weights, *x: Value) -> Value:
    return evaluate(module.sizes, w["leaves"], x, lambda number: numbers.np.maximum(number, 0))


@apply.register
def _(module: SquaredError, numbers: Numbers, w: Weights, y: Value, target: Value) -> Value:
    return module(y, target)


@apply.register
def _(module: nn.MSELoss, numbers: Numbers, w: Weights, y: Value, target: Value) -> Value:
    error = y - target
    return numbers.np.mean(error * error)


@apply.register
def _(module: nn.CrossEntropyLoss, numbers: Numbers, w: Weights, y: Value, target: Value) -> Value:
    return _cross_entropy(numbers.np, y, target)


@apply.register
def _(module: LossOfEachStep, numbers: Numbers, w: Weights, scores: Value, target: Value) -> Value:
    losses = [_cross_entropy(numbers.np, at, wanted) for at, wanted in zip(scores, target, strict=True)]
    return sum(losses) / len(losses)


def _cross_entropy(np: Any, scores: Value, target: Value) -> Value:
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = np.log(np.exp(scores).sum(axis=1))
    return np.mean(logs - scores[np.arange(len(target)), target])


def _recurrence(numbers: Numbers, w: Weights, x: Value) -> tuple[Value, Callable[[Value], Value]]:
    """What all steps see, in one product; and what the state before adds to it."""
    np = numbers.np
    seen = np.dot(x, w["weight_ih_l0"].T) + w["bias_ih_l0"]
    return seen, lambda h: np.dot(h, w["weight_hh_l0"].T) + w["bias_hh_l0"]


def _sigmoid(np: Any, x: Value) -> Value:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def _pair(size: Any) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)
