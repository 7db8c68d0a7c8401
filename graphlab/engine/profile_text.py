"""A profile in words and tables, for people: the command line and notebooks show the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .profile import Kernel, NodeProfile, Profile

Row = dict[str, str]  # by heading; what is missing is blank

SORTS = ("time", "order", "name", "flops", "limit")
WORDS = ("name", "op", "bound by")  # headings of columns of words; the others hold numbers
WIDTH = 120
GAP = 2  # blanks between columns
SPARED = ("GB/s", "forward", "backward", "GFLOP/s")  # columns left out first where there is no room
MOST_NAMES = 6
FAR = 0.1  # below this part of its limit a node is not really bound by it


def text(profile: Profile, sort: str = "time") -> str:
    """Headline, table of nodes, table of operations, verdict and notes."""
    clock = Clock(profile)
    nodes = [*node_rows(profile, clock, sort), *rest_rows(profile, clock)]
    parts = [
        "\n".join(headline(profile)),
        _aligned(fitting(node_headings(profile, clock), nodes, WIDTH), nodes),
        _aligned(kind_headings(clock), kind_rows(profile, clock)),
        "\n".join([*verdict(profile), *notes(profile)]),
    ]
    return "\n\n".join(parts)


class Clock:
    """The unit in which all times of a profile are shown."""

    def __init__(self, profile: Profile) -> None:
        step = profile.seconds
        self._scale, self._digits = (1e6, 2 if step < 1e-4 else 1) if step < 1e-2 else (1e3, 2)
        unit = "µs" if step < 1e-2 else "ms"
        self.forward, self.backward, self.time = (
            f"{what} {unit}" for what in ("forward", "backward", "time")
        )

    def show(self, seconds: float) -> str:
        return f"{seconds * self._scale:,.{self._digits}f}" if seconds else ""


def headline(profile: Profile) -> list[str]:
    """What was timed, how long a step takes, and how much work that is, in lines of a terminal's width."""
    what = {1: "forward pass", 2: "forward and backward pass", 3: "training step"}[len(profile.phases)]
    batch = "".join(f"{name} = {size}, " for name, size in profile.sizes.items())
    threads = "1 thread" if profile.threads == 1 else f"{profile.threads} threads"
    flops = profile.total.work.flops
    line = (
        f"{profile.name} ({batch}{profile.dtype}, {threads}): a {what} takes {duration(profile.seconds)}, "
        f"{1 / profile.seconds:,.0f} a second; {amount(flops, 'FLOP')}, {amount(flops / profile.seconds, 'FLOP/s')}."
    )
    return wrap(line, WIDTH)


def node_headings(profile: Profile, clock: Clock) -> list[str]:
    phases = [clock.forward, clock.backward] if "backward" in profile.phases else []
    return ["name", "op", *phases, clock.time, "share", "GFLOP/s", "GB/s", "of limit", "bound by"]


def kind_headings(clock: Clock) -> list[str]:
    return ["op", "nodes", clock.time, "share", "GFLOP/s", "GB/s", "of limit"]


def node_rows(profile: Profile, clock: Clock, sort: str = "time") -> list[Row]:
    """A row for each node that takes time."""
    order: dict[str, Callable[[NodeProfile], float | str]] = {
        "time": lambda node: -node.both.seconds,
        "order": lambda node: 0,
        "name": lambda node: node.name,
        "flops": lambda node: -node.both.work.flops,
        "limit": lambda node: node.both.of_limit,
    }
    return [
        {"name": node.name, "op": node.op, "bound by": node.both.bound}
        | {clock.forward: clock.show(node.forward.seconds), clock.backward: clock.show(node.backward.seconds)}
        | _figures(profile, clock, node.both)
        for node in sorted((node for node in profile.nodes if node.both.calls), key=order[sort])
    ]


def rest_rows(profile: Profile, clock: Clock) -> list[Row]:
    """What lies between the nodes, and in the end the whole step."""
    rows: list[Row] = []
    if profile.update.seconds:
        rows.append({"name": "update", "op": profile.optimizer} | _figures(profile, clock, profile.update))
    for name, what, seconds in (
        ("batch", "fetching it", profile.batch),
        ("rest", "loop, looking for NaN", profile.rest),
    ):
        if seconds:
            rows.append({"name": name, "op": what} | _share(profile, clock, seconds))
    step = {"name": "step"} | _figures(profile, clock, profile.total.lasting(profile.seconds))
    for heading, phase in ((clock.forward, "forward"), (clock.backward, "backward")):
        step[heading] = clock.show(sum(getattr(node, phase).seconds for node in profile.nodes))
    return [*rows, step]


def kind_rows(profile: Profile, clock: Clock) -> list[Row]:
    """A row for each operation: where the time goes by kind."""
    return [
        {"op": op, "nodes": str(count)} | _figures(profile, clock, kernel)
        for op, (count, kernel) in profile.kinds.items()
    ]


def _figures(profile: Profile, clock: Clock, kernel: Kernel) -> Row:
    return _share(profile, clock, kernel.seconds) | {
        "GFLOP/s": f"{kernel.flops_per_second / 1e9:,.1f}" if kernel.work.flops else "",
        "GB/s": f"{kernel.bytes_per_second / 1e9:,.1f}" if kernel.work.bytes else "",
        "of limit": _percent(kernel.of_limit, digits=0) if kernel.least else "",
    }


