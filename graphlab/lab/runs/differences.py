"""What differs between runs: their settings side by side, and their graphs in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...errors import GraphlabError
from ...graph import compare
from .kept import KeptRun


class Row(NamedTuple):
    """One thing that differs: a value for each run, in their order; None where it has none."""

    name: str
    values: tuple[Any, ...]


def settings_apart(runs: Sequence[KeptRun]) -> list[Row]:
    """The settings, and what else was known at the beginning, in which these runs differ."""
    facts = [_facts(run) for run in runs]
    names = dict.fromkeys(name for each in facts for name in each)
    rows = [Row(name, tuple(each.get(name) for each in facts)) for name in names]
    return [row for row in rows if any(value != row.values[0] for value in row.values[1:])]


def _facts(run: KeptRun) -> dict[str, Any]:
    head = run.head
    more = {"graph": head.graph, "parameters": head.parameters, "graphlab": head.graphlab}
    machine = {f"machine {name}": value for name, value in head.machine.items()}
    return {**{k: v for k, v in head.training.items() if k != "goal"}, **more, **machine}


def changes_apart(runs: Sequence[KeptRun]) -> list[Row]:
    """What was changed by hand while they ran, where any was."""
    told = [tuple(f"step {step:,}: {text}" for step, text in run.curve().marks) for run in runs]
    if not any(told):
        return []
    return [Row("changed meanwhile", tuple("; ".join(each) or None for each in told))]


def graphs_apart(first: KeptRun, other: KeptRun) -> list[str]:
    """What leads from the graph of the one run to that of the other, in lines; training settings are left out."""
    try:
        found = compare(first.document(), other.document())
    except GraphlabError as error:
        return [f"The graphs cannot be compared: {error}"]
    return [str(difference) for difference in found.differences if difference.what != "training"]
