"""What goes into a run: the batch of a step, arrays that a person gives, and parameters that are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError
from ..graph import Document
from ..ops import Clock
from .buffers import Buffers
from .feeding import Feed, make_feed, require_fed
from .flatten import End
from .readings import Readings

Array = npt.NDArray[Any]


class Feeding(Readings):
    """The half of a `Run` that takes what is given to it."""

    document: Document
    clock: Clock
    feeder: Callable[[int], Feed] | None
    _feed: Feed | None
    _fed_step: int
    _sources: int
    _is_fed: bool

    def feed(self, /, **arrays: Any) -> None:
        """Gives arrays to the inputs, by name ("x"; `**{"data.target": …}` for one of several outputs).

        Raises:
            FeedError: a name, shape or type does not fit, or a number is NaN or infinite.
        """
        if self.feeder is not None:
            self._fetch()  # what is not given stays that of the batch
        self.take(make_feed(self.plan, arrays, self._feed))

    def take(self, feed: Feed) -> None:
        """Puts a checked feed into the buffers of its size."""
        self._use(feed.sizes)
        self._feed = feed
        self._fed_step = self.clock.step
        self._is_fed = len(feed.arrays) == self._sources
        self.cursor = 0
        values = self.buffers.values
        for end, array in feed.arrays.items():
            if array is not values[end]:
                np.copyto(values[end], array)

    @property
    def is_fed(self) -> bool:
        """Whether the batch of the step that is next, or under way, or has just ended, is in the inputs."""
        if self.feeder is None or self._feed is None:
            return self._is_fed and self._feed is not None
        return self._fed_step >= self.clock.step - (self.cursor == len(self.plan.schedule))

    def begin(self) -> None:
        """Takes the batch of the next step, of which nothing is computed yet. FeedError."""
        if self.cursor == len(self.plan.schedule):
            self.cursor = 0
        self._fetch()

    def holds(self, feed: Feed) -> bool:
        """Whether that feed is the one that the inputs hold."""
        return feed is self._feed

    @property
    def has_next_batch(self) -> bool:
        """Whether the inputs hold the batch of the step that is next or under way, which is not asked for again."""
        return self._fed_step == self.clock.step

    def inputs(self, sizes: Mapping[str, int]) -> Mapping[End, Array]:
        """Switches to the buffers of these sizes; a feeder fills their arrays in place."""
        self._use(sizes)
        return self.buffers.values

    def present_feed(self) -> Feed:
        """What the inputs hold now. FeedError when one has nothing to give."""
        if self._feed is None:
            self._fetch()
        return require_fed(self.plan, self._feed)

    def set(self, name: str, values: Any) -> None:
        """Sets a parameter, e.g. `set("hidden.weight", W)`, or a state ("bn.running_mean"); the pass begins anew.

        Raises:
            UnknownNodeError: there is no such parameter. FeedError: the shape does not fit or a number is not finite.
        """
        slot = self.names.slot(name)
        is_state = slot.key in self.plan.states
        target = self.store.state(slot) if is_state else self.store.value(slot)
        array = np.asarray(values)
        with np.errstate(over="ignore"):  # what the dtype cannot hold becomes infinite
            cast = array.astype(target.dtype) if array.dtype.kind in "fiub" else np.array(np.nan)
        if cast.shape != target.shape or not np.isfinite(cast).all():
            wanted, given = (_shape(a.shape) for a in (target, array))
            raise FeedError(
                f"{name} takes {wanted} finite numbers of type {target.dtype}, not {given} of type {array.dtype}.",
                node=name,
            )
        target[...] = cast
        if is_state:
            self.store.set_states(self.store.states)
        self.cursor = 0

    @property
    def buffers(self) -> Buffers:
        """The arrays of the present batch size. FeedError when an input has nothing to give."""
        if self._buffers is None:
            self._fetch()
        assert self._buffers is not None
        return self._buffers

    def _use(self, sizes: Mapping[str, int]) -> None:
        """Switches to the buffers of these sizes."""
        found = self.store.buffers(sizes)
        if found is not self._buffers:
            self._buffers = found
            self._loss_array = np.array(np.nan)  # without a goal, every value is looked at
            if self.plan.goal:
                self._loss_array = found.goal_values

    def _fetch(self) -> None:
        """At the beginning of a step: the batch that belongs to it, or the inputs' own literals."""
        if self.feeder is not None:
            if self._fed_step != self.clock.step:
                feed = self.feeder(self.clock.step)
                if feed is not self._feed or self._buffers is None:
                    self.take(feed)
                self._fed_step = self.clock.step
        elif self._feed is None or self._buffers is None:
            self.take(require_fed(self.plan, make_feed(self.plan, {}, self._feed)))
        elif not self._is_fed:
            require_fed(self.plan, self._feed)


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "single"
