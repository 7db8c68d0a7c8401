"""`graphlab wants`, `graphlab why` and `graphlab dream`: what units want to see, and what an answer rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
import numpy.typing as npt

from ..data.arrays import open_array
from ..data.pictures import as_floats, picture_for, read_picture, to_png, within
from ..engine import Run, Trainer
from ..engine.goals import as_place
from ..engine.wants.climb import Knobs
from ..engine.wants.dream import Sleep
from ..engine.wants.fooling import shown
from ..engine.wants.why import BASES, METHODS, Reason
from ..errors import FileError, GraphlabError
from ..io.saving import write_atomically
from ..io.trained import trained_example
from ..lab import wants as lab
from ..lab.contact_sheet import as_bytes, enlarged, in_a_row, signed
from . import sources
from .console import as_json, print_json, say

Array = npt.NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])
LARGE = 280  # pixels of a side that a small picture is enlarged to, about
BEST = 8
MOST_DREAMT = 512 * 512  # pixels of a picture that is dreamt upon

of_trained: Callable[[F], F] = click.option(
    "--trained", is_flag=True, help="Take the pre-trained weights of the example."
)
steps_before: Callable[[F], F] = click.option(
    "--train", type=click.IntRange(0, 1_000_000), default=0, metavar="STEPS", help="Train before that."
)
to: Callable[[F], F] = click.option(
    "--out", type=click.Path(path_type=Path), metavar="OUT.png", help="Save the picture there."
)


def opened(what: str, settings: Sequence[str], trained: bool, train: int) -> Trainer | Run:
    """A trainer with the weights that were asked for; a run where there is no data. FileError, ParamError."""
    source = sources.open_source(what, settings)
    if trained:
        source.weights |= trained_example(what).read()[1]
    try:
        found: Trainer | Run = Trainer(source.graph, input_gradients=True, healthy_only=True)
    except GraphlabError:
        if train:
            raise
        found = Run(source.graph)
    source.dress(found.run if isinstance(found, Trainer) else found)
    if isinstance(found, Trainer):
        for _ in range(train):
            found.train_step()
    return found


@click.command()
@sources.what
@click.argument("node", metavar="NODE")
@click.option(
    "--at", "place", default="", metavar="C[,Y,X]", help="Which channel, class or unit; else the whole."
)
@click.option("--steps", type=int, default=Knobs().steps, show_default=True, help="Steps of gradient ascent.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the noise that it begins with.")
@click.option(
    "--best", is_flag=True, help=f"Put the {BEST} training samples at which it says most beside it."
)
@of_trained
@steps_before
@sources.settings
@to
@as_json
def wants(
    what: str,
    node: str,
    place: str,
    steps: int,
    seed: int,
    best: bool,
    trained: bool,
    train: int,
    settings: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> int:
    """Find the picture at which a unit says most, by gradient ascent from noise.

    NODE is a layer. With --at 3 it is what its channel (or class) 3 wants.
    """
    _require_png(out)
    found = opened(what, settings, trained, train)
    at = as_place(place)
    wanted = lab.wants(found, node, at, steps=steps, seed=seed)
    tones = wanted.tones.low, wanted.tones.high
    pictures = [as_bytes(wanted.picture, *tones)]
    top = None
    if best and isinstance(found, Trainer):
        top = lab.best_samples(found, node, at, count=BEST)
        pictures += [as_bytes(picture, *tones) for picture in top.pictures]
    if out is not None:
        _save(out, in_a_row(pictures, BEST + 1))
    if as_json:
        more = {} if top is None else {"rows": top.rows, "values": top.values}
        print_json({"unit": wanted.title, "curve": wanted.curve, "picture": wanted.picture, **more})
        return 0
    begin, end = wanted.curve[0], wanted.curve[-1]
    say(f"{wanted.title} says {begin:.4g} of noise, and {end:.4g} after {steps:,} steps.")
    if top is not None:
        told = ", ".join(f"{row} ({value:.3g})" for row, value in zip(top.rows, top.values, strict=True))
        say(f"Of the training rows it says most at: {told}.")
    _say_where(out)
    return 0


@click.command()
@sources.what
@click.option("--row", type=int, default=0, show_default=True, help="Which row of the split is looked at.")
@click.option("--split", default="train", show_default=True, help="train, validation or test.")
@click.option("--picture", type=click.Path(path_type=Path), help="A picture of your own in place of a row.")
@click.option("--method", type=click.Choice(list(METHODS)), default="gradient", show_default=True)
@click.option(
    "--label", type=int, default=-1, metavar="CLASS", help="Whose score; else that of the class said."
)
@click.option("--patch", type=int, default=4, show_default=True, help="Side of the patch, for occlusion.")
@click.option("--stride", type=int, default=2, show_default=True, help="How far the patch moves.")
@click.option("--base", type=click.Choice(list(BASES)), default="black", help="What is put where nothing is.")
@click.option(
    "--towards", is_flag=True, help="For fool: go towards --label instead of away from what is said."
)
@of_trained
@steps_before
@sources.settings
@to
@as_json
def why(
    what: str,
    row: int,
    split: str,
    picture: Path | None,
    method: str,
    label: int,
    patch: int,
    stride: int,
    base: str,
    towards: bool,
    trained: bool,
    train: int,
    settings: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> int:
    """Tell which pixels the answer to a picture rests on, or which small step changes it (--method fool).

    The picture shows what goes in and the map beside it: blue speaks for the class, orange against it. For fool the map
    is the direction of the step, and the third picture what becomes of the first.
    """
    _require_png(out)
    found = opened(what, settings, trained, train)
    given: Any = row if picture is None else _fitted(found, picture)
    more: dict[str, Any] = {"patch": patch, "stride": stride, "base": base, "towards": towards}
    reason = lab.why(found, given, method, split=split, label=label, **more)
    if out is not None and reason.map is not None:
        tones = reason.tones.low, reason.tones.high
        pictures = [as_bytes(reason.picture, *tones), signed(reason.map)]
        if reason.fooled is not None:
            size = _flip(reason)
            widest = float(reason.fooled.sizes[-1])
            moved = shown(reason.picture, reason.map, widest if size is None else size, reason.tones)
            pictures.append(as_bytes(moved, *tones))
        _save(out, in_a_row(pictures))
    if as_json:
        told = {"said": reason.classes[reason.said], "chances": reason.chances, "map": reason.map}
        flips = {} if reason.fooled is None else {"size": _flip(reason)}
        print_json(
            {"method": method, "class": reason.classes[reason.label], "score": reason.score, **told, **flips}
        )
        return 0
    say(f"It says {reason.classes[reason.said]}, {reason.chances[reason.said]:.1%} sure.")
    say(_figures(reason))
    _say_where(out)
    return 0


@click.command("dream")
@sources.what
@click.argument("node", metavar="NODE")
@click.argument("picture", type=click.Path(path_type=Path), metavar="PICTURE")
@click.option("--at", "place", default="", metavar="C", help="Which channel; else the whole layer.")
@click.option("--octaves", type=int, default=Sleep().octaves, show_default=True)
@click.option("--steps", type=int, default=Sleep().steps, show_default=True, help="At each size.")
@click.option(
    "--rate", type=float, default=Sleep().rate, show_default=True, help="How far a pixel moves in a step."
)
@click.option("--seed", type=int, default=0, show_default=True)
@of_trained
@steps_before
@sources.settings
@click.option("--out", type=click.Path(path_type=Path), metavar="OUT.png", required=True)
def dream(
    what: str,
    node: str,
    picture: Path,
    place: str,
    octaves: int,
    steps: int,
    rate: float,
    seed: int,
    trained: bool,
    train: int,
    settings: tuple[str, ...],
    out: Path,
) -> int:
    """Make a picture more like what a layer sees in it. It may be larger than what the network looks at."""
    _require_png(out)
    found = opened(what, settings, trained, train)
    more: dict[str, Any] = {"octaves": octaves, "steps": steps, "rate": rate, "seed": seed}
    seen = lab.dream(found, _as_it_is(found, picture), node, as_place(place), **more)
    _save(out, as_bytes(seen))
    _say_where(out)
    return 0


def _figures(reason: Reason) -> str:
    """One line about the map."""
    name = reason.classes[reason.label]
    if reason.fooled is not None:
        size = _flip(reason)
        if size is None:
            return f"No step up to {reason.fooled.sizes[-1]:.3g} a pixel changes that."
        after = reason.classes[int(reason.fooled.said[reason.fooled.flips or 0])]
        return f"A step of {size:.3g} a pixel makes it say {after}."
    if reason.integrated is not None:
        total = reason.integrated.after - reason.integrated.before
        return (
            f"The score of {name} is {total:.4g} above that of nothing; the pixels add up to it within "
            f"{abs(reason.integrated.gap):.2g}, in {reason.integrated.steps} steps."
        )
    return f"The score of {name} is {reason.score:.4g}."


def _flip(reason: Reason) -> float | None:
    fooled = reason.fooled
    return None if fooled is None or fooled.flips is None else float(fooled.sizes[fooled.flips])


def _as_it_is(found: Trainer | Run, path: Path) -> Array:
    """A picture in its own size, in the tones that the network knows. FileError, BrokenFileError, TooLargeError."""
    if path.suffix == ".npy":
        return open_array(path)
    pixels = within(read_picture(path), MOST_DREAMT)
    return lab.tones_for(found).toned(as_floats(pixels))


def _fitted(found: Trainer | Run, path: Path) -> Array:
    """A picture scaled to what the network looks at, and cut to it around the middle."""
    if path.suffix == ".npy":
        return open_array(path)
    return lab.tones_for(found).toned(picture_for(path, *lab.eye_for(found).shape))


def _require_png(out: Path | None) -> None:
    if out is not None and out.suffix.lower() != ".png":
        raise FileError(f"{out} is no name for a picture.", hint="Let it end in .png.")


def _save(out: Path, pixels: npt.NDArray[np.uint8]) -> None:
    times = max(1, LARGE // pixels.shape[0])
    write_atomically(out, to_png(np.moveaxis(enlarged(pixels, times), 2, 0)))


def _say_where(out: Path | None) -> None:
    if out is not None:
        say(f"Wrote {out}.")
