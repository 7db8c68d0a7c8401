"""A cell repeated step by step along a sequence. What stands in its place when it runs is told by `engine/unrolling`.

A cell is a group: some of its inputs are given anew at each step, the others are states, which one step hands to the
next. Which output becomes which input is told by their names, unless a person says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import ParamError, ShapeError
from .base import Op, Param, Socket
from .registry import register

HOW = ("all", "last", "mean")  # how an output of the cell is given
ENDINGS = (("", "_prev"), ("_next", "_prev"), ("_out", "_in"), ("_next", ""))
BEGINNINGS = (("", "prev_"), ("next_", "prev_"), ("next_", ""))
LAST = "_last"
LENGTHS = "lengths"


def carried_by_name(takes: Iterable[str], gives: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(output, input) of each state that the names tell of: h → h_prev, h_next → h, prev_h … in the order of inputs."""
    outputs = list(gives)
    found = []
    for name in takes:
        output = next((o for o in _becoming(name) if o in outputs), None)
        if output is not None:
            found.append((output, name))
    return tuple(found)


def _becoming(name: str) -> Iterator[str]:
    """The names of outputs that would become that input at the next step."""
    for after, before in ENDINGS:
        if name.endswith(before) and len(name) > len(before):
            yield name[: len(name) - len(before)] + after
    for after, before in BEGINNINGS:
        if name.startswith(before) and len(name) > len(before):
            yield after + name[len(before) :]


