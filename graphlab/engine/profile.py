"""Where the time of a step goes: every node timed as it really runs, held against what this machine can do at best."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from ..errors import FeedError, SettingsError
from ..graph import Document, Graph
from .costs import NOTHING, Work, costs
from .feeding import made_up
from .machine import Machine, machine
from .plan import Plan
from .run import Run
from .stopwatch import Timing, time_steps
from .threads import thread_count, threads
from .training import Trainer


@dataclass(frozen=True, slots=True)
class Kernel:
    """What was measured of one phase of a node, or of several together.

    seconds: median over the steps. calls: of NumPy, or how many at least. by_compute, by_memory, by_calls: the seconds
    it takes at least for its arithmetic, for its memory traffic, and to call NumPy so often. least: the larger of the
    first two, which is the roofline.
    """

    seconds: float = 0.0
    work: Work = NOTHING
    calls: int = 0
    by_compute: float = 0.0
    by_memory: float = 0.0
    by_calls: float = 0.0
    least: float = 0.0

    @classmethod
    def measured(cls, seconds: float, work: Work, calls: int, limits: Machine) -> Kernel:
        compute, memory = limits.seconds(work)
        return cls(seconds, work, calls, compute, memory, calls * limits.call, max(compute, memory))

    def __add__(self, other: Kernel) -> Kernel:
        return Kernel(
            self.seconds + other.seconds,
            self.work + other.work,
            self.calls + other.calls,
            self.by_compute + other.by_compute,
            self.by_memory + other.by_memory,
            self.by_calls + other.by_calls,
            self.least + other.least,
        )

    def lasting(self, seconds: float) -> Kernel:
        """The same work in another time."""
        return replace(self, seconds=seconds)

    @property
    def flops_per_second(self) -> float:
        return self.work.flops / self.seconds if self.seconds else 0.0

    @property
    def bytes_per_second(self) -> float:
        return self.work.bytes / self.seconds if self.seconds else 0.0

    @property
    def of_limit(self) -> float:
        """How near it comes to the roofline: 1 is the quickest that this machine can be."""
        return self.least / self.seconds if self.seconds else 0.0

    @property
    def bound(self) -> str:
        """What it cannot outrun: "compute" or "memory", or "calls" where its arrays are tiny; "" if it does nothing.

        An empty call is the least that one can take, so calls bound what spends a twentieth of its time on them.
        """
        if not self.calls:
            return ""
        if not self.least or self.by_calls > max(self.least, self.seconds / 20):
            return "calls"
        return "compute" if self.by_compute > self.by_memory else "memory"


@dataclass(frozen=True, slots=True)
class NodeProfile:
    """One node. `op` is the name of its operation."""

    key: str
    name: str
    op: str
    forward: Kernel
    backward: Kernel

    @property
    def both(self) -> Kernel:
        return self.forward + self.backward


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of a step goes.

    nodes: in topological order. batch: the seconds it takes to fetch it. update: the optimizer's part (its arithmetic
    is not counted). rest: seconds for looking for NaN and for the loop itself. undisturbed: those of a whole step
    without a look at the clock in between; `look` is what one takes, and it has been taken off each node.
    sizes: of the batch. steps: how many were timed.
    """

    name: str
    nodes: tuple[NodeProfile, ...]
    batch: float
    update: Kernel
    rest: float
    undisturbed: float
    look: float
    steps: int
    sizes: dict[str, int]
    dtype: str
    threads: int
    optimizer: str
    machine: Machine

    def __str__(self) -> str:
        """The tables of `graphlab profile`, the most expensive nodes first."""
        from .profile_text import text

        return text(self)

    @property
    def total(self) -> Kernel:
        """All nodes together."""
        return sum((node.both for node in self.nodes), Kernel())

    @property
    def seconds(self) -> float:
        """A step: all nodes and what is between them."""
        return self.total.seconds + self.batch + self.update.seconds + self.rest

    def share(self, seconds: float) -> float:
        """Of a step, from 0 to 1."""
        return seconds / self.seconds if self.seconds else 0.0

    @property
    def phases(self) -> tuple[str, ...]:
        """What a step consists of: "forward", "backward", "update"."""
        phases = ("forward", *("backward" for _ in range(any(node.backward.calls for node in self.nodes))))
        return (*phases, "update") if self.update.seconds else phases

    @property
    def kinds(self) -> dict[str, tuple[int, Kernel]]:
        """By operation: how many nodes there are, and what they take together; the most expensive first."""
        counts = Counter(node.op for node in self.nodes)
        sums: dict[str, Kernel] = {}
        for node in self.nodes:
            sums[node.op] = sums.get(node.op, Kernel()) + node.both
        order = sorted(sums, key=lambda op: -sums[op].seconds)
        return {op: (counts[op], sums[op]) for op in order if sums[op].calls}


