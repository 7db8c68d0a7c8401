"""What a sweep came to, for the terminal: the best trials, what failed and why, and the line to reproduce the best."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..engine.profile_text import amount, duration
from ..engine.summary import figure
from ..graph.spaces import value_text
from ..lab.sweeps.by_value import words_of
from ..lab.sweeps.kept import KeptSweep
from ..lab.sweeps.reproducing import others, train_command
from ..lab.sweeps.statistics import spread_warning
from ..lab.sweeps.table import best, in_order, record
from ..lab.sweeps.trials import Trial
from .console import note, print_json, say, show, table
from .show import plural
from .sweep_meters import score_text, spread_text

MOST = 10  # trials in the closing table
REASONS = 3  # of failures that are told
LONGEST = 160  # characters of a reason


def print_end(sweep: KeptSweep, word: str = "") -> None:
    """The closing table and lines of a sweep. word: what the document was named by."""
    trials = in_order(sweep)
    found = best(sweep, MOST)
    if found:
        _print_table(sweep, found)
    say(_headline(sweep, trials), "" if found else "bold")
    for reason in failures(trials):
        note(reason, "yellow")
    if found:
        if words := words_of(sweep):
            say(words, "bold")
        elif warning := spread_warning(trials, sweep.metric):
            say(warning, "yellow")
        command = train_command(sweep, found[0], word)
        say(f"Trial #{found[0].number} again, to the bit{_of_first(found[0])}:")
        say(f"  {command}", "bold")
    say(str(sweep.path), "dim")


def end_record(sweep: KeptSweep, word: str = "") -> dict[str, Any]:
    """The same as plain values."""
    trials = in_order(sweep)
    states = Counter(trial.state for trial in trials)
    found = best(sweep, 1)
    end = sweep.end
    return {
        "event": "end",
        "state": sweep.state,
        "seconds": end.seconds if end is not None else None,
        "path": str(sweep.path),
        "graph": sweep.head.graph,
        "metric": sweep.metric,
        "trials": len(trials),
        "done": states["done"],
        "pruned": states["pruned"],
        "failed": states["failed"],
        "best": record(found[0]) if found else None,
        "command": train_command(sweep, found[0], word) if found else None,
        "warning": "" if words_of(sweep) else spread_warning(trials, sweep.metric),
        "kind": sweep.head.kind,
        "said": words_of(sweep),
    }


def print_end_json(sweep: KeptSweep, word: str = "") -> None:
    print_json(end_record(sweep, word))


def print_list(sweeps: Sequence[KeptSweep], broken: Sequence[str]) -> None:
    """The sweeps of a document, the newest first."""
    made = table("", "began", "state", "trials", "best", "searched", right=("trials",), wrapped=("searched",))
    for sweep in sweeps:
        made.add_row(*_listed(sweep))
    if sweeps:
        show(made)
    for name in broken:
        note(f"{name} cannot be read.", "yellow")


def list_record(sweep: KeptSweep) -> dict[str, Any]:
    """A line of the list as plain values."""
    return {"id": sweep.head.id, "began": sweep.head.began, "kind": sweep.head.kind, **end_record(sweep)}


def _listed(sweep: KeptSweep) -> list[str]:
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(sweep.head.began))
    over = sum(trial.state not in ("waiting", "running") for trial in sweep.trials.values())
    count = f"{over:,}/{_expected(sweep):,}" if sweep.head.expected else f"{over:,}"
    found = best(sweep, 1)
    score = f"{sweep.metric} {score_text(sweep.metric, found[0].score)}" if found else "–"
    searched = ", ".join(f"{name}={space}" for name, space in sweep.head.searches.items())
    return [str(sweep.head.number), began, sweep.state, count, score, searched]


def _print_table(sweep: KeptSweep, found: Sequence[Trial]) -> None:
    targets = list(sweep.head.searches)
    heads = [f"{sweep.metric}", "on training rows", "epochs", "time", "FLOP", "parameters"]
    made = table("trial", *targets, *heads, right=("trial", *targets, *heads))
    for trial in found:
        made.add_row(str(trial.number), *(value_cell(trial.values.get(t)) for t in targets), *_cells(trial))
    show(made)


def _cells(trial: Trial) -> list[str]:
    metric = trial.metric
    score = f"{score_text(metric, trial.score)} {spread_text(metric, trial.spread)}".rstrip()
    return [
        score,
        score_text(metric, trial.train_score),
        f"{trial.epochs:,}",
        duration(trial.seconds),
        amount(trial.flops, "") if trial.flops == trial.flops else "–",
        f"{trial.parameters:,}",
    ]


def value_cell(value: Any) -> str:
    """What a trial tried, short."""
    if value is None:
        return "–"
    return figure(value) if isinstance(value, float) else value_text(value)


def _headline(sweep: KeptSweep, trials: Sequence[Trial]) -> str:
    states = Counter(trial.state for trial in trials)
    done = f"{states['done']:,} of {plural(_expected(sweep), 'trial')} done"
    more = "".join(f", {states[s]:,} {s}" for s in ("pruned", "failed") if states[s])
    left = states["waiting"] + states["running"]
    under_way = f", {left:,} not to the end" if left else ""
    end = sweep.end
    took = f" in {duration(end.seconds)}" if end is not None and end.seconds else ""
    return f"{done}{more}{under_way}{took}."


def _expected(sweep: KeptSweep) -> int:
    """How many trials there are going to be; those that there are, where that is unknown, or fewer were asked for."""
    return max(sweep.head.expected, len(sweep.trials))


def failures(trials: Sequence[Trial]) -> list[str]:
    """How many failed, and the reasons, the most frequent first."""
    reasons = Counter(trial.error for trial in trials if trial.state == "failed")
    if not reasons:
        return []
    lines = [f"{plural(sum(reasons.values()), 'trial')} failed:"]
    for reason, count in reasons.most_common(REASONS):
        text = " ".join(reason.split())
        lines.append(f"  {count:,} × {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}")
    if len(reasons) > REASONS:
        lines.append(f"  {plural(len(reasons) - REASONS, 'other reason')}; see logs/ and fits.jsonl")
    return lines


def _of_first(trial: Trial) -> str:
    """Which trainings of the trial the line leaves out."""
    more, folds = others(trial.fits), len({fit.key.fold for fit in trial.fits}) - 1
    seeds = ", ".join(map(str, more[:5])) + (" …" if len(more) > 5 else "")
    told = [plural(folds, "other fold")] if folds > 0 else []
    if more:
        told.append(f"also with seed {seeds}" if told else f"{plural(len(more), 'other')} with seed {seeds}")
    return f" (its first training; {', '.join(told)})" if told else ""
