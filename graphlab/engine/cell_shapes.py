"""Which shape the states of a cell have, found by trying: what goes in must be what comes out.

A state that begins at zero is told no shape by anybody. So the cell is inferred with states of a shape that cannot be
meant; what comes out anyway (a layer tells its own width) is tried as what goes in, and what else is met inside after
that. Only what comes out as it went in is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ShapeError
from ..graph import Document
from ..graph.groups import ports
from ..ops import Size, Spec
from .finding import Problem, find
from .flat import End

if TYPE_CHECKING:
    from .flatten import Flat

ODD = 7919  # a size that nobody means
ROUNDS = 8  # in which shapes settle: one for each state that waits for another
Pairs = Sequence[tuple[str, str]]


class _Tried(NamedTuple):
    """What comes of a cell whose ports are given something: the specs of its outputs, all specs, the first fault."""

    outputs: dict[str, Spec]
    specs: dict[End, Spec]
    problem: Problem | None


class CellShapes:
    """The shapes in a cell; `pairs`: (output, input) of its states."""

    def __init__(self, cell: Document, pairs: Pairs) -> None:
        self._cell, self._pairs = cell, tuple(pairs)
        self._flat: Flat | None = None
        self._known: dict[tuple[tuple[str, Spec], ...], dict[str, Spec] | ShapeError] = {}

    def states(self, given: Mapping[str, Spec]) -> dict[str, Spec]:
        """The spec of each state, by its input. `given`: those of the per-step inputs and of states that are wired.

        Raises:
            ShapeError: none can be, or one that is wired does not come out as it goes in.
        """
        key = tuple(sorted(given.items(), key=lambda item: item[0]))
        if key not in self._known:
            try:
                self._known[key] = self._found(given)
            except ShapeError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, ShapeError):
            raise ShapeError(found.message, hint=found.hint)
        return found

    def _found(self, given: Mapping[str, Spec]) -> dict[str, Spec]:
        free = [i for _, i in self._pairs if i not in given]
        if not free:
            return self._as_wired(given)
        batch = next((spec.shape[0] for spec in given.values() if spec.ndim), 1)
        tried: list[_Tried] = []
        for guess in self._guesses(batch, tried):
            found = self._settled(given, dict.fromkeys(free, guess), tried)
            if found is not None:
                return found
        raise self._no_shape(given, free, tried)

    def _guesses(self, batch: Size, tried: list[_Tried]) -> Iterator[Spec]:
        """A shape that cannot be meant, and then every shape that was met, each once."""
        yield Spec((batch, ODD))
        seen: dict[Spec, None] = {}
        for one in list(tried):
            outputs = (one.outputs[o] for o, _ in self._pairs if o in one.outputs)
            seen |= dict.fromkeys((*outputs, *one.specs.values()))
        for spec in seen:
            is_meant = spec.ndim and spec.shape[0] == batch and not any(_is_odd(size) for size in spec.shape)
            if is_meant:
                yield spec

    def _settled(
        self, given: Mapping[str, Spec], guess: dict[str, Spec], tried: list[_Tried]
    ) -> dict[str, Spec] | None:
        """What the states are, going on from a guess; None when what comes out is not what goes in."""
        for _ in range(ROUNDS):
            one = self._try({**given, **guess})
            tried.append(one)
            after = {i: one.outputs.get(o, guess[i]) for o, i in self._pairs if i in guess}
            if after == guess:
                whole = {**given, **guess}
                fits = all(one.outputs.get(o) == whole[i] for o, i in self._pairs)
                return {i: whole[i] for _, i in self._pairs} if fits and one.problem is None else None
            guess = after
        return None

    def _as_wired(self, given: Mapping[str, Spec]) -> dict[str, Spec]:
        one = self._try(given)
        for output, name in self._pairs:
            out = one.outputs.get(output)
            if out is not None and out != given[name]:
                raise ShapeError(
                    f"The state goes in as {_told(given[name])} but comes out as {_told(out)}, so it cannot go on "
                    "to the next step.",
                    hint=f"Make {output} in the cell what {name} is, or let it begin as {_told(out)}.",
                )
        return {i: given[i] for _, i in self._pairs}

    def _no_shape(
        self, given: Mapping[str, Spec], free: Sequence[str], tried: Sequence[_Tried]
    ) -> ShapeError:
        """Why no shape would do: what comes out of the likeliest, or what is at fault in the cell."""
        if self._try(given).problem is not None:  # whatever the states are: told where it is
            return ShapeError("")
        names = " and ".join(free)
        for one in tried[1:]:
            for output, name in self._pairs:
                out, into = one.outputs.get(output), one.specs.get((name, ""))
                if out is not None and into is not None and out != into and not _holds_odd(into):
                    return ShapeError(
                        f"No shape of {name} comes out as it goes in: {_told(into)} becomes {_told(out)}.",
                        hint=f"Make {output} in the cell as wide as {name}.",
                    )
        problem = next((one.problem for one in reversed(tried) if one.problem is not None), None)
        if problem is not None:
            return ShapeError(
                f"No shape of {names} fits into the cell. {problem.node}: {problem.message}",
                hint=problem.hint or "Wire an initial state.",
            )
        return ShapeError(
            f"Nothing in the cell tells the shape of {names}.",
            hint=f"Wire to {names} what it begins with.",
        )

    def _try(self, given: Mapping[str, Spec]) -> _Tried:
        if self._flat is None:
            from .flatten import flatten  # which puts cells in their places, and so asks here

            self._flat = flatten(self._cell)
        inputs = {port.id: port.name for port in ports(self._cell, "port in")}
        specs = {(i, "y"): given[name] for i, name in inputs.items() if name in given}
        problem: Problem | None = None
        for key, node in self._flat.nodes.items():
            if key not in inputs and not _is_exit(self._cell, key):
                finding = find(node, specs)
                specs.update(finding.specs)
                problem = problem or next(iter(finding.problems), None)
        outputs = {}
        for port in ports(self._cell, "port out"):
            edge = next(iter(self._cell.inputs_of(port.id).values()), None)
            end = None if edge is None else (edge.source, edge.output)
            end = self._flat.aliases.get(end, end) if end is not None else None
            if end in specs:
                outputs[port.name] = specs[end]
        met = {**specs, **{(name, ""): spec for name, spec in given.items()}}
        return _Tried(outputs, met, problem)


def _is_exit(cell: Document, key: str) -> bool:
    node = cell.nodes.get(key)
    return node is not None and node.is_known and node.make().role == "port out"


def _is_odd(size: Size) -> bool:
    return isinstance(size, int) and size >= ODD


def _holds_odd(spec: Spec) -> bool:
    return any(_is_odd(size) for size in spec.shape)


def _told(spec: Spec) -> str:
    return f"{spec} whole numbers" if spec.kind == "int" else str(spec)
