"""Numbers that a person changes while a run stands: parameters, running statistics, what was fed, constants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError, GraphlabError, NumericsError, UnknownNodeError
from . import messages as m
from .feeding import Feed
from .flatten import End
from .partial import Anew, compute_again

if TYPE_CHECKING:
    from .run import Run
    from .workspace import Workspace

Array = npt.NDArray[Any]
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Elements of one array, what they were and what they are, and what was computed again for it."""

    end: End
    places: tuple[Place, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    anew: Anew


def change(
    run: Run, end: End, places: Sequence[Place], values: Sequence[float], compute: bool = True
) -> Change:
    """Sets elements of a parameter, a state, or what a source was fed or a constant gives, and computes what follows.

    The run stays where it is. Only after an update, when the numbers on show are those of other weights, does it go on:
    the pass of the next step is computed as far as its gradients. Nothing is computed without `compute`, for a run that
    trains on by itself.

    Raises:
        UnknownNodeError: there is no such array, or it is computed. FeedError: no such element, or a number
            does not fit.
    """
    array, name = _array(run, end)
    before = tuple(_checked(array, place, value, name) for place, value in zip(places, values, strict=True))
    made = array.copy()
    for place, value in zip(places, values, strict=True):
        made[place] = value
    after = tuple(float(made[place]) for place in places)
    cursor = run.cursor
    _put(run, end, made)
    anew = follow_up(run, (end,), cursor) if compute else Anew()
    return Change(end, tuple(places), before, after, anew)


def edited(run_id: int, space: Workspace, command: m.SetElements, found: Change) -> m.Edited:
    """The event that tells of a change."""
    key, socket = found.end
    step = space.run.steps_done
    return m.Edited(run_id, command.request, step, key, socket, found.places, found.before, found.after)


def refused(run_id: int, command: m.SetElements, error: GraphlabError) -> m.Edited:
    """The event that tells that nothing was changed, and why."""
    asked = (command.node, command.socket, command.places)
    return m.Edited(run_id, command.request, -1, *asked, message=error.message, hint=error.hint)


def _array(run: Run, end: End) -> tuple[Array, str]:
    """The array of an end that can be set, and its name. UnknownNodeError."""
    plan = run.plan
    slot = (plan.parameters | plan.states).get(end)
    if slot is not None:
        return run.weights[slot.name], slot.name
    name = plan.nodes[end[0]].path if end[0] in plan.nodes else end[0]
    if is_constant(run, end):
        return run.buffers.values[end], name
    feed = run.present_feed()
    if end not in feed.arrays:
        raise UnknownNodeError(
            f"{name}.{end[1]} is computed, so it cannot be set.", hint="Change what it depends on."
        )
    return feed.arrays[end], name


def is_constant(run: Run, end: End) -> bool:
    """Whether it is what a node gives that reads nothing at all."""
    key, output = end
    op = run.plan.op(key) if key in run.plan.nodes else None
    return op is not None and not op.source and not op.sockets() and output in op.results()


def _put(run: Run, end: End, made: Array) -> None:
    plan, store = run.plan, run.store
    if end in plan.parameters:
        store.value(plan.parameters[end])[...] = made
    elif end in plan.states:
        slot = plan.states[end]
        store.state(slot)[...] = made
        store.next_states[slot.window].reshape(slot.shape)[...] = made
    elif is_constant(run, end):
        run.buffers.values[end][...] = made
    else:
        feed = run.present_feed()
        run.take(Feed({**feed.arrays, end: made}, feed.sizes))


def follow_up(run: Run, ends: Iterable[End], cursor: int) -> Anew:
    """Computes what follows from the ends that hold other numbers, for a run whose cursor was there."""
    if cursor <= run.backward_end:
        run.cursor = cursor
        return compute_again(run, ends) if cursor else Anew()
    run.cursor, fault = 0, None
    try:
        run.go_to(run.backward_end)
    except NumericsError as error:
        fault = error
    done = run.schedule[: run.cursor]
    forward = tuple(e.id for e in done if e.phase == "forward" and not run.plan.op(e.id).source)
    return Anew(forward, tuple(e.id for e in done if e.phase == "backward"), run.forward_end, fault)


def _checked(array: Array, place: Place, value: float, name: str) -> float:
    """What the element is now. FeedError when there is none, or the number does not fit."""
    if len(place) != array.ndim or not all(0 <= i < n for i, n in zip(place, array.shape, strict=True)):
        raise FeedError(f"{name} has no element {list(place)}.", node=name)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
        fits = np.isfinite(np.asarray(value).astype(array.dtype if array.dtype.kind == "f" else float))
    if not fits:
        raise FeedError(f"{name} cannot hold {value}.", hint="Type a finite number.", node=name)
    if array.dtype.kind == "i" and value != int(value):
        raise FeedError(f"{name} takes whole numbers.", node=name)
    return float(array[place])