def _share(profile: Profile, clock: Clock, seconds: float) -> Row:
    return {clock.time: clock.show(seconds), "share": _percent(profile.share(seconds))}


def verdict(profile: Profile) -> list[str]:
    """The biggest cost and what bounds it, in lines of a terminal's width."""
    node = max(profile.nodes, key=lambda node: node.both.seconds)
    share = _percent(profile.share(node.both.seconds))
    between = {
        "fetching the batch": profile.batch,
        f"the update by {profile.optimizer}": profile.update.seconds,
        "what is done between the nodes, by the loop and to find NaN": profile.rest,
    }
    what = max(between, key=lambda name: between[name])
    line = f"{node.name} ({node.op})"
    if between[what] <= node.both.seconds:
        line = f"Most time, {share}, goes into {line}: {_reason(profile, node.both)}"
    else:
        first = f"Most time, {_percent(profile.share(between[what]))}, goes into {what}."
        rest = (
            f" Of the nodes {line} takes most, {share}: {_reason(profile, node.both)}"
            if node.both.calls
            else ""
        )
        line = first + rest
    return wrap(line, WIDTH)


def _reason(profile: Profile, kernel: Kernel) -> str:
    if kernel.bound == "calls":
        advice = " A larger batch costs little more." if profile.sizes else ""
        each = duration(profile.machine.call)
        return f"it is bound by calling NumPy, at least {kernel.calls} times {each}: its arrays are small.{advice}"
    if kernel.bound == "compute":
        what = "compute"
        figures = _of(kernel.flops_per_second, kernel.work.flops / kernel.by_compute, "FLOP/s")
    else:
        what = "memory traffic"
        figures = _of(kernel.bytes_per_second, kernel.work.bytes / kernel.by_memory, "B/s")
    percent = _percent(kernel.of_limit, digits=0)
    if kernel.of_limit < FAR:
        return f"it is far from its limit, {what} ({figures}, {percent}): NumPy works in many passes or small pieces."
    return f"it is bound by {what} and reaches {percent} of that limit ({figures})."


def notes(profile: Profile) -> list[str]:
    """How to read the figures, and what they were measured against, in lines of a terminal's width."""
    machine = profile.machine
    idle = [node.name for node in profile.nodes if not node.both.calls]
    more = f" and {len(idle) - MOST_NAMES} more" if len(idle) > MOST_NAMES else ""
    (small, fast), (large, slow) = machine.bandwidths[0], machine.bandwidths[-1]
    lines = [
        f"Nothing to compute: {', '.join(idle[:MOST_NAMES])}{more}." if idle else "",
        "The limit is the roofline: operations at the peak, or bytes at the bandwidth, whichever takes longer.",
        f"Measured here: {amount(machine.flops, 'FLOP/s')} in a matrix product; {amount(fast, 'B/s')} "
        f"for {amount(small, 'B')} down to {amount(slow, 'B/s')} for {amount(large, 'B')}.",
        f"Medians of {profile.steps:,} steps. A look at the clock ({duration(profile.look)}) is taken off each node; "
        f"undisturbed, a step takes {duration(profile.undisturbed)}.",
    ]
    return [part for line in lines for part in wrap(line, WIDTH)]


def duration(seconds: float) -> str:
    """Three digits with a unit: "4.86 ms"."""
    return amount(seconds, "s")


def amount(value: float, unit: str) -> str:
    """Three digits with a prefix: "1.23 MB"; a count below 1,000 as it is."""
    if isinstance(value, int) and value < 1000:
        return f"{value} {unit}"
    for factor, prefix in (
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
    ):
        if value >= 0.9995 * factor:  # what rounds to 1,000 is 1 of the next
            return f"{_three(value / factor)} {prefix}{unit}"
    return f"{_three(value * 1e9)} n{unit}"


def _of(value: float, most: float, unit: str) -> str:
    """ "78.3 of 245 GFLOP/s"; with both units where they differ."""
    part, whole = amount(value, unit), amount(most, unit)
    number, _, own = part.partition(" ")
    return f"{number if whole.endswith(f' {own}') else part} of {whole}"


def _three(value: float) -> str:
    """Of a number below 1,000."""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _percent(part: float, digits: int = 1) -> str:
    return f"{100 * part:.{digits}f} %"


def fitting(headings: Sequence[str], rows: Iterable[Row], width: int) -> list[str]:
    """The columns for which there is room; those of `SPARED` give way one after the other."""
    rows = list(rows)
    size = {h: max(len(h), *(len(row.get(h, "")) for row in rows)) + GAP for h in headings}
    kept = list(headings)
    for spared in SPARED:
        if sum(size[heading] for heading in kept) - GAP > width:
            kept = [heading for heading in kept if not heading.startswith(spared)]
    return kept


def _aligned(headings: Sequence[str], rows: Iterable[Row]) -> str:
    """Columns of words to the left, of numbers to the right, two blanks between them."""
    lines = [headings, *([row.get(heading, "") for heading in headings] for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(headings))]
    return "\n".join(
        (" " * GAP)
        .join(
            cell.ljust(width) if heading in WORDS else cell.rjust(width)
            for cell, heading, width in zip(line, headings, widths, strict=True)
        )
        .rstrip()
        for line in lines
    )
