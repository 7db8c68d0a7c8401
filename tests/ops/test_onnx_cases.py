"""The ONNX package's own test cases of single operators, for every operator that one of ours stands for.

Making them takes seconds, so they are made when the first is wanted: only the process that is given this file does so.
All those of an operator are one test, which tells each that fails.

Cases that we do not do are listed with the reason in onnx_not_done.json; one listed there that passes is a failure too.
Where only further results are missing (LayerNormalization's mean), the first is compared all the same.
`python -m tests.ops.test_onnx_cases` writes that list anew, and refuses to while a case gives wrong numbers.
"""

from __future__ import annotations

import functools
import json
import re
import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from graphlab.errors import FeedError, ShapeError, Unsupported
from graphlab.ops.interchange import claimed, from_onnx
from tests.ops.op_trial import Trial

onnx = pytest.importorskip("onnx")
NOT_DONE = Path(__file__).with_name("onnx_not_done.json")
PLAIN = frozenset(map(np.dtype, ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]))
FEWER = "Further results are not offered:"
REASONS = json.loads(NOT_DONE.read_text(encoding="utf-8"))


@functools.cache
def collect():
    """The cases of one operator of ONNX's own with plain arrays, each with its node."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some cases divide by zero on purpose while they are made
        cases = collect_testcases(None)
    return [case for case in cases if _is_plain(case)]


def _is_plain(case):
    nodes = case.model.graph.node
    if len(nodes) != 1 or nodes[0].domain:
        return False
    arrays = [a for data in case.data_sets for part in data for a in part]
    return all(isinstance(a, (np.ndarray, np.generic)) and a.dtype in PLAIN for a in arrays)


def by_kind(cases):
    """The cases of each operator that one of ours stands for."""
    found = {kind: [] for kind in sorted(claimed())}
    for case in cases:
        found.get(case.model.graph.node[0].op_type, []).append(case)
    return found


@pytest.fixture(scope="module")
def cases():
    """By operator."""
    return by_kind(collect())


@pytest.mark.parametrize("kind", sorted(claimed()))
def test_cases(kind, cases):
    if not cases[kind]:
        pytest.skip(f"ONNX has no case of {kind} with plain arrays")
    failures, undone = [], []
    for case in cases[kind]:
        try:
            reason = tried(case)
        except Exception as failure:
            failure.add_note(f"It is the case {case.name}.")
            failures.append(failure)
        else:
            undone += [reason] if reason else []
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(cases[kind])} cases of {kind}", failures)
    if len(undone) == len(cases[kind]):
        pytest.skip(" ".join(dict.fromkeys(undone)))


def tried(case):
    """Why it is not done, "" for one that is. AssertionError for one that is not as it is listed."""
    reason = REASONS.get(case.name, "")
    if not reason:
        run(case)
        return ""
    try:
        run(case)
    except (Unsupported, ShapeError, FeedError, AssertionError):
        if reason.startswith(FEWER):
            run(case, most=1)
        return reason
    raise AssertionError(f"{case.name} is listed as not done, and is right: {reason}")


def test_every_case_listed_as_not_done_exists(cases):
    assert set(REASONS) <= {case.name for each in cases.values() for case in each}
    assert all(len(reason) > 10 for reason in REASONS.values())


def run(case, most=99):
    node = case.model.graph.node[0]
    names, wanted = list(node.input), list(node.output)[:most]
    attributes = {a.name: plain(onnx.helper.get_attribute_value(a)) for a in node.attribute}
    for inputs, expected in case.data_sets:
        fed = iter(inputs)
        arrays = [np.asarray(next(fed)) if name else None for name in names]
        op, wired = from_onnx(node.op_type, attributes, arrays, len(wanted))
        found = carried_out(op, wired)
        results = (op.onnx_outputs or op.results())[: len(wanted)]
        pairs = [name for name, output in zip(results, wanted, strict=True) if output]
        for name, array in zip(pairs, expected, strict=most == 99):
            compare(op, found[name], np.asarray(array), case)


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return tuple(plain(v) for v in value)
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def carried_out(op, wired):
    """All outputs by name, in float64, for arrays at sockets (and under the names of what the op keeps)."""
    kinds = {socket.name: socket.kind for socket in op.sockets()}
    arrays = {name: fitting(value, kinds[name]) for name, value in wired.items() if name in kinds}
    trial = Trial(type(op).__name__, op.params, arrays, training=False)
    for name, state in trial.states.items():
        if name in wired:
            state[...] = wired[name]
    with np.errstate(all="ignore"):
        return trial.forward()


def fitting(value, kind):
    array = np.asarray(value)
    return array.astype(np.float64) if kind == "float" or array.dtype.kind == "b" else array


def compare(op, found, expected, case):
    if op.category == "Recurrent" and found.size == expected.size:
        found = found.reshape(
            expected.shape
        )  # ONNX keeps the directions apart; with one direction that is all
    assert found.shape == expected.shape
    rtol = max(case.rtol, 2e-3) if expected.dtype == np.float16 else case.rtol
    np.testing.assert_allclose(
        found.astype(np.float64), expected.astype(np.float64), rtol=rtol, atol=max(case.atol, 1e-6)
    )


def write_list():
    """Every refusal with its reason."""
    reasons = {}
    for case in chain.from_iterable(by_kind(collect()).values()):
        try:
            run(case)
        except (Unsupported, ShapeError) as error:
            reasons[case.name] = error.message
            if re.fullmatch(r".* has fewer than \d+ results\.", error.message):
                run(case, most=1)
                reasons[case.name] = f"{FEWER} {error.message}"
    NOT_DONE.write_text(json.dumps(reasons, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_list()
