"""Impossible numbers and messages: refused in words, at the node, and nothing is lost."""

from __future__ import annotations

import struct
import subprocess

import msgspec
import numpy as np
import pytest

from graphlab.engine import SGD, Run, Trainer
from graphlab.engine.workspace import Workspace
from graphlab.errors import FeedError, SettingsError, UnknownNodeError
from graphlab.graph import Graph
from tests.engine.networks import xor_feed, xor_graph
from tests.nursery import ENGINE, begin


@pytest.mark.parametrize("ways", [1, 2, 3])
@pytest.mark.parametrize("go", ["forward", "train_step", "step"])
def test_a_class_that_does_not_exist_is_refused_at_its_node(ways, go):
    g = Graph()
    x, t = g.add("Input", name="x", shape=("N", 3)), g.add("Input", name="t", shape=("N",), dtype="int")
    g.add("CrossEntropyLoss", g.add("Linear", x, units=3), t, name="cost")
    run = Run(g)
    for _ in range(ways):  # as bound, being recorded, from the record
        run.feed(x=np.ones((2, 3)), t=[0, 1])
        run.train_step()
    run.feed(x=np.ones((2, 3)), t=[0, 3])
    if go == "step":
        run.go_to(run.plan.places["forward", g["cost"].id])
    with pytest.raises(FeedError, match=r"^cost: target\[1\] is the class index 3") as caught:
        getattr(run, go)()
    assert caught.value.node == "cost"
    assert run.cursor < run.forward_end


def test_a_number_too_large_for_the_dtype_is_refused_when_fed_and_when_set():
    run = Run(xor_graph())
    with pytest.raises(FeedError, match=r"x holds 1e\+300 at \[1, 0\], too large for float32"):
        run.feed(x=[[0, 0], [1e300, 1]])
    run.feed(**xor_feed())
    with pytest.raises(FeedError, match="finite numbers of type float32"):
        run.set("out.bias", [1e300])
    assert np.isfinite(run.value("out.bias")).all()
    double = Run(xor_graph(), dtype="float64")
    double.set("out.bias", [1e300])
    assert double.value("out.bias") == 1e300


def test_an_element_too_large_for_the_dtype_is_refused():
    g = Graph()
    g.add("Sum", g.add("Parameter", name="p", value=(1.0, 2.0)))
    space = Workspace(g.document)
    with pytest.raises(FeedError, match="cannot hold"):
        space.set_element(g["p"].id, "value", (0,), 1e300)


def test_a_node_may_be_named_self():
    g = Graph()
    g.add("Sum", g.add("Input", name="self", shape=("N",)))
    run = Run(g)
    run.feed(self=[3.0])
    assert run.forward() == 3


def test_an_output_is_not_taken_for_the_only_parameter():
    g = Graph()
    g.add("Linear", g.add("Input", name="x"), name="layer", units=1, bias=False)
    run = Run(g)
    run.set("layer", [[1.0, 2.0]])
    with pytest.raises(UnknownNodeError, match=r"layer\.y is no parameter"):
        run.set("layer.y", [[1.0, 2.0]])


def test_numpy_numbers_are_numbers():
    assert SGD(lr=np.float32(0.5)).lr == 0.5
    g = xor_graph()
    g.configure(lr=np.float32(0.25), batch_size=np.int64(2))
    assert type(g.document.training.lr) is float
    g.remove("x", "target")
    d = g.add("Dataset")
    g.connect(d["x"], "hidden")
    g.connect(d["target"], "loss.target")
    assert Trainer(g, batch_size=np.int32(3)).batch_size == 3
    with pytest.raises(SettingsError):
        Trainer(g, batch_size=np.float64(3))


def extension(head: bytes, rest: bytes = b"") -> bytes:
    array = msgspec.msgpack.Ext(1, struct.pack("<I", len(head)) + head + rest)
    return msgspec.msgpack.encode({"type": "SetWeights", "arrays": {"a": array}})


@pytest.mark.parametrize(
    "payload",
    [
        b"\xc1",
        b"",
        msgspec.msgpack.encode({"type": "SetWeights", "arrays": {"a": msgspec.msgpack.Ext(1, b"\1")}}),
        extension(msgspec.msgpack.encode(("nonsense", (1,)))),
        extension(msgspec.msgpack.encode(("<f4", (7,))), b"123"),
    ],
)
def test_a_host_that_cannot_read_its_commands_ends(payload):
    program = "from graphlab.engine.host import main; main()"
    host = begin(ENGINE, program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert host.stdin is not None
        assert host.stdout is not None
        host.stdin.write(struct.pack("<Q", len(payload)) + payload)
        host.stdin.flush()
        assert host.wait(20) == 0
    finally:
        host.kill()
        host.wait()
        host.stdin.close()
        host.stdout.close()


@pytest.mark.parametrize("dtype", ["float16", "int32", "number", None])
def test_a_run_computes_in_float32_or_float64_only(dtype):
    with pytest.raises(SettingsError, match="float32 or float64"):
        Run(xor_graph(), dtype=dtype)


def test_a_phase_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(UnknownNodeError, match="forward, backward"):
        Run(xor_graph()).run_to("hidden", "sideways")


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(SettingsError, match="no optimizer"):
        Run(xor_graph(), optimizer="adam")
