"""graphlab: `Run.train` and `Trainer.evaluate`, as anybody would call them.

Forward and backward alone are training at a rate of 0: the update is then a waste of ours, and small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphlab.data import Data
from graphlab.engine import OPTIMIZERS, Run, Trainer

from ..networks.workload import LR, Array, Workload
from .contender import Contender


def contender(workload: Workload) -> Contender:
    if workload.does == "forward":
        return _evaluating(workload)
    rate = LR if workload.does == "train" else 0.0
    run = Run(workload.graph(), optimizer=OPTIMIZERS[workload.optimizer](lr=rate), input_gradients=False)
    begin(run, workload)
    run.feed(**workload.batch)

    def steps() -> list[float]:
        run.train(workload.steps)
        return run.losses

    names = {_plain(name): name for name, _ in workload.model().named_parameters()}
    return Contender(steps, lambda: {names[_plain(key)]: array for key, array in run.gradients.items()})


def _evaluating(workload: Workload) -> Contender:
    x, target = workload.batch.values()
    trainer = Trainer(workload.graph(), data=Data(x, target, classes=_names(target)))
    begin(trainer.run, workload)
    return Contender(lambda: [trainer.evaluate("train").loss for _ in range(workload.steps)])


def begin(run: Run, workload: Workload) -> None:
    """Gives the run the weights and running statistics that the model has at first."""
    model = workload.model()
    given = {_plain(name): tensor.detach().numpy() for name, tensor in model.state_dict().items()}
    wanted = {_plain(name): name for name in run.weights}
    if given.keys() != wanted.keys():
        raise AssertionError(f"{workload.name}: {sorted(given.keys() ^ wanted.keys())} have no counterpart")
    _set(run.weights, {wanted[name]: array for name, array in given.items()})


def _set(weights: Mapping[str, Array], values: Mapping[str, Any]) -> None:
    for name, array in values.items():
        if weights[name].shape != array.shape:
            raise AssertionError(f"{name} is {weights[name].shape} here and {array.shape} there")
        np.copyto(weights[name], array)


def _plain(name: str) -> str:
    """One spelling for PyTorch's 0.weight and our 0.weight, cell.weight_ih and cell_weight_ih.value."""
    return name.replace(".", "_").removesuffix("_value")


def _names(target: Array) -> tuple[str, ...]:
    return tuple(map(str, range(int(target.max()) + 1)))
