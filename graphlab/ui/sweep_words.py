"""Pictures of a sweep in words and lines: what they wait for, what they tell, their numbers as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..lab.sweeps.axes import told, value_text
from ..lab.sweeps.by_value import AtValue, Mean, capacity_words, error_of, learning_words
from ..lab.sweeps.importance import LEAST, Importance
from ..lab.sweeps.statistics import COSTS, amount, pareto
from ..lab.sweeps.trials import Trial, ranked, rises
from . import numbers

if TYPE_CHECKING:
    from .sweep_charts import Subject

PARALLEL, SCATTER, CONTOUR, IMPORTANCE = "Parallel coordinates", "Scatter", "Contour", "Importance"
BEST, CURVES, COST = "Best so far", "Curves", "Score against cost"
ROWS, BIAS = "Learning curve", "Bias and variance"
KINDS = (PARALLEL, SCATTER, CONTOUR, IMPORTANCE, BEST, CURVES, COST, ROWS, BIAS)
NUMBER, TIME = "trials", "seconds of training"
MENU = "Run > Sweep"
STEPS = {ROWS: ("Learning curve", "run.learning_curve"), BIAS: ("Capacity", "run.capacity")}  # title, command
OF_ROWS = "rows"  # the search of how many rows are learnt from

Choice = tuple[list[str], str]  # what can be chosen, and what is at first


# What a picture waits for, and what can stand on its axes


def lack(kind: str, found: Subject) -> str:
    """What a picture waits for; "" where there is enough."""
    done = sum(trial.state == "done" for trial in found.trials)
    if not found.axes:
        return "This sweep searches nothing."
    if kind == CURVES:
        begun = any(fit.epochs for trial in found.trials for fit in trial.fits)
        return "" if begun else "This fills when the first training is done."
    if kind == ROWS and all(axis.name != OF_ROWS for axis in found.axes):
        return f"A learning curve takes a sweep over rows, such as rows=0.1,0.3,1. {MENU} > Learning curve makes one."
    if kind == BIAS and not _sizes(found):
        return f"This takes a sweep over a number, such as hidden.units=4,16,64. {MENU} > Capacity makes one."
    if kind == CONTOUR and len(_numbers(found)) < 2:
        return "A contour takes two hyperparameters that are numbers or lists; this sweep has fewer."
    if kind == IMPORTANCE and sum(axis.high > axis.low for axis in found.axes) < 2:
        return "Importance compares two hyperparameters or more; this sweep varies one."
    if kind == IMPORTANCE and done < LEAST:
        return f"This fills when {LEAST} trials are done; there are {done}."
    return "" if done else "This fills when the first trial is done."


def choices(kind: str, found: Subject) -> tuple[Choice, Choice]:
    """What can stand across and up."""
    names = [axis.name for axis in found.axes]
    none: Choice = ([], "")
    if kind == SCATTER:
        every = [*names, found.metric, *COSTS]
        return (every, names[0]), (every, found.metric)
    if kind == CONTOUR:
        two = _numbers(found)
        return (two, two[0]), (two, two[1])
    if kind == BEST:
        return ([NUMBER, TIME], NUMBER), none
    if kind == COST:
        return (list(COSTS), COSTS[0]), none
    if kind == ROWS:
        return ([OF_ROWS], OF_ROWS), none
    if kind == BIAS:
        return (_sizes(found), _sizes(found)[0]), none
    return none, none


def _numbers(found: Subject) -> list[str]:
    """The searches that have an order and more than one value."""
    return [axis.name for axis in found.axes if axis.kind != "words" and axis.high > axis.low]


def _sizes(found: Subject) -> list[str]:
    return [name for name in _numbers(found) if name != OF_ROWS]


# What is told


def score_text(value: float, metric: str) -> str:
    """ "97.1 %", "0.0834"."""
    return value_text(value, is_share=rises(metric)) if math.isfinite(value) else "no score"


def of_trial(trial: Trial, metric: str) -> str:
    """One trial: "#12  accuracy 97.1 % ± 0.3  ·  hidden.units 32, lr 0.01  ·  12 s, 3.1 GFLOP, 2,410 parameters"."""
    spread = ""
    if trial.spread == trial.spread:
        spread = f" ± {_spread_text(trial.spread, metric)}"
    state = "" if trial.state == "done" else f" ({trial.state})"
    parts = [
        f"#{trial.number}{state}  {metric} {score_text(trial.score, metric)}{spread}",
        told(trial.values),
    ]
    if trial.fits:
        cost = [numbers.duration(trial.seconds)]
        if math.isfinite(trial.flops) and trial.flops:
            cost.append(numbers.flop(int(trial.flops)))
        cost.append(numbers.count(trial.parameters, "parameter"))
        parts.append(", ".join(cost))
    if trial.error:
        parts.append(trial.error)
    return "  ·  ".join(parts)


def of_all(found: Subject, kind: str, passing: int | None) -> str:
    """What a picture says as a whole."""
    order = ranked(found.trials, found.metric)
    if passing is not None:
        return f"{passing:,} of {numbers.count(len(found.trials), 'trial')} pass; Escape lets all pass."
    if not order:
        return ""
    best = f"best #{order[0].number} with {score_text(order[0].score, found.metric)}: {told(order[0].values)}"
    if kind == COST:
        return f"{best}  ·  coloured: who is not beaten by a better one that costs as little"
    hint = "drag along an axis to keep what passes there" if kind == PARALLEL else ""
    counted = numbers.count(len(order), "trial") + " done"
    return "  ·  ".join(part for part in (counted, best, hint) if part)


def of_importance(found: Importance | None, *, is_counting: bool) -> str:
    """How it was told, and what it leaves out."""
    if found is None:
        return "Being worked out …" if is_counting else ""
    rest = f"{numbers.percent(1 - found.alone)} of the differences are of several together, or chance"
    return f"{found.method}, of {numbers.count(found.trials, 'trial')}  ·  of what each does alone; {rest}"


def of_value(at: AtValue, found: Subject, kind: str) -> str:
    """One value: its means, and how far they are apart."""
    metric = found.metric
    held_out, train = at.held_out, at.train
    word = metric
    if kind == BIAS:
        held_out, train = error_of(held_out, metric), error_of(train, metric)
        word = "error" if rises(metric) else "loss"
    where = f"{at.rows:,.0f} rows ({value_text(at.value)})" if kind == ROWS else value_text(at.value)
    gap = amount(abs(at.gap), metric)
    fits = numbers.count(at.held_out.count, "training")
    held_out_words, train_words = _mean_text(held_out, metric), _mean_text(train, metric)
    return f"{where}: held-out {word} {held_out_words}, training {word} {train_words}, gap {gap}  ·  {fits}"


def _mean_text(mean: Mean, metric: str) -> str:
    text = score_text(mean.value, metric)
    if mean.spread != mean.spread:
        return text
    return f"{text} ± {_spread_text(mean.spread, metric)}"


def _spread_text(spread: float, metric: str) -> str:
    return f"{100 * spread if rises(metric) else spread:.2g}"


def of_values(found: Sequence[AtValue], subject: Subject, kind: str, across: str = "") -> str:
    """What a learning curve, or errors against capacity, say as a whole; "" for any other picture.

    across: the hyperparameter that the picture goes by. Where others are searched as well, it says nothing of one.
    """
    say = {ROWS: learning_words, BIAS: capacity_words}.get(kind)
    if say is None:
        return ""
    others = [
        each.name for each in subject.axes if each.name not in (across, "seed") and each.high > each.low
    ]
    if others:
        differ = f"{others[0]} differs" if len(others) == 1 else f"{' and '.join(others)} differ"
        way = f"“{STEPS[kind][0]}” in Run > Sweep changes one alone."
        return f"{differ} from trial to trial, too, and may be why. {way}"
    return say(found, subject.metric)


# Numbers


def table_of(
    kind: str, found: Subject, across: str, at_values: Sequence[AtValue], shares: Mapping[str, float]
) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """The numbers of a picture: a line a trial, an epoch of a trial, a value or a hyperparameter."""
    if kind == IMPORTANCE:
        return ["hyperparameter", "importance"], iter([list(pair) for pair in shares.items()])
    if kind in (ROWS, BIAS):
        return value_lines(at_values, across, found.metric)
    return curve_lines(found) if kind == CURVES else trial_lines(found)


def trial_lines(found: Subject) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """A line a trial: what was searched, the score, what it cost; of every cost, whether none is better for less."""
    names, metric = [axis.name for axis in found.axes], found.metric
    fronts = {cost: {trial.number for trial in pareto(found.trials, cost, metric)} for cost in COSTS}
    header = ["trial", "state", *names, metric, "spread", f"training {metric}", "epochs", *COSTS]
    header += [f"on the front of {cost}" for cost in COSTS]

    def lines() -> Iterator[Sequence[Any]]:
        for trial in found.trials:
            values = [trial.values.get(name, "") for name in names]
            scores = [_given(trial.score), _given(trial.spread), _given(trial.train_score)]
            costs = [trial.seconds, _given(trial.flops), trial.parameters]
            fronted = [int(trial.number in fronts[cost]) for cost in COSTS]
            yield [trial.number, trial.state, *values, *scores, trial.epochs, *costs, *fronted]

    return header, lines()


def curve_lines(found: Subject) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """A line for each epoch of each trial."""

    def lines() -> Iterator[Sequence[Any]]:
        for trial in found.trials:
            for epoch, value in enumerate(found.curves.of(trial).tolist(), 1):
                if math.isfinite(value):
                    yield [trial.number, epoch, value]

    return ["trial", "epoch", found.metric], lines()


def value_lines(
    found: Sequence[AtValue], name: str, metric: str
) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """A line for each value."""
    header = [name, "training rows", metric, "spread", f"training {metric}", "spread of it", "trainings"]

    def lines() -> Iterator[Sequence[Any]]:
        for at in found:
            means = [_given(n) for mean in (at.held_out, at.train) for n in (mean.value, mean.spread)]
            yield [at.value, _given(at.rows), *means, at.held_out.count]

    return header, lines()


def _given(value: float) -> float | str:
    return value if math.isfinite(value) else ""
