"""The training loop: mini-batches in, reports out. One Run, driven epoch after epoch."""

from __future__ import annotations

import numbers
import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..data import Data
from ..data.division import WHOLE, Division
from ..data.givers import rows_of
from ..errors import DataError, FeedError, SettingsError
from ..graph import Document, Graph, Training
from ..ops import Dim, shape_text
from .beside import Beside, rows_at_once
from .feeding import Feed, make_feed, require_fed, source_ends
from .flatten import End
from .language import per_character, without_rows, writes
from .optimizers import Optimizer, adjust
from .plan import Plan
from .quiet import quiet
from .run import Run
from .schedules import Schedule, make_schedule
from .threads import blas_threads

Array = npt.NDArray[Any]
SAMPLE = 1024  # training rows that an epoch's metrics are measured on


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss and metrics over `count` rows, with dropout off."""

    loss: float
    metrics: dict[str, float]
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an epoch came to.

    loss: mean over the epoch's steps. metrics: on (at most 1,024) training rows after it. validation_loss and
    validation_metrics: on all validation rows; None and {} when there are none. seconds: since training began.
    """

    epoch: int
    step: int
    loss: float
    metrics: dict[str, float] = field(default_factory=dict)
    validation_loss: float | None = None
    validation_metrics: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of(cls, record: Any) -> Report:
        """What the engine process has sent of one."""
        return cls(**{name: getattr(record, name) for name in cls.__dataclass_fields__})


