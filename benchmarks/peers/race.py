"""A race: everybody computes the same workload, which is proved first; then they take turns, and are timed.

Contenders share a process and a number of threads. A busy moment of the machine hits all alike, and rounds in which
it showed are left out.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from collections.abc import Callable, Iterable, Mapping

import threadpoolctl
import torch

from graphlab.engine.threads import VARIABLE

from ..networks import Workload
from ..report import Row, interleaved, timed
from .contender import Contender, Incapable, Unavailable

PEERS = {
    "PyTorch": ("pytorch", "torch"),
    "torch.compile": ("compiled", "torch"),
    "JAX": ("jax", "jax"),
    "autograd": ("autograd", "autograd"),
    "micrograd": ("micrograd", "micrograd"),
}  # by the name they have in the table: the file here, the package on PyPI
TURN = 0.02  # seconds: short, so that a busy moment hits few
ROUNDS = (7, 61)
SECONDS = 10.0  # for all rounds together, where ROUNDS allows
CALM = 1.25  # times a contender's quickest turn: what took longer was disturbed by other programs
CALMEST = 11


def limit_threads(count: int) -> None:
    """For this whole process and all contenders; before any of them is made."""
    from . import jax

    jax.limit_threads(count)
    torch.set_num_threads(count)
    threadpoolctl.threadpool_limits(count, "blas")
    os.environ[VARIABLE] = str(count)


def race(
    workload: Workload, targets: Mapping[str, float], peers: Iterable[str] = tuple(PEERS), threads: int = 1
) -> list[Row]:
    """A row for each peer: how many times as fast as it graphlab is. Peers that cannot do this get none."""
    contenders: dict[str, Contender] = {}
    missing: dict[str, str] = {}
    for name in peers:
        try:
            contenders[name] = proven(name, workload)
        except Unavailable as reason:
            missing[name] = str(reason)
        except Incapable:
            continue
    ours, *theirs = _turns([proven("graphlab", workload), *contenders.values()])
    rows = {
        name: Row.ratio(
            workload.name,
            *undisturbed(ours, times),
            target=targets.get(name),
            peer=title(name),
            threads=threads,
        )
        for name, times in zip(contenders, theirs, strict=True)
    }
    rows |= {name: Row.absent(workload.name, title(name), why, threads) for name, why in missing.items()}
    return [rows[name] for name in peers if name in rows]


def proven(name: str, workload: Workload) -> Contender:
    """The contender, after it has shown that it computes what PyTorch eager does. AssertionError, or as `contender`."""
    provable = workload.provable()
    shown = contender(name, provable)
    shown.require_same(contender("PyTorch", provable), f"{workload.name}, {name}")
    return shown if provable is workload else contender(name, workload)


def contender(name: str, workload: Workload) -> Contender:
    """Unavailable, Incapable."""
    file = "graphlab" if name == "graphlab" else PEERS[name][0]
    make: Callable[[Workload], Contender] = importlib.import_module(f"{__package__}.{file}").contender
    return make(workload)


def title(name: str) -> str:
    """The peer with its version, if it is installed."""
    try:
        version = importlib.metadata.version(PEERS[name][1])
    except importlib.metadata.PackageNotFoundError:
        return name
    return f"{name} {version.split('+')[0]}"


def _turns(contenders: list[Contender]) -> tuple[list[float], ...]:
    """Seconds per call of each, in each round."""
    together = sum(max(TURN, min(timed(each.steps), timed(each.steps))) for each in contenders)
    rounds = max(ROUNDS[0], min(ROUNDS[1], round(SECONDS / together)))
    return interleaved(*(each.steps for each in contenders), rounds=rounds, seconds=TURN)


def undisturbed(ours: list[float], theirs: list[float]) -> tuple[list[float], list[float]]:
    """The rounds in which neither side was disturbed by other programs; at least the calmest eleven."""
    best = (min(ours), min(theirs))
    noise = [max(mine / best[0], its / best[1]) for mine, its in zip(ours, theirs, strict=True)]
    order = sorted(range(len(noise)), key=noise.__getitem__)
    calm = [k for place, k in enumerate(order) if place < CALMEST or noise[k] <= CALM]
    return [ours[k] for k in calm], [theirs[k] for k in calm]
