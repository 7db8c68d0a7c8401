"""`graphlab train`: training in the terminal, with a progress bar, closing figures, and a clean end at Ctrl+C."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from .. import data as datasets
from ..data.division import Division
from ..data.files import KINDS
from ..engine import OPTIMIZERS, SCHEDULES, Evaluation, Trainer, infer
from ..engine.stopping import asks_each_epoch
from ..engine.summary import figure
from ..engine.threads import threads as blas_threads
from ..engine.training import too_large
from ..errors import FileError, SettingsError
from ..graph.document import STOP_ON
from . import sources
from .console import as_json, note, print_json, say, show, table
from .ending import Ending
from .keeping import kept
from .progress import Interruption, Lines, Meter, Progress, Silent, drive, metric_text
from .sealed import Tests, require_tests, sealed_of, tests_of
from .show import plural

SPLITS = ("train", "validation")
INTERRUPTED = 130


@click.command()
@sources.what
@sources.settings
@click.option("--epochs", type=int, help="How often to go through the data.")
@click.option("--lr", type=float, help="The learning rate.")
@click.option("--batch-size", type=int, help="Examples in one step.")
@click.option(
    "--optimizer", type=click.Choice(list(OPTIMIZERS), case_sensitive=False), help="What makes the steps."
)
@click.option(
    "--schedule",
    type=click.Choice(list(SCHEDULES), case_sensitive=False),
    help="How the learning rate changes.",
)
@click.option(
    "--seed", type=int, help="Chooses all random numbers; the same seed gives the same weights, bit by bit."
)
@click.option(
    "--split-seed",
    type=int,
    metavar="SEED",
    help="Chooses which rows are held out; without it, --seed does that as well.",
)
@click.option(
    "--rows", type=float, default=1.0, metavar="SHARE", help="Learn from this share of the training rows."
)
@click.option(
    "--fold", metavar="I/K", help="Hold out the fold I of K instead of the validation rows, e.g. 1/5."
)
@click.option("--threads", type=int, metavar="N", help="BLAS threads; 1 by default, or GRAPHLAB_THREADS.")
@click.option("--test", "opens", is_flag=True, help="Measure on the test rows as well; that is counted.")
@click.option("--no-test", is_flag=True, hidden=True, expose_value=False, help="As it is without --test.")
@click.option(
    "--data",
    metavar="NAME|FILE",
    help="Data for a graph with inputs named x and target: a data set, e.g. xor, or a .csv, .npy or .npz file.",
)
@click.option(
    "--continue", "go_on", is_flag=True, help="Begin with the weights in the file instead of fresh ones."
)
@click.option(
    "--save", type=click.Path(path_type=Path), metavar="OUT", help="Save graph and weights as OUT.graphlab."
)
@click.option("--stop-patience", type=int, metavar="N", help="Stop after N epochs without improvement.")
@click.option("--stop-on", type=click.Choice(STOP_ON), help="What has to improve, on held-out rows if any.")
@click.option("--min-delta", type=float, help="Less than this is no improvement.")
@click.option("--stop-loss", type=float, help="Stop when the loss of an epoch is below this.")
@click.option("--stop-seconds", type=float, help="Stop after so many seconds of training.")
@click.option(
    "--keep-best/--no-keep-best", default=None, help="End with the weights of the best epoch, not the last."
)
@click.option(
    "--save-best",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Save graph and weights as OUT.graphlab whenever an epoch is the best until then.",
)
@click.option("--no-record", is_flag=True, help="Do not keep this training as a run (see graphlab runs).")
@as_json
def train(
    what: str,
    settings: tuple[str, ...],
    data: str | None,
    go_on: bool,
    save: Path | None,
    save_best: Path | None,
    no_record: bool,
    as_json: bool,
    split_seed: int | None,
    rows: float,
    fold: str | None,
    opens: bool,
    threads: int | None,
    **changes: Any,
) -> int:
    """Train a graph and say how good it became.

    What is not given is taken from the document. Ctrl+C ends training early: what was reached is measured and saved.
    It is kept as a run beside FILE, or with your settings for an example; graphlab runs lists them.

    Test rows stay sealed without --test. Each time they are opened is written down: once something is chosen by them,
    they are validation rows.
    """
    click.get_current_context().with_resource(blas_threads(threads))
    source = sources.open_source(what, settings, weights=go_on)
    seed = None if split_seed is None else _seed(source, changes.pop("seed"))
    changes |= {} if split_seed is None else {"seed": split_seed}
    source.graph.configure(**{name: value for name, value in changes.items() if value is not None})
    target, best = (_place(path) if path else None for path in (save, save_best))
    trainer = Trainer(
        source.graph,
        data=data_for(data, source) if data else None,
        seed=seed,
        division=division(rows, fold),
    )
    trainer.run.require_trainable()
    if opens:
        require_tests(trainer, source)
    source.dress(trainer.run)
    if words := too_large(trainer.batch_size, trainer.batches.count("train")):
        note(words)
    epochs = source.graph.document.training.epochs
    meter = _meter(as_json, epochs)
    ending = Ending(trainer, partial(_save, source, best, trainer) if best else None)
    with Interruption() as wish:
        kept_by = meter if no_record else kept(meter, trainer, source.path, wish, ending)
        drive(trainer, epochs, kept_by, wish, ending)
    trained = (trainer.epoch, trainer.steps_done)
    returned = ending.go_back()
    results = {split: trainer.evaluate(split) for split in SPLITS if trainer.batches.count(split)}
    if target:
        _save(source, target, trainer)
    tests = tests_of(trainer, source, results) if opens else sealed_of(trainer, source)
    end = End(source, trainer, results, tests, target, wish.asked, ending, *trained, returned)
    (_print_end_json if as_json else _print_end)(end)
    return INTERRUPTED if wish.asked else 0


def _meter(as_json: bool, epochs: int) -> Meter:
    from .console import screen

    if as_json:
        return Lines()
    return Progress(epochs) if screen(stderr=True).is_terminal else Silent(epochs)


def _seed(source: sources.Source, given: int | None) -> int:
    """That of weights and batches, where another chooses the rows. SettingsError."""
    if given is not None:
        source.graph.configure(seed=given)  # says what a seed may be
    return source.graph.document.training.seed


def division(rows: float, fold: str | None) -> Division:
    """What --rows and --fold say. SettingsError."""
    if not 0 < rows <= 1:
        raise SettingsError(f"--rows cannot be {rows:g}.", hint="Give a share of the rows, such as 0.3.")
    if fold is None:
        return Division(share=rows)
    number, slash, count = fold.partition("/")
    if not (
        slash
        and number.isdecimal()
        and count.isdecimal()
        and int(count) >= 2
        and 1 <= int(number) <= int(count)
    ):
        raise SettingsError(f"--fold {fold} names no fold.", hint="Write such as --fold 1/5.")
    return Division(int(count), int(number) - 1, rows)


def data_for(name: str, source: sources.Source) -> datasets.Data:
    """The data set or file, split as the document says; a data set as images where x has four axes."""
    training = source.graph.document.training
    if Path(name).suffix.lower() in KINDS:
        found = datasets.read(name).data
    else:
        x = infer(source.graph).specs.get((source.graph.document.ids_by_name.get("x", ""), "y"))
        found = datasets.load(name, layout="image" if x is not None and x.ndim == 4 else "flat")
    held_out = (training.validation, training.test) if found.held_out else (0.0, 0.0)
    return found.split(*held_out, training.seed)


def _place(path: Path) -> Path:
    """Where to save; found to be impossible before training rather than after it. FileError."""
    if path.is_dir():
        raise FileError(f"{path} is a folder.", hint="Give a file name, e.g. trained.graphlab.")
    path = path if path.suffix else path.with_suffix(sources.SUFFIX)
    if not path.parent.is_dir():
        raise FileError(f"There is no folder '{path.parent}' to save in.")
    return path


def _save(source: sources.Source, path: Path, trainer: Trainer) -> None:
    from ..io import save

    save(source.graph, path, weights=trainer.run)


@dataclass(frozen=True)
class End:
    """How a training ended, after so many `epochs` and `steps`. returned: to the best epoch."""

    source: sources.Source
    trainer: Trainer
    results: dict[str, Evaluation]
    tests: Tests
    saved: Path | None
    interrupted: bool
    ending: Ending
    epochs: int
    steps: int
    returned: bool


def _print_end_json(end: End) -> None:
    trainer, best = end.trainer, end.ending.best
    figures = {split: {"rows": r.count, "loss": r.loss, **r.metrics} for split, r in end.results.items()}
    measured = best is not None and asks_each_epoch(trainer.run.document.training)
    print_json(
        {
            "event": "end",
            "graph": end.source.graph.name,
            "epochs": end.epochs,
            "steps": end.steps,
            "seconds": trainer.seconds,
            "seed": trainer.run.clock.seed,
            "interrupted": end.interrupted,
            "saved": str(end.saved) if end.saved else None,
            **({"stopped": end.ending.reason} if end.ending.reason else {}),
            **({"best": {"epoch": best.epoch, best.name: best.value}} if best and measured else {}),
            **figures,
            **({"test_rows": end.tests.rows, "opened": end.tests.opened} if end.tests.rows else {}),
        }
    )


def _print_end(end: End) -> None:
    trainer, best, seconds = end.trainer, end.ending.best, end.trainer.seconds
    speed = f" ({end.steps / seconds:,.0f} steps/s)" if seconds else ""
    how = "Stopped" if end.interrupted or end.ending.reason else "Trained"
    say(
        f"{how} {end.source.graph.name} after {plural(end.epochs, 'epoch')}, {plural(end.steps, 'step')} "
        f"in {seconds:.2g} s{speed}, seed {trainer.run.clock.seed}."
    )
    if end.ending.reason:
        say(f"Training ended because {end.ending.reason}.")
    if end.returned and best is not None:
        say(f"The weights are those of the best epoch ({best.told}).")
    metrics = list(next(iter(end.results.values())).metrics)
    made = table("", "rows", "loss", *metrics, right=("rows", "loss", *metrics))
    for split, result in end.results.items():
        values = [metric_text(name, result.metrics[name]) for name in metrics]
        made.add_row(
            split, f"{result.count:,}", figure(result.loss), *values, style="" if split != "train" else "dim"
        )
    show(made)
    if end.tests.rows:
        say(end.tests.words, style="yellow" if end.tests.is_open and end.tests.opened > 1 else "")
    if end.saved:
        say(f"Saved as {end.saved}.")
