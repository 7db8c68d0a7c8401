"""ONNX's own cases of RNN, LSTM and GRU, all of them, by the cells that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from tests.engine.cell_trial import STATES, Arrays

onnx = pytest.importorskip("onnx")
from tests.ops.test_onnx_cases import by_kind, collect  # noqa: E402  (it needs onnx)

ORDER = {"elman-cell": (0,), "lstm-cell": (0, 2, 3, 1), "original-gru-cell": (1, 0, 2)}  # of ONNX's rows
KINDS = {"RNN": "elman-cell", "LSTM": "lstm-cell", "GRU": "original-gru-cell"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_case(kind: str) -> None:
    cases = by_kind(collect())[kind]
    assert len(cases) >= 6
    for case in cases:
        try:
            compare(case)
        except Exception as failure:
            failure.add_note(f"It is the case {case.name}.")
            raise


def compare(case: Any) -> None:
    node = case.model.graph.node[0]
    settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    assert set(settings) <= {"hidden_size", "direction", "layout"}, "the cell stands for no other"
    for inputs, expected in case.data_sets:
        fed = iter(inputs)
        given = {name: np.asarray(next(fed)) for name in node.input if name}
        found = layer(KINDS[node.op_type], given, settings)
        wanted = iter(expected)
        for name in node.output:
            if name:
                array = np.asarray(next(wanted))
                assert found[name].shape == array.shape
                np.testing.assert_allclose(found[name], array, rtol=1e-5, atol=1e-6, err_msg=name)


def layer(key: str, given: Arrays, settings: dict[str, Any]) -> Arrays:
    """Y, Y_h and Y_c in ONNX's layout: T×directions×N×hidden, directions×N×hidden; batch first where it says so."""
    batch_first = bool(settings.get("layout", 0))
    x = given["X"].swapaxes(0, 1) if batch_first else given["X"]
    lengths = given.get("sequence_lens")
    assert lengths is None or (lengths == len(x)).all(), "the cases have all sequences of one length"
    direction = settings.get("direction", b"forward").decode()
    ways = {"forward": (1,), "reverse": (-1,), "bidirectional": (1, -1)}[direction]
    found = [one_way(key, x[::way], k, given, settings["hidden_size"]) for k, way in enumerate(ways)]
    y = np.stack([f["y"][::way] for f, way in zip(found, ways, strict=True)], axis=1)
    last = {f"Y_{s}": np.stack([f[s] for f in found]) for s in STATES[key]}
    if batch_first:
        return {"Y": y.transpose(2, 0, 1, 3), **{s: a.swapaxes(0, 1) for s, a in last.items()}}
    return {"Y": y, **last}


def one_way(key: str, x: np.ndarray, k: int, given: Arrays, hidden: int) -> Arrays:
    """The states of all steps (y) and the last ones, by cells in a row that share their weights."""
    part = "peephole-lstm-cell" if "P" in given else key
    g = Graph("cells")
    now, feed = {}, {}
    for s in STATES[key]:
        now[s] = g.add("Input", name=f"{s}_0", shape=("N", hidden))
        begin = given.get(f"initial_{s}")
        feed[f"{s}_0"] = np.zeros((x.shape[1], hidden)) if begin is None else begin[k]
    given_out = []
    for t, at in enumerate(x):
        feed[f"x{t}"] = at
        fed = g.add("Input", name=f"x{t}", shape=("N", x.shape[2]))
        wires = {f"{s}_prev": now[s] for s in now}
        cell = g.add_part(part, x=fed, name=f"step{t}", hidden=hidden, **wires)
        g.set(cell, weights="shared")
        now = {s: cell[s] for s in now}
        given_out.append(cell["y"])
    g.add("Stack", *given_out, name="y", dim=0, count=len(given_out))
    run = Run(g, dtype="float64")
    for name, values in weights(key, k, given, hidden).items():
        path, socket = name.split(".")
        run.set(f"{g.document.definitions['g1'].name} (shared)/{path} {socket}", values)
    run.feed(**feed)
    run.forward()
    last = {s: run.value(f"step{len(x) - 1}.{s}") for s in now}
    return {"y": np.array(run.value("y")), **last}


def weights(key: str, k: int, given: Arrays, hidden: int) -> Arrays:
    """One direction's, by the names in the cell, with the rows of the gates in its order."""

    def ordered(rows: np.ndarray) -> np.ndarray:
        gates = np.split(rows, len(ORDER[key]))
        return np.concatenate([gates[place] for place in ORDER[key]])

    w, r = ordered(given["W"][k]), ordered(given["R"][k])
    biases = given["B"][k] if "B" in given else np.zeros(2 * len(w))
    b_w, b_r = (ordered(half) for half in np.split(biases, 2))
    found = {"ih.weight": w, "ih.bias": b_w}
    if key == "original-gru-cell":
        found |= {"gates hh.weight": r[: 2 * hidden], "gates hh.bias": b_r[: 2 * hidden]}
        found |= {"candidate hh.weight": r[2 * hidden :], "candidate hh.bias": b_r[2 * hidden :]}
    else:
        found |= {"hh.weight": r, "hh.bias": b_r}
    if "P" in given:
        found |= dict(zip(("p_i.value", "p_o.value", "p_f.value"), np.split(given["P"][k], 3), strict=True))
    return found
