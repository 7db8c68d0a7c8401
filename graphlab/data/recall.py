"""Sequence tasks that need a memory: what came long ago decides what is to be said."""

from __future__ import annotations

import string

import numpy as np

from ..ops.catalogue import Bounds
from ..ops.context import stream
from .targets import NONE
from .tasks import NOTHING, SHORTEST, Rows, lengths_of, sequence_task

RECALL = "?"
SYMBOLS = Bounds(8, 2, 26)


def _letters(symbols: int) -> tuple[str, ...]:
    return tuple(string.ascii_lowercase[:symbols])


@sequence_task(
    "copy",
    "Copy memory",
    "transducer",
    length=Bounds(5, 1, 100),
    distance=Bounds(20, 1, 2000),
    symbols=SYMBOLS,
)
def copy(samples: int, length: int, distance: int, symbols: int, seed: int) -> Rows:
    """Some letters, then nothing for a long time, then a question mark: now they are to be said again, in order.

    x (samples, length + distance + length): letters are 1 to `symbols`; of the `distance` steps after them the last is
    the question mark. Asked is in the steps after it, each `length + distance` steps after its letter: classes 0 to
    symbols − 1. After Hochreiter and Schmidhuber 1997, and Arjovsky, Shah and Bengio 2016, who count blanks as well.
    """
    said = stream(seed, "copy").integers(1, symbols, (samples, length), endpoint=True)
    x = np.zeros((samples, 2 * length + distance), np.int64)
    x[:, :length], x[:, length + distance - 1] = said, symbols + 1
    target = np.full_like(x, NONE)
    target[:, length + distance :] = said - 1
    letters = _letters(symbols)
    lengths = np.full(samples, x.shape[1])
    return Rows(x, target, lengths, alphabet=(NOTHING, *letters, RECALL), classes=letters)


@sequence_task(
    "first", "The first decides the last", "encoder", distance=Bounds(20, 1, 2000), symbols=Bounds(2, 2, 26)
)
def first(samples: int, distance: int, symbols: int, seed: int) -> Rows:
    """A capital letter, then digits that mean nothing: which capital was it?

    x (samples, distance + 1): capitals are 1 to `symbols`, the digits after them. target (samples,): 0 to symbols − 1.
    """
    rng = stream(seed, "first")
    target = np.arange(samples) % symbols
    noise = rng.integers(symbols + 1, symbols + 10, (samples, distance), endpoint=True)
    x = np.concatenate([target[:, None] + 1, noise], axis=1)
    capitals = tuple(string.ascii_uppercase[:symbols])
    lengths = np.full(samples, distance + 1)
    return Rows(x, target, lengths, alphabet=(NOTHING, *capitals, *string.digits), classes=capitals)


@sequence_task("adding", "Adding problem", "encoder", length=Bounds(20, 2, 1000))
def adding(samples: int, length: int, seed: int) -> Rows:
    """Numbers between 0 and 1, of which two are marked: what is their sum?

    x (samples, length, 2): the number, and 1 where it is marked, once in each half. target (samples, 1). Whoever always
    says 1 has a mean squared error of 1/6. After Hochreiter and Schmidhuber 1997.
    """
    rng, every = stream(seed, "adding"), np.arange(samples)
    x = np.zeros((samples, length, 2))
    x[:, :, 0] = rng.uniform(0, 1, (samples, length))
    x[every, rng.integers(0, length // 2, samples), 1] = 1
    x[every, rng.integers(length // 2, length, samples), 1] = 1
    return Rows(x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1)[:, None], np.full(samples, length))


@sequence_task("parity", "Parity", "encoder", length=Bounds(12, 1, 1000), shortest=SHORTEST)
def parity(samples: int, length: int, shortest: int, seed: int) -> Rows:
    """Zeros and ones: is the number of ones even or odd?

    x (samples, length): 0 is character 1, 1 is character 2; 0 past the end. target (samples,): 0 even, 1 odd.
    """
    rng = stream(seed, "parity")
    lengths = lengths_of(rng, samples, length, shortest)
    bits = rng.integers(0, 2, (samples, length))
    there = np.arange(length) < lengths[:, None]
    target = (bits * there).sum(axis=1) % 2
    return Rows((bits + 1) * there, target, lengths, alphabet=(NOTHING, "0", "1"), classes=("even", "odd"))


@sequence_task(
    "count", "Counting", "encoder", length=Bounds(12, 1, 1000), shortest=SHORTEST, symbols=Bounds(3, 2, 26)
)
def count(samples: int, length: int, shortest: int, symbols: int, seed: int) -> Rows:
    """A word of a few letters: how many a are in it?

    x (samples, length): letters are 1 to `symbols`; 0 past the end. target (samples,): 0 to length, each as likely.
    """
    rng = stream(seed, "count")
    lengths = lengths_of(rng, samples, length, shortest)
    target = rng.integers(0, lengths, endpoint=True)
    steps = np.arange(length)
    order = np.argsort(np.where(steps < lengths[:, None], rng.random((samples, length)), 2), axis=1)
    is_a = np.zeros((samples, length), bool)
    np.put_along_axis(is_a, order, steps < target[:, None], axis=1)
    others = rng.integers(2, symbols, (samples, length), endpoint=True)
    x = np.where(is_a, 1, others) * (steps < lengths[:, None])
    classes = tuple(str(k) for k in range(length + 1))
    return Rows(x, target, lengths, alphabet=(NOTHING, *_letters(symbols)), classes=classes)