@register
class Unroll(Op):
    """Repeats a cell along a sequence: one copy for each step, all with the same parameters.

    The cell is a group. Those of its inputs that are given anew at each step take a whole sequence here, N×T×… with the
    batch in front; the others are states, which one step hands to the next: output h becomes input h_prev. What
    stands in its place is a feed-forward graph of T copies, and the gradient of each parameter is the sum of T terms.
    """

    category = "Structure"
    role = "unroll"
    synonyms = ("Recurrent", "Loop", "Scan", "ForEachStep")
    formula = "h(t), y(t) = cell(x(t), h(t−1)) for t = 0 … T−1"
    latex = r"h_t, y_t = f(x_t, h_{t-1}),\quad t = 0, \ldots, T-1"
    derivative = (
        r"\frac{\partial \ell}{\partial \theta} = \sum_t \bar{h}_t \frac{\partial h_t}{\partial \theta}"
    )
    definition = Param("", kind="text", shown=False, help="Which of the document's groups is the cell.")
    takes = Param((), kind="names", shown=False, help="The cell's inputs, after the ports inside.")
    gives = Param((), kind="names", shown=False, help="The cell's outputs, after the ports inside.")
    steps = Param(8, low=1, high=10_000, symbol="T", help="How many steps the sequence has.")
    carried = Param(
        (),
        kind="settings",
        shown=False,
        help="Which output becomes which input at the next step; empty: as the names tell, h and h_prev.",
    )
    outputs_as = Param(
        "all",
        choices=HOW,
        help="How outputs are given: all steps as one sequence, the last one, or their mean.",
    )
    each_as = Param((), kind="settings", shown=False, help="The same for single outputs, by name.")
    begin = Param(
        "zeros",
        choices=("zeros", "learnable"),
        help="How a state begins that nothing is wired to: at zero, or at values that are learnt.",
    )
    feedback = Param(
        (),
        kind="settings",
        shown=False,
        help="Which output becomes which input at the next step in the place of what the sequence has there.",
    )
    teacher = Param(
        1.0,
        low=0.0,
        high=1.0,
        help="How often, in training, a step gets what the sequence has instead of the output fed back. At 0 only the "
        "first step of the sequence is looked at. In evaluation outputs are always fed back.",
    )
    truncate = Param(
        0, low=0, high=10_000, help="Gradients flow back through at most so many steps; 0 for all of them."
    )
    stop = Param(
        None,
        kind="int",
        low=0,
        high=2**31,
        help="The class index that ends a sequence when it is fed back; nothing for no end.",
    )
    weights = Param(
        "own",
        choices=("own", "shared"),
        help="Whether it learns parameters of its own, or the same as all other uses of the cell that share theirs.",
    )
    values = Param(
        (), kind="settings", shown=False, help="Params of nodes inside the cell that are set for it here."
    )
    drawn = Param(
        "folded",
        choices=("folded", "unrolled"),
        shown=False,
        help="Whether it is drawn as one cell with a loop, or as copies in time.",
    )
    drawing = ("drawn",)

    def check(self) -> None:
        for what, names in (("inputs", self.takes), ("outputs", self.gives)):
            if len(set(names)) < len(names):
                raise ParamError(f"Two {what} of a cell have the same name: {', '.join(names)}.")
        for name, how in self.each_as:
            if how not in HOW:
                raise ParamError(
                    f"{name} cannot be given as {how!r}.", hint=f"Choose one of {', '.join(HOW)}."
                )

    # What of the cell is what

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(output, input that it becomes at the next step) of each state, in the order of the inputs."""
        if not self.carried:
            return carried_by_name(self.takes, self.gives)
        known = {str(i): str(o) for o, i in self.carried if o in self.gives and i in self.takes}
        return tuple((known[name], name) for name in self.takes if name in known)

    @property
    def state_inputs(self) -> tuple[str, ...]:
        """The inputs of the cell that are states."""
        return tuple(name for _, name in self.pairs)

    @property
    def per_step(self) -> tuple[str, ...]:
        """The inputs of the cell that are given anew at each step."""
        states = self.state_inputs
        return tuple(name for name in self.takes if name not in states)

    @property
    def fed_back(self) -> dict[str, str]:
        """The per-step inputs that get an output of the step before, each with that output."""
        inputs = self.per_step
        return {str(i): str(o) for o, i in self.feedback if o in self.gives and i in inputs}

    @property
    def stops_on(self) -> str:
        """The output that ends a sequence when it is `stop`; "" where none does."""
        return next(iter(self.fed_back.values()), "") if self.stop is not None else ""

    def is_cut(self, step: int) -> bool:
        """Whether no gradient flows from that step to the one before."""
        return bool(self.truncate) and step > 0 and step % self.truncate == 0

    def given_as(self, output: str) -> str:
        """Whether all steps of an output are given, the last, or the mean."""
        return str(dict(self.each_as).get(output, self.outputs_as))

    @property
    def lasts(self) -> dict[str, str]:
        """The outputs that give a state as the last step leaves it, each with the cell's output."""
        outputs = (output for output, _ in self.pairs)
        return {f"{output}{LAST}": output for output in outputs if f"{output}{LAST}" not in self.gives}

    def sockets(self) -> tuple[Socket, ...]:
        """Sequences first, then where states begin."""
        sequences = (Socket(name, kind="any", help="A sequence, N×T×…") for name in self.per_step)
        begins = (
            Socket(name, kind="any", optional=True, help="How the state begins, N×…")
            for name in self.state_inputs
        )
        return (*sequences, *begins, *self._lengths())

    def _lengths(self) -> tuple[Socket, ...]:
        if LENGTHS in self.takes:
            return ()
        return (
            Socket(LENGTHS, kind="int", optional=True, help="How long each sequence is: N whole numbers."),
        )

    def results(self) -> tuple[str, ...]:
        """What is no state first, then the states, then how they end, and how long sequences came to be."""
        states = [output for output, _ in self.pairs]
        plain = [name for name in self.gives if name not in states]
        ends = (LENGTHS,) if self.stops_on and LENGTHS not in self.gives else ()
        return (*plain, *(name for name in self.gives if name in states), *self.lasts, *ends)

    # Keeping in step with the cell

    def following(self, renamed: Mapping[str, str]) -> dict[str, Any]:
        """The params that name ports of the cell, after some of them got other names."""
        found: dict[str, Any] = {}
        for name in ("carried", "feedback"):
            pairs = getattr(self, name)
            if pairs:
                found[name] = tuple(sorted((renamed.get(o, o), renamed.get(i, i)) for o, i in pairs))
        if self.each_as:
            found["each_as"] = tuple(sorted((renamed.get(name, name), how) for name, how in self.each_as))
        return found

    def renamed_results(self, renamed: Mapping[str, str]) -> dict[str, str]:
        """What outputs are called after ports of the cell got other names."""
        lasts = {last: renamed[of] + LAST for last, of in self.lasts.items() if of in renamed}
        return {**renamed, **lasts}

    # What is wrong with it by itself

    def infer(self, *args: Any, **specs: Any) -> Any:
        """It computes nothing itself; this is what is said where no copies can be put in its place. ShapeError."""
        message, hint = self.fault()
        raise ShapeError(message or "Its cell is missing.", hint=hint or "Choose a cell for it.")

    def fault(self) -> tuple[str, str]:
        """Why nothing can be put in its place, and what to try; ("", "") for no reason."""
        if not self.definition or not (self.takes or self.gives):
            return "It has no cell to repeat.", "Choose a cell for it."
        if not self.pairs:
            example = self.gives[0] if self.gives else "h"
            return (
                "No output of the cell becomes an input at the next step, so nothing is carried on.",
                f"Name an input of the cell after the output that it is to have had a step before: {example}_prev.",
            )
        if self.stop is not None and not self.stops_on:
            return (
                "No output is fed back, so none can end a sequence.",
                "Say which output becomes which input, or clear stop.",
            )
        return "", ""
