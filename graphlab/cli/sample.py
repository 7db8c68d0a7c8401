"""`graphlab sample`: a text that a trained network writes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from ..data.characters import sign
from ..data.text import characters_of, encode, unknown_words
from ..engine import Run
from ..engine.beside import Beside
from ..engine.language import Language, language
from ..errors import DataError
from ..lab.carrying import memory
from ..lab.generating import (
    AHEAD,
    NOT_AHEAD,
    Floats,
    Manner,
    Read,
    Writing,
    looks_ahead,
    probes,
    softmax,
    write,
)
from . import sources
from .console import as_json, note, print_json, say, show, table

Array = npt.NDArray[Any]
MOST = 10  # characters whose probabilities are shown


@click.command()
@sources.what
@click.option("--prompt", default="", help="What the text begins with. \\n is the end of a line.")
@click.option("--length", default=200, show_default=True, help="How many characters to write.")
@click.option(
    "--temperature", default=1.0, show_default=True, help="Below 1 it dares less; 0 takes the likeliest."
)
@click.option("--top-k", default=0, help="Draw from so many of the likeliest only; 0 for all.")
@click.option("--top-p", default=1.0, help="Draw from the fewest likeliest that have this share together.")
@click.option("--seed", default=0, show_default=True, help="The same seed writes the same text.")
@click.option(
    "--until", default="", metavar="TEXT", help="Stop when this was written. \\n is the end of a line."
)
@click.option(
    "--next", "only_next", is_flag=True, help="Write nothing; show what may come next, and how likely."
)
@click.option(
    "--window", is_flag=True, help="Read only as many characters as a row has, and carry no state on."
)
@sources.settings
@as_json
def sample(
    what: str,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int,
    top_p: float,
    seed: int,
    until: str,
    only_next: bool,
    window: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> int:
    """Let a trained network write, character by character.

    FILE is a graph with weights in which a text goes in and a loss judges the next character, such as an example that
    `graphlab train names-gru --save out` has trained. Characters of the prompt that it has never seen are left out.
    A recurrent network carries its state on from character to character; others read the end of the text, as long as
    their rows are.
    """
    manner = Manner(temperature, top_k, top_p, seed)
    source = sources.open_source(what, settings)
    run = source.dress(Run(source.graph))
    run.plan.require_healthy()
    where, alphabet = found_in(run)
    read_rows = rows_reader(run, where)
    codes, unknown = encode(_spelled(prompt), alphabet)
    if unknown:
        note(unknown_words(unknown), "yellow")
    if not source.weights:
        note(f"{source.graph.name} has no trained weights: it writes at random.", "yellow")
    probed = read_rows(probes(where.length))
    if where.at_each and looks_ahead(probed, where.length, len(alphabet)):
        raise DataError(AHEAD, hint=NOT_AHEAD)
    start = Writing(alphabet, where.length, tuple(codes.tolist()), manner=manner)
    carried = None if window else memory(run, where, len(alphabet))
    read = carried.read if carried is not None else lambda writing: read_rows(writing.row(not where.at_each))
    if only_next:
        _tell_next(start, read, where, as_json)
    elif as_json:
        *_, end = (start, *write(read, start, length, _spelled(until), not where.at_each))
        print_json({"prompt": _text_of(start), "text": end.text, "seed": seed, "unknown": list(unknown)})
    else:
        _print(start, read, where, length, _spelled(until))
    return 0


def found_in(run: Run) -> tuple[Language, tuple[str, ...]]:
    """Where a run's graph reads and scores characters, and what they are. DataError where it does not."""
    where = language(run.plan.inference)
    alphabet = characters_of(run.plan.op(where.source)) if where is not None else ()
    if where is None or not alphabet:
        raise DataError(
            "Nothing here says which character comes next.",
            hint="Wire a Text to the network, and its target to a loss such as CrossEntropyLoss.",
        )
    return where, alphabet


def rows_reader(run: Run, where: Language) -> Callable[[Array], Array]:
    """Asks the network beside the run: rows of characters → what it gives for them."""
    beside = Beside(run)

    def read(rows: Array) -> Array:
        return beside.of_arrays({where.reads: rows}, [where.scores]).values[where.scores]

    return read


def _print(start: Writing, read: Read, where: Language, length: int, until: str) -> None:
    """As it is written."""
    sys.stdout.write(_text_of(start))
    before = 0
    for now in write(read, start, length, until, not where.at_each):
        sys.stdout.write(now.text[before:])
        sys.stdout.flush()
        before = len(now.text)
    sys.stdout.write("\n")


def _tell_next(start: Writing, read: Read, where: Language, as_json: bool) -> None:
    filled = not where.at_each
    chances = softmax(start.scores(read(start), filled))
    if as_json:
        found = dict(zip(start.alphabet, chances.tolist(), strict=True))
        print_json({"prompt": _text_of(start), "next": found})
        return
    say(f"After “{_text_of(start)}”:" if start.prompt else "At the beginning:")
    made = table("character", "probability", right=("probability",))
    for code in _likeliest(chances):
        made.add_row(sign(start.alphabet[code]), f"{chances[code]:.1%}".replace("%", " %"))
    show(made)


def _likeliest(chances: Floats) -> list[int]:
    found: list[int] = np.argsort(-chances, kind="stable")[:MOST].tolist()
    return found


def _text_of(start: Writing) -> str:
    return "".join(start.alphabet[k] for k in start.prompt)


def _spelled(words: str) -> str:
    """A prompt of the command line, in which \\n stands for the end of a line."""
    return words.replace("\\n", "\n").replace("\\t", "\t")
