"""A test of an operation and an example, done for all the examples of an operation at once.

As a test of its own each of thousands of examples would take longer for being one than for what it finds out.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from graphlab.ops import Example, Op

Case = tuple[type[Op], Example]


def examples_of(operations: Iterable[type[Op]]) -> list[Case]:
    """Every operation with each of its examples."""
    return [(op, example) for op in operations for example in op.examples]


def each_example(cases: Iterable[Case]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a test of `(op, example, …)` one of `(op, …)` for each operation in the cases.

    All its examples are tried, whichever fail: those are told with their number and what they are. An operation of
    which every example was skipped is skipped.
    """
    examples: dict[type[Op], list[Example]] = {}
    for op, example in cases:
        examples.setdefault(op, []).append(example)

    def over_examples(test: Callable[..., None]) -> Callable[..., None]:
        @pytest.mark.parametrize("op", examples, ids=lambda op: op.__name__)
        @functools.wraps(test)
        def of_all(op: type[Op], **more: Any) -> None:
            _try_all(functools.partial(test, op, **more), op, examples[op])

        _, _, *others = inspect.signature(test).parameters.values()
        one = inspect.Parameter("op", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        of_all.__signature__ = inspect.Signature([one, *others])  # type: ignore[attr-defined]
        return of_all

    return over_examples


def _try_all(test: Callable[..., None], op: type[Op], examples: Sequence[Example]) -> None:
    failures: list[BaseException] = []
    skips: list[BaseException] = []
    for example in examples:
        try:
            test(example=example)
        except pytest.skip.Exception as reason:
            skips.append(reason)
        except (Exception, pytest.fail.Exception) as failure:
            failure.add_note(f"It is example {op.examples.index(example)} of {op.__name__}: {example}")
            failures.append(failure)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} of {len(examples)} examples of {op.__name__}", failures)
    if len(skips) == len(examples):
        raise skips[0]
