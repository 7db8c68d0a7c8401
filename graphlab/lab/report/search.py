"""A sweep in a report: what was searched, the best trials, how they came about, and the final evaluation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...errors import GraphlabError
from ...io.markup import Markup, joined, tag
from ..sweeps.axes import Axis, measured, search_axes, value_text
from ..sweeps.importance import importance
from ..sweeps.kept import KeptSweep
from ..sweeps.statistics import pareto, spread_warning
from ..sweeps.trials import Trial, best_so_far, ranked, rises
from .charts import Dot, Frame, Line, bars, line_chart, scatter
from .parallel import parallel
from .ready_made import TITLES, ready_made
from .tables import callout, facts, figure, section, table
from .words import duration, moment, plural, score, setting, short, spread, whole

MOST_TRIALS = 20  # in the table
MOST_DOTS = 300  # in a chart: of more, the best few and every so many of the others
BEST_DOTS = 60


def search_section(sweep: KeptSweep) -> Markup:
    """Everything about one sweep."""
    best = ranked(sweep.trials.values(), sweep.metric)
    is_search = sweep.head.kind not in TITLES  # else the curve above says it all
    return section(
        "sweep",
        TITLES.get(sweep.head.kind, "The search for good settings"),
        _told(sweep),
        _searches(sweep),
        ready_made(sweep),
        _warning(sweep) if is_search else "",
        _best_trials(sweep, best),
        _pictures(sweep, best) if is_search else "",
        _failed(sweep),
        final(sweep),
    )


def _told(sweep: KeptSweep) -> Markup:
    head, trials = sweep.head, list(sweep.trials.values())
    states = [trial.state for trial in trials]
    counts = [
        f"{states.count(state):,} {state}"
        for state in ("done", "pruned", "failed", "running", "waiting")
        if state in states
    ]
    end = sweep.end
    method = str(head.sweep.get("method", "random"))
    found: list[tuple[str, object]] = [
        ("method", method if head.kind == "sweep" else head.kind),
        ("trials", f"{len(trials):,}" + (f" ({', '.join(counts)})" if counts else "")),
        ("trainings of each", _fits(sweep)),
        ("epochs of a training", whole(head.epochs) if head.epochs else "–"),
        ("judged by", f"{head.metric} on held-out rows"),
        ("pruning", setting(head.sweep.get("pruning", "none"))),
        ("seed of the search", setting(head.sweep.get("seed", 0))),
        ("began", moment(head.began)),
        ("state", sweep.state),
    ]
    if end is not None:
        found.append(("time in all", duration(end.seconds)))
    return facts(found)


def _fits(sweep: KeptSweep) -> str:
    seeds, folds = int(sweep.head.sweep.get("seeds", 1)), int(sweep.head.sweep.get("folds", 0))
    return plural(seeds, "seed") + (f" × {folds} folds" if folds else "")


def _searches(sweep: KeptSweep) -> Markup:
    rows = list(sweep.head.searches.items())
    if not rows:
        return Markup("")
    return table(("Hyperparameter", "Tried"), rows, code={1}, caption="What was searched.")


def _warning(sweep: KeptSweep) -> Markup:
    warning = spread_warning(sweep.trials.values(), sweep.metric)
    return callout(warning, kind="warn") if warning else Markup("")


def _best_trials(sweep: KeptSweep, best: Sequence[Trial]) -> Markup:
    if not best:
        return tag("p", "No trial has come to its end.")
    names = list(sweep.head.searches) or sorted({name for trial in best for name in trial.values})
    several = sweep.fits_each > 1
    score_name = f"{sweep.metric} (mean ± spread)" if several else sweep.metric
    headings = (
        "Trial",
        *names,
        score_name,
        f"{sweep.metric} on training rows",
        "parameters",
        "FLOPs of a training",
        "time",
    )
    rows = [
        (
            f"#{trial.number}",
            *(value_text(trial.values.get(name, "–")) for name in names),
            spread(sweep.metric, trial.score, trial.spread if several else math.nan),
            score(sweep.metric, trial.train_score),
            whole(trial.parameters),
            short(trial.flops),
            duration(trial.seconds),
        )
        for trial in best[:MOST_TRIALS]
    ]
    caption = f"The best {len(rows)} of {plural(len(best), 'trial')} that were trained to the end"
    caption += (
        ", by the mean on held-out rows; the spread is the standard deviation over seeds and folds."
        if several
        else ", by held-out rows."
    )
    right = set(range(1, len(headings)))
    return table(headings, rows, right=right, caption=caption, best=0)


# Pictures


def _pictures(sweep: KeptSweep, best: Sequence[Trial]) -> Markup:
    if len(best) < 2:
        return Markup("")
    axes = search_axes(sweep)
    wide = (
        parallel(_some(best), [*axes, measured(sweep.metric, [t.score for t in best])], sweep.metric)
        if axes
        else ""
    )
    charts = [
        _progress(sweep, best),
        *_against(sweep, best, axes),
        _front(sweep, best),
        _importance(sweep, axes),
    ]
    return joined(wide, tag("div", [chart for chart in charts if chart], class_="charts"))


def _some(best: Sequence[Trial]) -> list[Trial]:
    """Those that are drawn, the best first."""
    if len(best) <= MOST_DOTS:
        return list(best)
    rest = best[BEST_DOTS:]
    places = np.linspace(0, len(rest) - 1, MOST_DOTS - BEST_DOTS).round().astype(int)
    return [*best[:BEST_DOTS], *(rest[k] for k in places.tolist())]


def _left_out(best: Sequence[Trial]) -> str:
    return f" {MOST_DOTS} of {len(best):,} are drawn." if len(best) > MOST_DOTS else ""


def _shares(trials: Sequence[Trial], metric: str) -> dict[int, float]:
    """From 0, the poorest, to 1, the best, by rank: so that a few bad trials do not take all colours."""
    last = max(len(trials) - 1, 1)
    return {trial.number: 1 - place / last for place, trial in enumerate(ranked(trials, metric))}


def _dot(trial: Trial, x: float, y: float, sweep: KeptSweep, shares: dict[int, float], best: int) -> Dot:
    values = ", ".join(f"{name} {value_text(value)}" for name, value in trial.values.items())
    told = f"#{trial.number}: {sweep.metric} {score(sweep.metric, trial.score)}; {values}"
    return Dot(x, y, told, shares.get(trial.number, math.nan), trial.number == best)


def _progress(sweep: KeptSweep, best: Sequence[Trial]) -> Markup:
    """Best so far over the number of the trial."""
    in_order = sorted(best, key=lambda trial: trial.number)
    so_far = best_so_far(in_order, sweep.metric)
    last = max(sweep.trials, default=0)
    points = [(float(number), value) for number, value in so_far]
    points.append((float(last), so_far[-1][1]))
    shares = _shares(best, sweep.metric)
    dots = [_dot(t, float(t.number), t.score, sweep, shares, best[0].number) for t in _some(best)]
    line = Line("best so far", points, 1, step=True)
    told = f"Each dot is a trial; the line is the best {sweep.metric} until then.{_left_out(best)}"
    frame = Frame("number of the trial", sweep.metric, told, whole_x=True)
    return figure(line_chart([line, Line("", [], dots=dots)], frame), told)


def _against(sweep: KeptSweep, best: Sequence[Trial], axes: Sequence[Axis]) -> list[Markup]:
    """The score against each searched hyperparameter."""
    shares, drawn = _shares(best, sweep.metric), _some(best)
    found = []
    for axis in axes[:6]:
        places = axis.places([trial.values.get(axis.name) for trial in drawn])
        pairs = [(t, p) for t, p in zip(drawn, places.tolist(), strict=True) if math.isfinite(p)]
        if len({place for _, place in pairs}) < 2:
            continue
        names = [value_text(value) for value in axis.values] if axis.is_listed else []
        log = axis.kind == "log"
        dots = [_dot(t, 10**p if log else p, t.score, sweep, shares, best[0].number) for t, p in pairs]
        told = f"{sweep.metric} of each trial against {axis.name}; the ring is the best trial."
        found.append(
            figure(scatter(dots, Frame(axis.name, sweep.metric, told, log_x=log, x_names=names)), told)
        )
    return found


def _front(sweep: KeptSweep, best: Sequence[Trial]) -> Markup:
    """Score against cost, with those that none beats in both joined."""
    costs = {trial.parameters for trial in best}
    cost, label = (
        ("parameters", "learnt parameters") if len(costs) > 1 else ("seconds", "seconds of training")
    )
    front = pareto(best, cost, sweep.metric)
    shares = _shares(best, sweep.metric)
    dots = [
        _dot(t, float(getattr(t, cost)), t.score, sweep, shares, best[0].number) for t in best[:MOST_DOTS]
    ]
    values = [dot.x for dot in dots if dot.x > 0]
    if len(set(values)) < 2:
        return Markup("")
    points = [(float(getattr(t, cost)), t.score) for t in front]
    told = f"{sweep.metric} against {label}; the line joins the trials that no other beats in both."
    frame = Frame(label, sweep.metric, told, log_x=max(values) > 20 * min(values))
    return figure(
        line_chart([Line("Pareto front", points, 4, 1, step=True), Line("", [], dots=dots)], frame), told
    )


def _importance(sweep: KeptSweep, axes: Sequence[Axis]) -> Markup:
    try:
        found = importance(sweep.trials.values(), sweep.metric, axes)
    except GraphlabError:
        return Markup("")
    largest = max(found.shares.values(), default=0.0) or 1.0
    rows = [(name, share / largest, f"{100 * share:.0f} %") for name, share in found.shares.items()]
    told = f"Importance: each hyperparameter's share of the score's variance ({found.method}, {found.trials} trials)."
    return figure(bars(rows, told), told)


def _failed(sweep: KeptSweep) -> Markup:
    """Why trials failed, each reason once."""
    reasons: dict[str, list[int]] = {}
    for trial in sweep.trials.values():
        if trial.state == "failed":
            reasons.setdefault(trial.error or "no reason was kept", []).append(trial.number)
    if not reasons:
        return Markup("")
    rows = [
        (reason, str(len(numbers)), ", ".join(f"#{n}" for n in numbers[:12]))
        for reason, numbers in reasons.items()
    ]
    return joined(tag("h3", "Trials that failed"), table(("Why", "Count", "Trials"), rows, right={1}))


# The test rows


def final(sweep: KeptSweep) -> Markup:
    """The final evaluation of this sweep, and how often the test rows of the document were opened at all."""
    openings = sweep.openings()
    mine = [opening for opening in openings if opening.sweep == sweep.head.id]
    times = len(openings)
    heading = tag("h3", "Final evaluation")
    if not times:
        return joined(heading, tag("p", "The test rows are sealed: they have not been opened yet."))
    told = f"The test rows of this document have been opened {plural(times, 'time')}"
    told += f", {len(mine)} of them in this sweep." if len(mine) != times else "."
    rows = [
        (
            moment(opening.when),
            f"#{opening.trial}",
            score(opening.metric, opening.score),
            f"{score(opening.metric, opening.low)} to {score(opening.metric, opening.high)}",
            whole(opening.rows),
            ", ".join(score(opening.metric, value) for value in opening.scores),
        )
        for opening in mine
    ]
    headings = (
        "When",
        "Trial",
        mine[0].metric if mine else "score",
        "95 % interval",
        "Test rows",
        "Of each training",
    )
    made = table(headings, rows, right={2, 3, 4, 5}, caption="Measured on the test rows.") if rows else ""
    warning = (
        callout(
            "Test rows that were looked at more than once are no longer fresh: whoever chooses by them fools himself.",
            kind="warn",
        )
        if times > 1
        else ""
    )
    return joined(heading, tag("p", told), made, warning)


def best_of(sweep: KeptSweep) -> list[tuple[str, str]]:
    """The figures that stand at the top of the page."""
    best = ranked(sweep.trials.values(), sweep.metric)
    found = [("trials", whole(len(sweep.trials)))]
    if best:
        name = "best" if rises(sweep.metric) else "least"
        found.insert(0, (f"{name} {sweep.metric} on held-out rows", score(sweep.metric, best[0].score)))
        found.append(("parameters of the best", whole(best[0].parameters)))
    first = next((one for one in sweep.openings() if one.sweep == sweep.head.id), None)
    if first is not None:  # what was said when the rows were still fresh
        told = f"{first.metric} on test rows, of #{first.trial}"
        found.insert(1, (told, score(first.metric, first.score)))
    return found
