"""Rows that are sequences, made from a seed: tasks on which recurrent networks are tried."""

from __future__ import annotations

from ..errors import DataError, ShapeError
from .base import Example, Op, Param, Spec
from .registry import register
from .spec import Dim
from .tasks import TASKS, task

SETTINGS = ("samples", "length", "shortest", "distance", "symbols", "seed")


@register
class Sequences(Op):
    """Sequences and what is to be said of them, one mini-batch at a time: a task of its own, made from a seed.

    `x` is N×T: the number of a character at each step, 0 for none. (The adding problem has N×T×2 numbers, captions have
    pictures.) `target` is N, one answer for each sequence, or N×T, one for each step; −100 there means that nothing
    is asked, and the losses leave it out. `lengths` says how many steps of x count: what comes after is 0.

    Where a sequence is to be written, `previous` is the target one step late, beginning with 0: what a decoder is given
    in training (teacher forcing, Williams and Zipser 1989). A row that is all right then is also written all right
    when the decoder reads its own words, as these are the same. 0 ends a text that may be shorter.

    No row comes twice, so those that are held out are new; where there are not so many different ones, there are fewer.
    """

    synonyms = ("Copy memory", "Adding problem", "Parity", "Reverse", "Names", "Captions", "Seq2seq")
    category = "Input"
    formula = "x, target, lengths = the rows of the batch"
    latex = r"x,\ t = \mathrm{rows\ of\ the\ batch}"
    source = True
    brings = "sequences"
    outputs = ("x", "previous", "target", "lengths")
    task = Param("reverse", kind="text", help="Which task.", suggest=lambda: tuple(TASKS))
    samples = Param(None, kind="int", low=2, high=100_000, help="How many sequences to make.")
    length = Param(None, kind="int", low=1, high=1000, help="How many characters a sequence has.")
    shortest = Param(
        None, kind="int", low=1, high=1000, help="How many the shortest has; empty: all as long."
    )
    distance = Param(None, kind="int", low=1, high=2000, help="How many steps lie between cause and answer.")
    symbols = Param(None, kind="int", low=2, high=26, help="How many different characters there are.")
    seed = Param(0, low=0, high=2**31 - 1, help="Chooses the random numbers.")
    examples = (
        Example(),
        Example({"task": "copy", "length": 3, "distance": 5, "symbols": 4, "samples": 10}),
        Example({"task": "parity", "length": 6, "shortest": 2, "seed": 1}),
        Example({"task": "captions", "samples": 4}),
    )
    cost = 0

    def results(self) -> tuple[str, ...]:
        return TASKS[self.task].outputs if self.task in TASKS else ("x", "target", "lengths")

    def infer(self) -> tuple[Spec, ...]:
        try:
            rows = task(self.task).specs(self.settings())
        except DataError as error:
            raise ShapeError(error.message, hint=error.hint) from error
        return tuple(Spec((Dim("N"), *spec.shape), spec.kind) for spec in rows)

    def settings(self) -> dict[str, int]:
        """The params that this task takes, for those that were set. DataError for an unknown task."""
        taken = task(self.task).parameters
        asked = {name: getattr(self, name) for name in SETTINGS}
        return {name: int(value) for name, value in asked.items() if value is not None and name in taken}
