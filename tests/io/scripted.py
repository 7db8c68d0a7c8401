"""Carries a script out in a process of its own, in which nothing but NumPy can be imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.engine import Run
from graphlab.io.numpy_code import Writer, numbers_of, script_of
from tests.nursery import NUMPY, carry_out

Array = np.ndarray[Any, Any]

RUNNER = """
import json, runpy, sys, warnings
import numpy as np

assert not {"graphlab", "torch", "scipy", "networkx"} & set(sys.modules)
warnings.simplefilter("error", DeprecationWarning)

class Alone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in sys.stdlib_module_names | {"numpy"}:
            raise ImportError(name + " is not to be imported here")

sys.meta_path.insert(0, Alone())
script, out, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
scope = runpy.run_path(script)
np.savez(out, **{str(k): np.asarray(scope[name]) for k, name in enumerate(names) if name in scope})
"""


def carried_out(script: Path, names: list[str], folder: Path) -> tuple[dict[str, Array], str]:
    """What the variables hold at the end, as far as they are there, and what was printed."""
    out = folder / "out.npz"
    done = carry_out(NUMPY, RUNNER, script, out, json.dumps(names), timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(out) as arrays:
        return {names[int(k)]: arrays[k] for k in arrays.files}, done.stdout


def assert_script_agrees(run: Run, folder: Path, close: float) -> str:
    """Writes the script of a run, carries it out, and compares every value, gradient and update with the run's own."""
    path = folder / "a script.py"
    script = script_of(run)
    script.save(path)
    variables = Writer(run.plan, numbers_of(run), run.optimizer).variables
    run.backward()
    buffers, plan = run.buffers, run.plan
    expected: dict[str, Array] = {variables.value(end): a.copy() for end, a in buffers.values.items()}
    expected |= {variables.gradient(end): a.copy() for end, a in buffers.gradients.items() if np.any(a)}
    for edge, term in buffers.terms.items():
        expected[variables.term(edge)] = term.copy()
    for end, slot in plan.parameters.items():
        if end[0] in plan.active:
            expected[variables.gradient(end)] = run.store.grad(slot).copy()
    learnt = {variables.value(end): run.store.value(slot) for end, slot in plan.parameters.items()}
    learnt |= {variables.value(end): run.store.state(slot) for end, slot in plan.states.items()}
    found, printed = carried_out(path, [*expected, *learnt], folder)
    if plan.trains:  # with the script's own gradients: Adam makes of 1e-9 what it makes of 1e-3
        for end, slot in plan.parameters.items():
            if end[0] in plan.active:
                run.store.grad(slot)[...] = found[variables.gradient(end)]
        run.update()
    flowing = [name for name in expected if name not in learnt and name.startswith("d_")]
    steepest = max((float(np.abs(expected[name]).max(initial=0)) for name in flowing), default=0.0)
    expected |= learnt  # as the update has left it
    for name, array in expected.items():
        assert name in found, f"{name} is not in\n{script.text}"
        # A slope that is 0 but for rounding (of a bias of attention's keys) is of the size of what it is the rest of.
        scale = np.abs(array).max(initial=1e-3 * steepest if name in flowing else 1e-12)
        np.testing.assert_allclose(
            found[name], array, rtol=0, atol=close * scale, err_msg=f"{name}\n{script.text[:4000]}"
        )
    return printed
