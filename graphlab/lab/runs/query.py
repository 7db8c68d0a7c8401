"""Filters of runs: `lr<0.01 tag:good acc>0.9 adam -interrupted`; see `lab/query` for the language.

A word alone is looked for in name, graph, state, optimizer, tags and note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from .. import query
from .columns import column_for, columns_of
from .kept import KeptRun


def matching(runs: Sequence[KeptRun], text: str) -> list[KeptRun]:
    """The runs that a filter lets through, in their order. ConditionError when it cannot be understood."""
    return query.matching(runs, text, words_of(runs))


def words_of(runs: Sequence[KeptRun]) -> query.Words[KeptRun]:
    """What a filter of these runs may say."""
    known = [column.key for column in columns_of(runs)]
    return query.Words("Runs", partial(column_for, runs=runs), known, _texts, ("tags",))


def _texts(run: KeptRun) -> Iterable[str]:
    labels = run.labels
    found = (run.name, run.head.graph, run.state, run.training.get("optimizer", ""), labels.note)
    return map(str, (*found, " ".join(labels.tags)))