def profile(
    source: Graph | Document | Run | Trainer,
    steps: int | None = None,
    threads: int | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
) -> Profile:
    """Times every node of a graph, forward and backward, as it runs in training.

    Args:
        source: a graph (fed by its own data, else by random numbers), or a run or trainer, whose weights and place in
            training stay as they are; a step under way begins anew, and what went before cannot be taken back.
        steps: how many are timed; by default as many as take about a second.
        threads: of BLAS; by default what GRAPHLAB_THREADS says, else 1.
        batch_size, dtype: of a graph; a run or trainer has its own.

    Where there is nothing to learn, no update is timed; without a goal, the forward pass alone.

    Raises:
        ProblemsError: the graph has faults, or no node. SettingsError: an impossible argument. DataError, FeedError,
        MemoryBudgetError, NumericsError: as in training.
    """
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
        raise SettingsError(f"steps cannot be {steps!r}.", hint="It takes a whole number of 1 or more.")
    run = _run_of(source, batch_size, dtype)
    run.plan.require_healthy()
    with _threads(threads):
        timing = time_steps(run, steps)
        return _profile(run, timing, machine(run.plan.dtype.name, thread_count()))


_threads = threads  # an argument has the same name


def _run_of(source: Graph | Document | Run | Trainer, batch_size: int | None, dtype: str | None) -> Run:
    if isinstance(source, (Graph, Document)):
        return runnable(source, batch_size, dtype or "float32")
    if batch_size is not None or dtype is not None:
        raise SettingsError(
            "A run has a batch size and a dtype of its own.", hint="Profile the graph instead."
        )
    return source.run if isinstance(source, Trainer) else source


def runnable(graph: Graph | Document, batch_size: int | None = None, dtype: str = "float32") -> Run:
    """A run of the graph that is fed: by its data sets or literals, else by random numbers.

    Raises:
        ProblemsError: the graph has faults. DataError, SettingsError, MemoryBudgetError: as for `Trainer`.
    """
    document = graph.document if isinstance(graph, Graph) else graph
    of_inputs = not Plan(document, input_gradients=False).trains  # then those of inputs are all there is
    try:
        trainer = Trainer(document, batch_size=batch_size, dtype=dtype, input_gradients=of_inputs)
    except FeedError:  # an input has nothing to give
        run = Run(document, dtype=dtype, input_gradients=of_inputs)
    else:
        return trainer.run
    rows = document.training.batch_size if batch_size is None else batch_size
    run.feed(**made_up(run.plan, {}, rows, run.clock.seed))
    return run


def _profile(run: Run, timing: Timing, limits: Machine) -> Profile:
    found = costs(run.plan, timing.sizes)

    def kernel(phase: str, key: str, work: Work) -> Kernel:
        calls = timing.calls.get((phase, key), 0)
        return Kernel.measured(timing.nodes[phase, key], work, calls, limits) if calls else Kernel()

    nodes = tuple(
        NodeProfile(
            key,
            node.path,
            node.op_name,
            kernel("forward", key, found[key].forward),
            kernel("backward", key, found[key].backward),
        )
        for key, node in run.plan.nodes.items()
    )
    return Profile(
        name=run.document.name,
        nodes=nodes,
        batch=timing.overheads["batch"],
        update=Kernel.measured(timing.overheads["update"], _update_work(run), 0, limits),
        rest=timing.overheads["rest"],
        undisturbed=timing.undisturbed,
        look=timing.look,
        steps=timing.steps,
        sizes=dict(timing.sizes),
        dtype=run.plan.dtype.name,
        threads=thread_count(),
        optimizer=type(run.optimizer).__name__,
        machine=limits,
    )


def _update_work(run: Run) -> Work:
    """An update reads the gradients, and reads and writes the parameters and what the optimizer keeps."""
    if not run.plan.trains:
        return Work()
    return Work(0, run.store.flat.nbytes * (3 + 2 * len(run.optimizer.kept())))