class Trainer:
    """Trains a graph on data.

    Args:
        graph: with `Dataset` nodes, or with Inputs named `x` and `target` for `data`. Or a Run of such a graph, whose
            batches and schedule are then the trainer's affair.
        data: rows and targets with their splits; None for the graph's own Dataset nodes, split as the document's
            training settings say; without either, the literals of the inputs are the one batch.
        optimizer, batch_size, seed, goal: by default the document's. An optimizer of one's own brings its own schedule.
        dtype, memory_budget, input_gradients: as for `Run`.
        healthy_only: take a graph with faults as well, and feed the part of it that runs.
        division: which of the rows that are not for testing are held out and learnt from; by default as they are split.

    Every step is a function of (document, data, seed, step number): the same seed gives bit-equal weights.

    Raises:
        ProblemsError, DataError, FeedError, SettingsError: it cannot be trained; the message says why.
    """

    def __init__(
        self,
        graph: Graph | Document | Run,
        data: Data | None = None,
        optimizer: Optimizer | None = None,
        batch_size: int | None = None,
        seed: int | None = None,
        goal: str | None = None,
        dtype: str = "float32",
        memory_budget: int | None = None,
        input_gradients: bool = False,
        healthy_only: bool = False,
        division: Division = WHOLE,
    ) -> None:
        if not isinstance(graph, Run):
            graph = Run(graph, goal, optimizer, seed, dtype, memory_budget, input_gradients)
        self.run = graph
        if not healthy_only:
            self.run.plan.require_healthy()
        training = self.run.document.training
        self.batch_size = _whole(training.batch_size if batch_size is None else batch_size, "batch_size")
        self.shuffle = training.shuffle
        self.batches = Batches(self.run, data, division)
        self._evaluator = _Evaluator(self.run)
        self._epoch_losses: list[Array] = []
        self._seconds = 0.0
        self._order: tuple[tuple[int, int, int, bool], list[Array]] = ((-1, 0, 0, True), [])
        self._given: tuple[Array, Feed] | None = None
        if optimizer is None:
            self.run.optimizer.schedule = make_schedule(training, self.steps_per_epoch)
        self.run.feeder = self._feed  # last: a run that cannot be trained is left as it was

    @property
    def steps_per_epoch(self) -> int:
        return max(1, -(-self.batches.count("train") // self.batch_size))

    @property
    def steps_done(self) -> int:
        """How many updates were made."""
        return self.run.steps_done

    @property
    def epoch(self) -> int:
        """How many whole epochs were done."""
        return self.steps_done // self.steps_per_epoch

    @property
    def seconds(self) -> float:
        """How long the steps took, measuring not counted."""
        return self._seconds

    def train_step(self) -> float:
        """The next step; returns its loss."""
        return float(self.advance(1)[0])

    def advance(self, most: int, remember: bool = False) -> Array:
        """Up to so many steps, not past the end of the epoch; returns their losses. `remember`: see `Run.train`."""
        left = self.steps_per_epoch - self.steps_done % self.steps_per_epoch
        began = time.perf_counter()
        try:
            return self.run.train(min(most, left), remember)
        finally:
            self._seconds += time.perf_counter() - began
            self._epoch_losses.append(np.array(self.run.losses))

    @property
    def at_epoch_end(self) -> bool:
        return self.steps_done > 0 and self.steps_done % self.steps_per_epoch == 0

    def fit(self, epochs: int | None = None) -> Iterator[Report]:
        """Trains for so many epochs (by default the document's) and yields a report after each."""
        for _ in range(_whole(self.run.document.training.epochs if epochs is None else epochs, "epochs")):
            self.advance(self.steps_per_epoch)
            yield self.report()

    def report(self) -> Report:
        """Measures where training stands, and begins to average the loss anew."""
        losses, self._epoch_losses = self._epoch_losses, []
        on_train = self.evaluate("train", SAMPLE)
        held_out = self.evaluate("validation") if self.batches.count("validation") else None
        return Report(
            epoch=self.epoch,
            step=self.steps_done,
            loss=float(np.concatenate(losses).mean()) if losses else on_train.loss,
            metrics=on_train.metrics,
            validation_loss=held_out.loss if held_out else None,
            validation_metrics=held_out.metrics if held_out else {},
            seconds=self._seconds,
        )

    def evaluate(self, split: str = "validation", most: int | None = None) -> Evaluation:
        """Loss and metrics over a split ("train", "validation", "test"), or over its first `most` rows.

        DataError when the split is empty.
        """
        rows = self.batches.rows(split)[:most]
        if not len(rows):
            raise DataError(
                f"There are no {split} rows.", hint="Split the data first, e.g. data.split(validation=0.2)."
            )
        return self.evaluate_rows(rows)

    def evaluate_rows(self, rows: Array) -> Evaluation:
        """The same over rows of the data by their numbers, at least one."""
        size = rows_at_once(self.run.plan)
        parts = [
            self._evaluator.measure(self.batches.feed(rows[k : k + size], self._evaluator.open))
            for k in range(0, len(rows), size)
        ]
        count = sum(part.count for part in parts)
        loss = sum(part.loss * part.count for part in parts) / count
        metrics = self.run.plan.op(self.run.plan.goal).join_metrics(
            [(part.count, part.metrics) for part in parts]
        )
        if writes(self.run.plan, self.batches.data):
            metrics = without_rows(metrics, self.batches.data) | per_character(loss)
        return Evaluation(loss, metrics, count)

    def values(self, split: str, ends: Sequence[End]) -> dict[End, Array]:
        """What some ends come to for every row of a split, with dropout off. DataError, UnknownNodeError."""
        return self._evaluator.of_rows(self, split, None, ends).values

    def passes(self, most: int) -> Iterator[dict[End, Array]]:
        """The values of forward passes, batch by batch, over so many rows from all over the training split.

        Dropout is off, and the run is not disturbed. The arrays hold until the next pass.
        """
        rows = self.batches.rows("train")
        chosen = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))]
        self._evaluator.ask_all()
        for k in range(0, len(chosen), self.batch_size):
            feed = self.batches.feed(chosen[k : k + self.batch_size], self._evaluator.open)
            yield self._evaluator.values(feed)

    def twin(self, optimizer: Optimizer | None = None) -> Trainer:
        """Another trainer of the same plan on the same data, with a copy of all that was learnt: what it does changes
        nothing here.

        Without an `optimizer` it has a copy of this one, which goes on where this one stands. MemoryBudgetError.
        """
        twin, own = copy(self), self.run
        twin.run = Run(own.plan, optimizer=optimizer or own.optimizer.twin(), seed=own.clock.seed)
        twin.run.document = own.document
        state = own.state()
        twin.run.load_state({**state, "optimizer": twin.run.optimizer.save_state()})
        twin._evaluator = _Evaluator(twin.run)
        twin._epoch_losses, twin._seconds = [], 0.0
        twin._order, twin._given = ((-1, 0, 0, True), []), None
        twin.run.feeder = twin._feed
        return twin

    def reset(self, seed: int | None = None) -> None:
        """Fresh weights and optimizer, step 0."""
        self.run.reset(seed)
        self._epoch_losses.clear()
        self._seconds = 0.0

    def stand(self, seconds: float) -> None:
        """The run was put at another step, to which training had taken so long; the mean loss begins anew there."""
        self._epoch_losses.clear()
        self._seconds = seconds

    def adjust(self, training: Training) -> None:
        """Takes over changed settings: batch size, the optimizer's numbers, the schedule. What was learnt is kept."""
        self.batch_size = _whole(training.batch_size, "batch_size")
        self.shuffle = training.shuffle
        before, schedule = self.run.optimizer.schedule, make_schedule(training, self.steps_per_epoch)
        if before is not None and schedule is not None:
            schedule.load_state(before.save_state())
        self.run.optimizer = adjust(self.run.optimizer, training)
        self.run.optimizer.schedule = schedule

    def renew(self) -> None:
        """Operations of the run are others, for the same arrays: what was made of them is made anew."""
        self.batches.renew()
        self._evaluator = _Evaluator(self.run)
        self._given = None

    def _watch(self, schedule: Schedule, epoch: int) -> None:
        """Tells a schedule that depends on it how good the epoch before was, at the first step of the next."""
        if epoch > schedule.epoch:
            split, most = ("validation", None) if self.batches.count("validation") else ("train", SAMPLE)
            schedule.observe(self.evaluate(split, most).loss)
        schedule.epoch = epoch

    def rows_of(self, step: int) -> Array:
        """The numbers of the rows that the batch of a step is made of."""
        epoch, index = divmod(step, self.steps_per_epoch)
        key = (epoch, self.batch_size, self.run.clock.seed, self.shuffle)
        if self._order[0] != key:
            self._order = (key, self.batches.order(*key))
        return self._order[1][index]

    def go_on_from(self, before: Trainer) -> None:
        """Takes over how long it took, and the losses of the epoch under way, from the trainer before an edit."""
        self._seconds, self._epoch_losses = before._seconds, before._epoch_losses

    def _feed(self, step: int) -> Feed:
        """The batch of a step: a pure function of (seed, step)."""
        epoch = step // self.steps_per_epoch
        schedule = self.run.optimizer.schedule
        if schedule is not None and schedule.watches and schedule.epoch != epoch:
            self._watch(schedule, epoch)
        rows = self.rows_of(step)
        if self._given is not None and self._given[0] is rows and self.run.holds(self._given[1]):
            return self._given[1]
        feed = self.batches.feed(rows, self.run.inputs)
        self._given = (rows, feed)
        return feed


