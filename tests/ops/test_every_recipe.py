"""Every operation says itself in NumPy: what is written runs on its own and comes to the operation's own numbers."""

from __future__ import annotations

import ast
import functools

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops.recipe import constants_of, sources, written
from tests.ops.each_example import each_example, examples_of
from tests.ops.op_trial import AUGMENTATION, RANDOM, Trial

CALLED = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role == "" and cls().sockets()
]
EXAMPLES = examples_of(CALLED)
every_op = pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
every_example = each_example(EXAMPLES)
OTHERWISE = [(op, example) for op, example in EXAMPLES if op.states or op.__name__ in RANDOM]

DRAWN = {
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "GaussianNoise",
    "RandnLike",
    *AUGMENTATION,
}  # with the same bits, too


class Script:
    """The recipe of a trial's op, written out, to be carried out without graphlab.

    unfed: outputs of which nothing comes back.
    """

    def __init__(self, trial, wanted=None, prefix="node", unfed=()):
        trial.forward()
        self.trial = trial
        self.upstream = self._upstream(unfed)
        self.wanted = trial.differentiable() if wanted is None else wanted
        arrays = {n: a for n, a in (trial.inputs | trial.outputs).items() if a is not None}
        there = [n for n in arrays if n not in trial.literals]
        letters = [*there, *(f"d{n}" for n in there), *trial.states]
        self.names = {n: f"the_{n}" for n in letters if self.upstream.get(n, 0) is not None}
        clock = trial.ctx.clock
        constants = constants_of(
            trial.op,
            training=clock.training,
            dtype=trial.dtype.name,
            seed=clock.seed,
            step=clock.step,
            node=trial.ctx.node,
        )
        recipe = trial.op.recipe({n: a.shape for n, a in arrays.items()})
        self.lines = written(recipe, self.names, constants, self.wanted, prefix)

    def _upstream(self, unfed):
        found = zip(self.trial.outputs, self.trial.upstream(), strict=True)
        cast = self.trial.dtype
        return {f"d{n}": None if dy is None or n in unfed else dy.astype(cast) for n, dy in found}

    @property
    def text(self):
        return "\n".join([*self.lines.forward, *self.lines.backward])

    def run(self):
        """Everything that the script has computed, by letter. What it was given is as it was."""
        given = self.trial.inputs | self.trial.states | self.upstream
        arrays = {self.names[n]: a.copy() for n, a in given.items() if a is not None and n in self.names}
        scope = toolbox(self.lines.tools) | arrays
        exec(self.text, scope)
        for letter, name in self.names.items():
            if letter in given and letter not in self.trial.states:
                assert scope[name] is arrays[name], f"{name} became something else"
                np.testing.assert_array_equal(arrays[name], given[letter], err_msg=f"{name} was changed")
        return {letter: scope[name] for letter, name in self.names.items() if name in scope}

    def expected(self):
        d = {f"d{n}": g for n, g in self.trial.backward(tuple(self.upstream.values())).items()}
        return self.trial.outputs | d


@functools.cache
def toolbox(tools):
    """A scope with NumPy and these tools, pasted as text: what they need besides NumPy is not there."""
    scope = {}
    exec("\n\n".join(["import numpy as np", *sources(tools)]), scope)
    return scope


def assert_same_numbers(trial, exact, close, **more):
    script = Script(trial, **more)
    try:
        with np.errstate(all="ignore"):
            found, expected = script.run(), script.expected()
        for letter, array in expected.items():
            beside = () if letter in trial.outputs else filter(_is_there, script.upstream.values())
            near = exact if letter in trial.outputs else close
            assert_is_like(found[letter], array, near, letter, *beside)
        for name, after in trial.next_states.items() if trial.ctx.training else ():
            np.testing.assert_allclose(found[name], after, rtol=exact, atol=exact, err_msg=name)
    except Exception as error:
        error.add_note(script.text)
        raise


def assert_is_like(found, array, near, letter, *beside):
    """Of the same shape and type, and close on the scale of the array and of what comes back."""
    scale = max(np.abs(a[np.isfinite(a)]).max(initial=1e-300) for a in (array, *beside))
    np.testing.assert_allclose(found, array, rtol=near, atol=near * scale, err_msg=letter)
    assert np.shape(found) == array.shape, letter
    kind = np.asarray(found).dtype
    assert kind == array.dtype if array.dtype.kind == "f" else kind.kind == array.dtype.kind, letter


def _is_there(array):
    return array is not None


@every_op
def test_it_has_a_recipe(op):
    trial = Trial.of(op, op.examples[0])
    assert trial.op.recipe({n: a.shape for n, a in (trial.inputs | trial.forward()).items() if _is_there(a)})


@every_example
def test_it_comes_to_the_same_numbers(op, example):
    assert_same_numbers(Trial.of(op, example), 1e-12, 1e-10)


@every_example
def test_it_stays_in_single_precision(op, example):
    assert_same_numbers(Trial.of(op, example, "float32"), 1e-4, 1e-3)


@each_example(OTHERWISE)
def test_what_evaluates_otherwise_says_that(op, example):
    trial = Trial.of(op, example, training=False)
    for kept in trial.states.values():
        kept[...] = np.random.default_rng(5).uniform(0.5, 1.5, kept.shape)
    assert_same_numbers(trial, 1e-12, 1e-10)


@pytest.mark.parametrize("op", [op for op in CALLED if len(op.outputs) > 1], ids=lambda op: op.__name__)
def test_a_result_that_nobody_uses_hands_nothing_back(op):
    for example in op.examples:
        for unfed in op(**example.params).results():
            assert_same_numbers(Trial.of(op, example), 1e-12, 1e-10, unfed=(unfed,))


@pytest.mark.parametrize("op", [op for op in CALLED if op.__name__ in DRAWN], ids=lambda op: op.__name__)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_drawn_is_the_same_to_the_bit(op, dtype):
    for example in op.examples:
        trial = Trial.of(op, example, dtype)
        trial.ctx.clock.step = 7
        np.testing.assert_array_equal(Script(trial).run()["y"], trial.y)


@every_op
def test_names_of_its_own_begin_with_those_of_its_node(op):
    """So two nodes of a kind do not meet; and nothing is named besides."""
    for example in op.examples[:2]:
        script = Script(Trial.of(op, example), prefix="first_one")
        tree = ast.parse(script.text)
        written_to = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        inside = {
            n.id
            for c in ast.walk(tree)
            if isinstance(c, ast.comprehension)
            for n in ast.walk(c.target)
            if isinstance(n, ast.Name)
        }
        strange = written_to - inside - set(script.names.values()) - {"_"}
        assert all(name.startswith("first_one_") for name in strange)


@every_op
def test_a_gradient_that_nobody_wants_is_not_computed(op):
    """Each one asked for by itself is there, the others are not; asked for none, nothing is left of backward."""
    trial = Trial.of(op, op.examples[0])
    assert Script(trial, wanted=[]).lines.backward == []
    for wanted in trial.differentiable():
        script = Script(trial, wanted=[wanted])
        with np.errstate(all="ignore"):
            found = script.run()
        others = {f"d{name}" for name in trial.differentiable()} - {f"d{wanted}"}
        assert f"d{wanted}" in found
        assert not others & set(found)
        full = trial.backward(tuple(script.upstream.values()))[wanted]
        np.testing.assert_allclose(found[f"d{wanted}"], full, rtol=1e-9, atol=1e-9)
