"""`graphlab lr-find` and `graphlab race`: what a network can take, and which optimizer is first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import click

from ..engine import Trainer
from ..engine.experiments.race import Race, Standing, order, read_racers
from ..engine.experiments.rates import HIGH, LOW, STEPS, RateFinder, plain_rate, told
from ..engine.summary import figure
from . import sources
from .console import as_json, print_json, say, screen, show, table
from .progress import Interruption, metric_text
from .show import plural
from .train import data_for

INTERRUPTED = 130
ROWS = 16  # of the table of rates
BAR = 24  # characters of the longest bar

DATA = click.option(
    "--data",
    metavar="NAME|FILE",
    help="Data for a graph with inputs named x and target: a data set, e.g. xor, or a .csv, .npy or .npz file.",
)
GO_ON = click.option(
    "--continue", "go_on", is_flag=True, help="Begin with the weights in the file instead of fresh ones."
)


def _trainer(what: str, settings: tuple[str, ...], data: str | None, go_on: bool, **changes: Any) -> Trainer:
    source = sources.open_source(what, settings, weights=go_on)
    source.graph.configure(**{name: value for name, value in changes.items() if value is not None})
    trainer = Trainer(source.graph, data=data_for(data, source) if data else None)
    trainer.run.require_trainable()
    source.dress(trainer.run)
    return trainer


def _drain(work: Iterator[None], total: int, done: Any, words: str) -> bool:
    """Does the work with a bar on a terminal; whether it was interrupted."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = screen(stderr=True)
    columns = TextColumn(words), BarColumn(), TimeRemainingColumn(compact=True)
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with Interruption() as wish, bar:
        task = bar.add_task("", total=total)
        for _ in work:
            bar.update(task, completed=done())
            if wish.asked:
                return True
    return False


@click.command("lr-find")
@sources.what
@sources.settings
@click.option("--low", type=float, default=LOW, show_default=True, help="The rate of the first step.")
@click.option("--high", type=float, default=HIGH, show_default=True, help="The rate of the last step.")
@click.option("--steps", type=int, default=STEPS, show_default=True, help="How many steps are tried.")
@click.option("--batch-size", type=int, help="Examples in one step.")
@click.option("--seed", type=int, help="Chooses the initial weights and the batches.")
@DATA
@GO_ON
@as_json
def lr_find(
    what: str,
    settings: tuple[str, ...],
    low: float,
    high: float,
    steps: int,
    data: str | None,
    go_on: bool,
    as_json: bool,
    **changes: Any,
) -> int:
    """Find a learning rate for a graph: steps at higher and higher rates, and where the loss fell fastest.

    The file stays as it is. The optimizer is that of the document.
    """
    trainer = _trainer(what, settings, data, go_on, **changes)
    finder = RateFinder(trainer, low, high, steps)
    interrupted = _drain(finder.work(), steps, lambda: len(finder.losses), "trying rates")
    found = finder.suggestion
    if as_json:
        print_json(
            {
                "rates": finder.rates.tolist(),
                "losses": finder.losses.tolist(),
                "smoothed": finder.smoothed.tolist(),
                "steepest": found.steepest if found else None,
                "tenth_of_least": found.tenth if found else None,
                "ended": finder.why or "interrupted",
            }
        )
    else:
        _print_rates(finder, trainer)
    return INTERRUPTED if interrupted else 0


def _print_rates(finder: RateFinder, trainer: Trainer) -> None:
    """Some of the rates, each with its loss as a number and as a bar, and what they say."""
    rates, means, found = finder.rates, finder.smoothed, finder.suggestion
    made = table("rate", "mean loss", "", right=("rate", "mean loss"))
    chosen = sorted({round(k * (len(rates) - 1) / (ROWS - 1)) for k in range(ROWS)}) if len(rates) else []
    low, high = (float(means.min()), float(means[: max(int(means.argmin()), 1)].max())) if chosen else (0, 1)
    for k in chosen:
        share = min(max((float(means[k]) - low) / (high - low or 1.0), 0.0), 1.0)
        made.add_row(f"{rates[k]:.2g}", figure(float(means[k])), "█" * round(BAR * share) or "▏")
    show(made)
    say(" ".join(told(found)).strip())
    say(
        f"{plural(len(rates), 'step')} of {trainer.run.document.training.optimizer}; {finder.why or 'interrupted'}."
    )
    if found is not None:
        say(f"Try --lr {plain_rate(found.steepest):g}, or {plain_rate(found.tenth):g} to be careful.")


