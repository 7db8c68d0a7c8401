"""graphlab: `Run.train` and `Trainer.evaluate`, as anybody would call them.

Forward and backward alone are training at a rate of 0: the update is then a waste of ours, and small.
"""

from __future__ import annotations

import re

import numpy as np

from graphlab.data import Data
from graphlab.engine import OPTIMIZERS, Run, Trainer

from ..networks.workload import LR, Array, Workload
from .contender import Contender


def contender(workload: Workload) -> Contender:
    """Begins with the model's weights."""
    if workload.does == "forward":
        trainer = _trainer(workload)
        begin(trainer.run, workload)
        return _evaluating(trainer, workload)
    run = _run(workload)
    begin(run, workload)
    return _training(run, workload)


def fresh(workload: Workload) -> Contender:
    """Trains or evaluates weights of its own: nothing of PyTorch is in memory."""
    if workload.does == "forward":
        return _evaluating(_trainer(workload), workload)
    return _training(_run(workload), workload)


def begin(run: Run, workload: Workload) -> None:
    """Gives the run the weights and running statistics that the model has at first."""
    given = {_plain(name): tensor.numpy() for name, tensor in workload.model().state_dict().items()}
    weights = {_plain(name): array for name, array in run.weights.items()}
    if given.keys() != weights.keys():
        raise AssertionError(f"{workload.name}: {sorted(given.keys() ^ weights.keys())} have no counterpart")
    for name, array in given.items():
        if weights[name].shape != array.shape:
            raise AssertionError(f"{name} is {weights[name].shape} here and {array.shape} there")
        np.copyto(weights[name], array)


def _run(workload: Workload) -> Run:
    rate = LR if workload.does == "train" else 0.0
    run = Run(workload.graph(), optimizer=OPTIMIZERS[workload.optimizer](lr=rate), input_gradients=False)
    run.feed(**workload.batch)
    return run


def _training(run: Run, workload: Workload) -> Contender:
    def steps() -> list[float]:
        run.train(workload.steps)
        return run.losses

    def gradients() -> dict[str, Array]:
        names = {_plain(name): name for name, _ in workload.skeleton().named_parameters()}
        return {names[_plain(name)]: array for name, array in run.gradients.items()}

    return Contender(steps, None if workload.does == "train" else gradients)


def _trainer(workload: Workload) -> Trainer:
    x, target = workload.batch.values()
    names = tuple(map(str, range(int(target.max()) + 1)))
    return Trainer(workload.graph(), data=Data(x, target, classes=names))


def _evaluating(trainer: Trainer, workload: Workload) -> Contender:
    return Contender(lambda: [trainer.evaluate("train").loss for _ in range(workload.steps)])


def _plain(name: str) -> str:
    """One spelling for PyTorch's cell.weight_ih, our cell_weight_ih.value, and a layer's 0.weight.

    And for cell.weight_ih_l0, where the cell is repeated, and what is learnt is cell/ih weight.value.
    """
    plain = name.replace(".", "_").removesuffix("_value").removesuffix("_l0")
    return re.sub(r"/(\w+) (\w+)$", r"_\2_\1", plain)
