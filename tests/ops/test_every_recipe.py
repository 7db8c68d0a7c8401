"""Every operation says itself in NumPy: what is written runs on its own and comes to the operation's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops.recipe import constants_of, sources, written
from tests.ops.op_trial import RANDOM, Trial

CALLED = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role == "" and cls().sockets()
]
EXAMPLES = [
    pytest.param(cls, e, id=f"{cls.__name__}-{i}") for cls in CALLED for i, e in enumerate(cls.examples)
]
every_example = pytest.mark.parametrize(("op", "example"), EXAMPLES)
OTHERWISE = [p for p in EXAMPLES if p.values[0].states or p.values[0].__name__ in RANDOM]

WITHOUT: dict[str, str] = {}  # op → why it has no recipe


class Script:
    """The recipe of a trial's op, written out and carried out."""

    def __init__(self, trial, wanted=None, prefix="node", names=None):
        trial.forward()
        self.trial = trial
        self.upstream = self._upstream()
        self.wanted = trial.differentiable() if wanted is None else wanted
        arrays = {**trial.inputs, **trial.outputs}
        there = {n: a for n, a in arrays.items() if a is not None and n not in trial.literals}
        letters = [*there, *(f"d{n}" for n in there), *trial.states]
        self.names = names or {letter: f"the_{letter}" for letter in letters if letter not in self._missing()}
        self.recipe = trial.op.recipe({n: a.shape for n, a in arrays.items() if a is not None})
        self.constants = constants_of(
            trial.op, training=trial.ctx.training, dtype=trial.dtype.name, seed=trial.ctx.clock.seed,
            step=trial.ctx.clock.step, node=trial.ctx.node,
        )  # fmt: skip
        self.lines = written(self.recipe, self.names, self.constants, self.wanted, prefix)

    def _upstream(self):
        found = zip(self.trial.outputs, self.trial.upstream(), strict=True)
        return {f"d{n}": None if dy is None else dy.astype(self.trial.dtype) for n, dy in found}

    def _missing(self):
        return {name for name, dy in self.upstream.items() if dy is None}

    @property
    def text(self):
        return "\n".join(
            ["import numpy as np", *sources(self.lines.tools), *self.lines.forward, *self.lines.backward]
        )

    def run(self):
        """Everything that the script has computed, by letter. What it was given is as it was."""
        given = {**self.trial.inputs, **self.trial.states, **self.upstream}
        scope = {self.names[n]: a.copy() for n, a in given.items() if a is not None and n in self.names}
        before = {name: (array, array.copy()) for name, array in scope.items()}
        exec(self.text, scope)
        for name, (array, kept) in before.items():
            np.testing.assert_array_equal(array, kept, err_msg=f"{name} was changed\n{self.text}")
        return {letter: scope[name] for letter, name in self.names.items() if name in scope}


def assert_same_numbers(trial, exact, close):
    script = Script(trial)
    with np.errstate(all="ignore"):
        found = script.run()
        expected = trial.outputs | {
            f"d{n}": g for n, g in trial.backward(tuple(script.upstream.values())).items()
        }
    for letter, array in expected.items():
        near = exact if letter in trial.outputs else close
        beside = [] if letter in trial.outputs else [dy for dy in script.upstream.values() if dy is not None]
        scale = max(np.abs(a[np.isfinite(a)]).max(initial=1e-300) for a in (array, *beside))
        np.testing.assert_allclose(
            found[letter], array, rtol=near, atol=near * scale, err_msg=f"{letter}\n{script.text}"
        )
        assert np.shape(found[letter]) == array.shape, f"{letter}\n{script.text}"
        assert np.asarray(found[letter]).dtype.kind == array.dtype.kind, f"{letter}\n{script.text}"
        if array.dtype.kind == "f":
            assert np.asarray(found[letter]).dtype == array.dtype, f"{letter}\n{script.text}"
    if trial.ctx.training:
        for name, after in trial.next_states.items():
            np.testing.assert_allclose(found[name], after, rtol=exact, atol=exact, err_msg=name)


@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_it_has_a_recipe(op):
    trial = Trial.of(op, op.examples[0])
    trial.forward()
    shapes = {n: a.shape for n, a in (trial.inputs | trial.outputs).items() if a is not None}
    assert (trial.op.recipe(shapes) is None) == (op.__name__ in WITHOUT)


@every_example
def test_it_comes_to_the_same_numbers(op, example):
    if op.__name__ not in WITHOUT:
        assert_same_numbers(Trial.of(op, example), 1e-12, 1e-10)


@every_example
def test_it_stays_in_single_precision(op, example):
    if op.__name__ not in WITHOUT:
        assert_same_numbers(Trial.of(op, example, "float32"), 1e-4, 1e-3)


@pytest.mark.parametrize(("op", "example"), OTHERWISE)
def test_what_evaluates_otherwise_says_that(op, example):
    trial = Trial.of(op, example, training=False)
    for kept in trial.states.values():
        kept[...] = np.random.default_rng(5).uniform(0.5, 1.5, kept.shape)
    assert_same_numbers(trial, 1e-12, 1e-10)