@click.command()
@sources.what
@sources.settings
@click.option(
    "--optimizers",
    default="SGD,Adam,RMSprop",
    show_default=True,
    metavar="NAME[:LR],…",
    help="Who races; without a rate of its own, each has the document's.",
)
@click.option("--epochs", type=int, help="How often to go through the data.")
@click.option("--lr", type=float, help="The learning rate of those that name none.")
@click.option("--batch-size", type=int, help="Examples in one step.")
@click.option("--seed", type=int, help="Chooses the initial weights and the batches, the same for all.")
@DATA
@GO_ON
@as_json
def race(
    what: str,
    settings: tuple[str, ...],
    optimizers: str,
    data: str | None,
    go_on: bool,
    as_json: bool,
    **changes: Any,
) -> int:
    """Train a graph with several optimizers, from the same weights and on the same batches, and say who is first.

    The file stays as it is. The same race ends the same, bit by bit.
    """
    trainer = _trainer(what, settings, data, go_on, **changes)
    made = Race(trainer, read_racers(optimizers, trainer.run.document.training), fresh=not go_on)
    interrupted = _drain(made.work(), made.steps, lambda: made.done, "racing")
    (_print_race_json if as_json else _print_race)(made, trainer)
    return INTERRUPTED if interrupted else 0


def _print_race_json(made: Race, trainer: Trainer) -> None:
    standings = made.standings()
    racers = [
        {
            "optimizer": made.racers[k].optimizer,
            "lr": made.racers[k].lr,
            "steps": standings[k].step,
            "loss": _or_none(standings[k].loss),
            "best_loss": _or_none(standings[k].best),
            "best_step": standings[k].best_step,
            "validation_loss": standings[k].validation_loss,
            **standings[k].metrics,
            "seconds": standings[k].seconds,
            "ended": standings[k].ended,
            "losses": made.runners[k].losses,
        }
        for k in order(standings)
    ]
    print_json({"seed": trainer.run.clock.seed, "steps": made.steps, "racers": racers})


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print_race(made: Race, trainer: Trainer) -> None:
    standings = made.standings()
    places = order(standings)
    names = list(dict.fromkeys(name for s in standings for name in s.metrics))
    held_out = any(s.validation_loss is not None for s in standings)
    of = "validation " if held_out else ""
    heads = ["loss", *([f"{of}loss"] if held_out else []), *(f"{of}{name}" for name in names), "ms/step"]
    rows = table("", "optimizer", "rate", *heads, "", right=("rate", *heads))
    for place, k in enumerate(places, 1):
        racer, s = made.racers[k], standings[k]
        cells = _cells(s, names, held_out)
        first = "" if s.ended else str(place)
        rows.add_row(first, racer.optimizer, f"{racer.lr:g}", *cells, s.ended, style="dim" if s.ended else "")
    show(rows)
    say(f"{plural(made.done, 'step')} each, seed {trainer.run.clock.seed}.")


def _cells(s: Standing, metrics: Sequence[str], held_out: bool) -> list[str]:
    loss = [figure(s.loss) if math.isfinite(s.loss) else "–"]
    if held_out:
        loss.append("–" if s.validation_loss is None else figure(s.validation_loss))
    told_metrics = [metric_text(name, s.metrics[name]) if name in s.metrics else "–" for name in metrics]
    return [*loss, *told_metrics, f"{1000 * s.seconds / max(s.step, 1):.2g}"]
