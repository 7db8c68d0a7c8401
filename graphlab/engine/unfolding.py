"""What a node that reads sequences does step by step with one row, or with some on average: gates, or attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..data.characters import TARGET as NEXT
from ..errors import GraphlabError, UnknownNodeError
from ..ops import Context
from ..ops.recurrent import Recurrent
from ..ops.state_flow import held
from ..ops.unroll import Unroll
from . import messages as m
from .aside import Aside
from .attending import Attention, attentions, steps_of
from .flatten import End
from .pacing import Stopwatch
from .quiet import quiet
from .sequences import Reader, part_names, readers
from .unrolling import copy_of, state_ends, step_of

if TYPE_CHECKING:
    from .workspace import Workspace

Array = npt.NDArray[Any]
HINTS = {  # what a gate does, by what people call it
    "forget": "what is kept",
    "update": "what is kept",
    "input": "what is written",
    "output": "what is read",
    "reset": "what the candidate reads",
    "candidate": "what would be written",
}


class Found(NamedTuple):
    """What `Unfolded` tells of a node."""

    arrays: dict[str, Array]
    words: dict[str, str]
    parts: tuple[str, ...]
    tokens: dict[str, tuple[Array, End]]


def unfolded(space: Workspace, run_id: int, question: m.Unfold) -> m.Unfolded:
    """Answered also where there is nothing to tell, so that whoever asked knows."""
    watch, step = Stopwatch(), space.asking.trained.steps_done
    try:
        aside = space.asking.passes
        found = unfold(aside, space, question)
    except GraphlabError as error:
        return m.Unfolded(run_id, question.request, step, message=error.message, hint=error.hint)
    return m.Unfolded(
        run_id,
        question.request,
        step,
        found.arrays,
        found.words,
        found.parts,
        {name: tokens for name, (tokens, _) in found.tokens.items()},
        {name: symbols(space, aside, end) for name, (_, end) in found.tokens.items()},
        aside.counts(space.trainer),
        aside.split,
        question.row,
        len(aside.rows),
        seconds=watch.seconds,
    )


def unfold(aside: Aside, space: Workspace, question: m.Unfold) -> Found:
    """The gates of a recurrent layer, or the weights of attention.

    Raises:
        UnknownNodeError: the node is neither. DataError, FeedError, MemoryBudgetError.
    """
    plan, key = aside.run.plan, question.node
    looks = {each.weights[0]: each for each in attentions(plan.nodes, plan.inference.specs)}
    reader = next((each for each in readers(plan.inference) if each.key == key), None)
    if key not in looks and reader is None:
        raise UnknownNodeError("What was looked at reads no sequence any more.", hint="Choose another node.")
    aside.feed(space.trainer, question.split, question.row)
    place = (question.row or 0) if not aside.split else 0
    chosen = slice(None) if question.row is None else slice(place, place + 1)
    with quiet():
        if key in looks:
            return _attention(aside, looks[key], chosen)
        assert reader is not None
        if isinstance(reader.op, Unroll):
            return _copies(aside, reader, reader.op, chosen)
        return _gates(aside, reader, reader.op, question.part, chosen)


def _gates(aside: Aside, reader: Reader, op: Recurrent, part: int, chosen: slice) -> Found:
    plan, key = aside.run.plan, reader.key
    sources = list(plan.nodes[key].inputs.values())
    aside.forward(aside.upstream_of(sources))
    buffers = aside.buffers
    inputs = {s.name: a for s, a in zip(op.sockets(), buffers.inputs(key), strict=True)}
    flows = held(op, Context(key, buffers.contexts[key].clock, plan.dtype), inputs)
    flow = flows[min(part, len(flows) - 1)]
    arrays = {name: array[:, chosen].mean(axis=1) for name, array in flow.arrays.items()}
    length = len(flow.arrays["h"])
    read = _read(aside, plan.nodes[key].inputs["x"], length)
    tokens = {} if read is None else _told({"x": (_of_row(read[0], chosen), read[1])})
    if flow.tag.endswith("reverse"):
        tokens = {name: (array[::-1], end) for name, (array, end) in tokens.items()}
    return Found(arrays, dict(op.gate_words), part_names(op), tokens)


def _copies(aside: Aside, reader: Reader, op: Unroll, chosen: slice) -> Found:
    """What bends something in a cell (gates are made by it), step by step, and the states."""
    plan, first = aside.run.plan, copy_of(reader.key, 0)
    states = state_ends(plan.inference.aliases, reader.key, op)
    along = {output: states[name][1:] for output, name in op.pairs}
    gates = {
        node.path.rpartition("/t=0/")[2]: steps_of(plan.nodes, (key, node.op.results()[0]))
        for key, node in plan.nodes.items()
        if key.startswith(first) and node.op is not None and node.op.category == "Activation"
    }
    known = {end for ends in along.values() for end in ends}
    wanted = {**{name: ends for name, ends in gates.items() if ends[0] not in known}, **along}
    aside.forward(aside.upstream_of(end for ends in wanted.values() for end in ends))
    values = aside.buffers.values
    arrays = {name: np.stack([_flat(values[end], chosen) for end in ends]) for name, ends in wanted.items()}
    tokens = {}
    for name in op.per_step:
        read = _read(aside, (f"{reader.key}/in {name}", "t0"), op.steps)
        if read is not None:
            tokens["x"] = (_of_row(read[0], chosen), read[1])
            break
    told = {
        name: f"{name}: {word}" for name in arrays for hint, word in HINTS.items() if hint in name.lower()
    }
    return Found(arrays, told | {output: f"state {output}" for output in along}, ("all",), _told(tokens))


def _flat(value: Array, chosen: slice) -> Array:
    """The mean of the rows as one line of numbers."""
    mean: Array = value[chosen].mean(axis=0).reshape(-1)
    return mean


def _attention(aside: Aside, looks: Attention, chosen: slice) -> Found:
    ends = steps_of(aside.run.plan.nodes, looks.weights)
    aside.forward(aside.upstream_of(ends))
    values = aside.buffers.values
    parts = [values[end] for end in ends]
    if len(ends) > 1 or step_of(ends[0][0]) is not None:  # one query at each step
        weights = np.concatenate([p[:, None] if p.ndim == 2 else p for p in parts], axis=-2)
    else:
        weights = parts[0] if parts[0].ndim > 2 else parts[0][None]
    mean = np.asarray(weights[chosen].mean(axis=0), np.float64)
    heads = mean.reshape(-1, *mean.shape[-2:])
    names = [f"head {k + 1}" for k in range(len(heads))] if len(heads) > 1 else ["weights"]
    tokens: dict[str, tuple[Array | None, End]] = {}
    for name, length, sides in (
        ("query", heads.shape[1], (looks.query, looks.key)),
        ("key", heads.shape[2], (looks.key, looks.query)),  # scores may have been made the other way round
    ):
        found = (_read(aside, end, length) for end in sides if end is not None)
        read = next(filter(None, found), None)
        if read is not None:
            tokens[name] = (_of_row(read[0], chosen), read[1])
    return Found(dict(zip(names, heads, strict=True)), {}, (), _told(tokens))


# What was read


def _read(aside: Aside, end: End, length: int) -> tuple[Array, End] | None:
    """The whole numbers, rows×length, that something goes back to, and whose they are; of the nearest, if any.

    A sequence of vectors of which each has a single 1 counts as well: the place of the 1.
    """
    plan, values = aside.run.plan, aside.buffers.values
    todo, seen = [end], {end}
    for here in todo:
        found = _tokens(values[here], length) if here in values else None
        if found is not None:
            return found, _source(plan.nodes, here)
        for source in plan.nodes[here[0]].inputs.values():
            if source not in seen:
                seen.add(source)
                todo.append(source)
    return None


def _tokens(array: Array, length: int) -> Array | None:
    if array.dtype.kind == "i" and array.ndim == 2 and length in array.shape:
        return array if array.shape[1] == length else array.T
    if array.dtype.kind != "f" or array.ndim != 3 or array.shape[2] < 2:
        return None
    if array.shape[1] != length:
        if array.shape[0] != length:
            return None
        array = array.swapaxes(0, 1)
    is_one = array == 1
    if bool((is_one.sum(axis=2) == 1).all()) and bool(((array == 0) | is_one).all()):
        return np.asarray(array.argmax(axis=2), np.int64)
    return None


def _source(nodes: Mapping[str, Any], end: End) -> End:
    """What brings the numbers of an end, through nodes with one input."""
    while len(wired := list(nodes[end[0]].inputs.values())) == 1:
        (end,) = wired
    return end


def _of_row(tokens: Array, chosen: slice) -> Array | None:
    """Those of one row; of a mean those that are the same in all, else none."""
    rows = tokens[chosen]
    return rows[0] if len(rows) == 1 else None


def _told(tokens: Mapping[str, tuple[Array | None, End]]) -> dict[str, tuple[Array, End]]:
    return {name: (array, end) for name, (array, end) in tokens.items() if array is not None}


def symbols(space: Workspace, aside: Aside, end: End) -> tuple[str, ...]:
    """What the numbers of a source stand for, such as characters; () where nobody says."""
    data = None if space.trainer is None else space.trainer.batches.data
    op = aside.run.plan.nodes[end[0]].op
    if data is None or op is None or not op.brings:
        return ()
    if end[1] in ("target", "previous"):  # the same, one step late
        return data.classes
    if op.brings == "content" and op.params["unnamed"] and op.params["target"] == NEXT:
        return data.classes
    return data.alphabet