class Batches:
    """The columns that feed a run's sources, and the rows of each split."""

    def __init__(self, run: Run, data: Data | None, division: Division = WHOLE) -> None:
        self._plan, self._division = run.plan, division
        self.columns: dict[End, Array] = {}
        self.splits: dict[str, Array] = {}
        self._beside: set[End] = set()  # columns of another length that nothing is trained on
        self.data: Data | None = None
        if data is not None:
            training = run.document.training
            self._from_data(division.of(data, training.seed, training.stratified))
        else:
            self._from_nodes(run)
        self._fixed = self._literals()
        self._lone = np.zeros(1, np.int64)  # the one row of a graph without data

    def renew(self) -> None:
        """The literals of the sources are others."""
        self._fixed = self._literals()

    def count(self, split: str) -> int:
        return len(self.rows(split)) if self.columns else int(split == "train")

    def rows(self, split: str) -> Array:
        if not self.columns:
            return self._lone if split == "train" else self._lone[:0]
        return self.splits.get(split, np.zeros(0, np.int64))

    def order(self, epoch: int, size: int, seed: int, shuffle: bool = True) -> list[Array]:
        """The row indices of each batch of an epoch. The one full batch is always the same array."""
        if size >= self.count("train") or self.data is None:
            return [self.rows("train")]
        return list(self.data.batches(epoch, size, seed, shuffle=shuffle))

    def feed(self, rows: Array, inputs: Any) -> Feed:
        """Puts those rows into the arrays that `inputs(sizes)` gives."""
        sizes = self.sizes(len(rows))
        targets = inputs(sizes)
        for end, column in self.columns.items():
            np.take(column, rows, axis=0, out=targets[end], mode="wrap" if end in self._beside else "clip")
        for end, array in self._fixed.arrays.items():
            np.copyto(targets[end], array)
        return Feed({end: targets[end] for end in (*self.columns, *self._fixed.arrays)}, sizes)

    def sizes(self, count: int) -> dict[str, int]:
        """What the open sizes of the graph are with so many rows."""
        return dict.fromkeys(self._symbols, count) | self._fixed.sizes

    def _from_data(self, data: Data) -> None:
        self.data = data
        ends = source_ends(self._plan)
        named = {self._plan.nodes[key].path: (key, output) for key, output in ends}
        for name, column in (("x", data.x), ("target", data.target)):
            if name not in named:
                raise FeedError(
                    f"The graph has no Input named '{name}' for the data set {data.name}.",
                    hint=f"Its inputs are: {', '.join(named) or 'none'}.",
                )
            self._add(named[name], column, name)
        self.splits = dict(data.splits)

    def _from_nodes(self, run: Run) -> None:
        """The rows of every source that brings its own. Those that the goal depends on must agree in their number.

        A source with fewer rows or more that only stands beside goes round: it is looked at, not trained on.
        """
        training, division = run.document.training, self._division
        needed = _upstream(self._plan)
        bringing = [key for key in self._plan.nodes if self._plan.op(key).brings]
        for key in sorted(bringing, key=lambda key: key not in needed):
            op, path = self._plan.op(key), self._plan.nodes[key].path
            try:
                shares = training.validation, training.test
                data = rows_of(op, *shares, training.seed, training.stratified, division)
            except DataError as error:
                raise DataError(error.message, hint=error.hint, node=path) from error
            if self.data is not None and len(self.data) != len(data):
                if key in needed:
                    raise DataError(f"{path} has {len(data):,} rows, another data set {len(self.data):,}.")
                self._beside |= {(key, output) for output in op.results()}
            self.data = self.data or data
            self.splits = self.splits or dict(data.splits)
            for output in op.results():
                self._add((key, output), data.column(output), path)

    def _add(self, end: End, column: Array, name: str) -> None:
        spec = self._plan.inference.specs[end]
        checked = make_feed(self._plan, {self._plan.nodes[end[0]].path + f".{end[1]}": column})
        self.columns[end] = checked.arrays[end]
        if not spec.shape or isinstance(spec.shape[0], int):
            raise FeedError(
                f"{name} has the fixed shape {spec}, so it takes no batches.", hint="Begin its shape with N."
            )

    @property
    def _symbols(self) -> set[str]:
        found: set[str] = set()
        for end in self.columns:
            size = self._plan.inference.specs[end].shape[0]
            found |= size.names if not isinstance(size, int) else set()
        return found

    def _literals(self) -> Feed:
        """What the other sources give, all of which must have a value of their own."""
        feed = make_feed(self._plan, {})
        left = {end: a for end, a in feed.arrays.items() if end not in self.columns}
        known = Feed({**left, **self.columns}, {})
        require_fed(self._plan, known)
        for key, output in left:
            spec, path = self._plan.inference.specs[key, output], self._plan.nodes[key].path
            if any(isinstance(size, Dim) and size.names & self._symbols for size in spec.shape):
                raise FeedError(
                    f"{path} ({spec}) has a value of {shape_text(left[key, output].shape)}, "
                    "but its batches come from the data.",
                    hint="Give it a fixed shape, or take its value away.",
                    node=path,
                )
        return Feed(left, {s: size for s, size in feed.sizes.items() if s not in self._symbols})


def _upstream(plan: Plan) -> set[str]:
    """The nodes that the goal depends on; none without a goal."""
    if not plan.goal:
        return set()
    found, todo = {plan.goal}, [plan.goal]
    while todo:
        for source, _ in plan.nodes[todo.pop()].inputs.values():
            if source not in found:
                found.add(source)
                todo.append(source)
    return found


class _Evaluator(Beside):
    """Tells how good the network is on rows."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        plan = run.plan
        if plan.goal:  # its own values and what it is measured by
            self._asked = {(plan.goal, name) for name in plan.op(plan.goal).results()}
            self._asked.update(plan.nodes[plan.goal].inputs.values())

    def ask_all(self) -> None:
        """Every value is to be there after a pass."""
        self._asked.update(self.run.plan.inference.specs)

    def values(self, feed: Feed) -> dict[End, Array]:
        """What every output comes to, as far as it was asked for."""
        buffers = self._buffers
        assert buffers is not None
        with quiet(), blas_threads(buffers.bytes):
            buffers.drain("forward")
        return buffers.values

    def measure(self, feed: Feed) -> Evaluation:
        values, buffers, plan = self.values(feed), self._buffers, self.run.plan
        assert buffers is not None
        op = plan.op(plan.goal)
        loss = float(values[plan.goal, op.results()[0]][()])
        rows = next((len(a) for a in feed.arrays.values() if a.ndim), 1)
        metrics = op.metrics(*buffers.inputs(plan.goal)) if op.scalar_loss else {}
        return Evaluation(loss, metrics, rows)


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise SettingsError(f"{name} cannot be {value!r}.", hint="It takes a whole number of 1 or more.")
    return int(value)


def too_large(batch: int, rows: int) -> str:
    """What to say of a batch of more than all rows, where somebody has chosen its size; "" of any other."""
    if not rows or batch <= max(rows, Training().batch_size):
        return ""
    only = "the one row there is" if rows == 1 else f"the {rows:,} rows there are"
    return f"A batch of {batch:,} is more than {only} to train on: each step takes them all."
