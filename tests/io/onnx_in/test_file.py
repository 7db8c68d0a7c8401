"""Files that are damaged, hostile or of a version that nobody knows yet: refused by name, before anything is made."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab as gl
from graphlab.errors import BrokenFileError, FileError, SaveError, TooLargeError, VersionError
from graphlab.io.onnx_in import file, open_onnx
from tests.io.onnx_in.imported import model, saved

onnx = pytest.importorskip("onnx")
helper = onnx.helper
RELU = helper.make_node("Relu", ["x"], ["y"], name="act")


def refused(path, error, *words):
    with pytest.raises(error) as caught:
        open_onnx(path)
    told = str(caught.value)
    assert caught.value.hint
    for word in (path.name, *words):
        assert word in told


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.onnx"
    path.write_bytes(b"")
    refused(path, BrokenFileError, "is empty")


@pytest.mark.parametrize("data", [b"\xff" * 100, b"hello", b"PK\x03\x04" + b"\0" * 60, b"\0" * 10])
def test_what_is_no_onnx_file(tmp_path, data):
    path = tmp_path / "other.onnx"
    path.write_bytes(data)
    refused(path, BrokenFileError)


def test_a_file_that_is_cut_short(tmp_path):
    whole = model([RELU], {"x": ["N", 3]}, ["y"], {"w": np.ones((50, 50), np.float32)}).SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, BrokenFileError)


def test_a_file_that_is_not_there(tmp_path):
    refused_path = tmp_path / "none.onnx"
    with pytest.raises(FileError, match=r"none\.onnx does not exist"):
        open_onnx(refused_path)


def test_without_the_onnx_package_its_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    path = tmp_path / "net.onnx"
    path.write_bytes(b"1")
    with pytest.raises(FileError) as caught:
        gl.load(path)
    assert "graphlab[onnx]" in caught.value.hint


def test_a_newer_opset_and_a_newer_format(tmp_path):
    newer = model([RELU], {"x": ["N", 3]}, ["y"], opset=onnx.defs.onnx_opset_version() + 5)
    refused(saved(tmp_path, newer), VersionError, "opset", "opset_version=20")
    newer = model([RELU], {"x": ["N", 3]}, ["y"], ir=onnx.IR_VERSION + 5)
    refused(saved(tmp_path, newer), VersionError, "IR version")


def test_a_cycle_is_refused_and_named(tmp_path):
    nodes = [
        helper.make_node("Add", ["x", "b"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="second"),
    ]
    refused(
        saved(tmp_path, model(nodes, {"x": ["N", 3]}, ["b"])), BrokenFileError, "cycle", "first", "second"
    )


def test_a_value_that_nothing_gives(tmp_path):
    node = helper.make_node("Add", ["x", "ghost"], ["y"], name="sum")
    refused(saved(tmp_path, model([node], {"x": ["N", 3]}, ["y"])), BrokenFileError, "ghost", "sum")
    refused(saved(tmp_path, model([RELU], {"x": ["N", 3]}, ["ghost"])), BrokenFileError, "ghost", "outputs")


def test_a_value_that_is_given_twice(tmp_path):
    nodes = [RELU, helper.make_node("Tanh", ["x"], ["y"], name="again")]
    refused(saved(tmp_path, model(nodes, {"x": ["N", 3]}, ["y"])), BrokenFileError, "twice", "again")
    proto = model([RELU], {"x": ["N", 3]}, ["y"], {"w": np.ones(2, np.float32)})
    proto.graph.initializer.append(proto.graph.initializer[0])
    refused(saved(tmp_path, proto), BrokenFileError, "w is given twice")


def test_ten_terabytes_are_refused_before_anything_is_made(tmp_path):
    proto = model([RELU], {"x": ["N", 3]}, ["y"], {"huge": np.ones(4, np.float32)})
    proto.graph.initializer[0].dims[:] = [1 << 20, 1 << 21]
    refused(saved(tmp_path, proto), TooLargeError, "huge", "1048576×2097152")
    refused(saved(tmp_path, model([RELU], {"x": [1 << 20, 1 << 21]}, ["y"])), TooLargeError, "the input x")


def test_a_constant_of_shape_writes_nothing_out(tmp_path):
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["c"]),
        helper.make_node("Add", ["x", "c"], ["y"]),
    ]
    proto = model(nodes, {"x": ["N", 3]}, ["y"], {"shape": np.array([1 << 20, 1 << 21])})
    found = open_onnx(saved(tmp_path, proto))
    assert "2.2e+12 numbers" in " ".join(found.lost.values())


def test_an_array_that_holds_another_number_of_numbers_than_it_says(tmp_path):
    proto = model([RELU], {"x": ["N", 3]}, ["y"], {"w": np.ones((2, 3), np.float32)})
    proto.graph.initializer[0].dims[:] = [2, 4]
    refused(saved(tmp_path, proto), BrokenFileError, "w declares 2×4", "24 bytes")
    proto.graph.initializer[0].dims[:] = [-2, -3]
    refused(saved(tmp_path, proto), BrokenFileError, "w has the shape")


def external(folder, location, offset=0, length=None, size=24):
    """A model whose weights lie in another file."""
    node = helper.make_node("Gemm", ["x", "w"], ["y"], name="fc")
    proto = model([node], {"x": ["N", 3]}, ["y"], {"w": np.ones((3, 2), np.float32)})
    tensor = proto.graph.initializer[0]
    onnx.external_data_helper.set_external_data(tensor, location, offset, length)
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    return saved(folder, proto)


def test_external_data_beside_the_file_is_read(tmp_path):
    weights = np.arange(6, dtype=np.float32).reshape(3, 2)
    (tmp_path / "data.bin").write_bytes(b"____" + weights.tobytes())
    found = open_onnx(external(tmp_path, "data.bin", 4, 24))
    np.testing.assert_array_equal(found.weights["fc.weight"], weights.T)


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/passwd", "", "a/../../secret.bin"])
def test_external_data_outside_the_folder_is_refused(tmp_path, location):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 24)
    refused(external(tmp_path / "in", location), BrokenFileError, "outside its own folder", "w")


def test_external_data_behind_a_link_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 24)
    try:
        (tmp_path / "in" / "link.bin").symlink_to(tmp_path / "secret.bin")
    except OSError:
        pytest.skip("no links here")
    refused(external(tmp_path / "in", "link.bin"), BrokenFileError, "outside its own folder")


def test_external_data_that_is_too_short_or_missing(tmp_path):
    (tmp_path / "data.bin").write_bytes(b"\0" * 20)
    refused(external(tmp_path, "data.bin", 0, 24), BrokenFileError, "data.bin", "24")
    refused(external(tmp_path, "none.bin"), FileError, "none.bin")


def test_saving_over_an_onnx_file_is_refused(tmp_path):
    path = saved(tmp_path, model([RELU], {"x": ["N", 3]}, ["y"]))
    before = path.read_bytes()
    graph, weights = gl.load(path)
    with pytest.raises(SaveError, match="no ONNX file") as caught:
        gl.save(graph, path, weights)
    assert "net.graphlab" in caught.value.hint
    assert path.read_bytes() == before


def test_the_suffix_is_what_makes_it_an_onnx_file():
    assert file.is_onnx("a/b.ONNX")
    assert not file.is_onnx("a/b.graphlab")


def function(name, *calls):
    nodes = [helper.make_node(call, ["a"], [f"b{k}"], domain="mine") for k, call in enumerate(calls)]
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("mine", 1)]
    return helper.make_function("mine", name, ["a"], ["b0"], nodes, opsets)


def test_functions_that_multiply_without_end_are_refused(tmp_path):
    node = helper.make_node("f0", ["x"], ["y"], domain="mine")
    proto = model([node], {"x": ["N", 3]}, ["y"])
    proto.opset_import.append(helper.make_opsetid("mine", 1))
    proto.functions.extend(function(f"f{k}", f"f{k + 1}", f"f{k + 1}") for k in range(40))
    refused(saved(tmp_path, proto), TooLargeError, "operators once its functions")
    del proto.functions[1:]
    proto.functions[0].CopyFrom(function("f0", "f0"))
    refused(saved(tmp_path, proto), BrokenFileError, "without end")


def test_constants_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    from graphlab.io.onnx_in import sheet

    monkeypatch.setattr(sheet, "MOST_WRITTEN", 5000)
    nodes = [helper.make_node("Add", ["w", "w"], [f"v{k}"]) for k in range(8)]
    nodes.append(helper.make_node("Add", ["x", "v0"], ["y"]))
    proto = model(nodes, {"x": ["N", 1000]}, ["y"], {"w": np.ones(1000, np.float32)})
    refused(saved(tmp_path, proto), TooLargeError, "numbers of constants")


def test_files_with_wrong_bytes_are_opened_or_refused_and_nothing_else(tmp_path):
    """Each time some bytes are changed, left out or put in, by chance of a seed."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("MaxPool", ["a"], ["p"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Shape", ["p"], ["s"]),
        helper.make_node("Reshape", ["p", "shape"], ["r"], name="flat"),
        helper.make_node("Gemm", ["r", "v"], ["y"], name="fc", transB=1),
    ]
    weights = {
        "w": np.ones((2, 1, 3, 3), np.float32),
        "shape": np.array([0, -1]),
        "v": np.ones((3, 8), np.float32),
    }
    whole = model(nodes, {"x": ["N", 1, 4, 4]}, ["y"], weights).SerializeToString()
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(300):
        data = bytearray(whole)
        place, kind = int(rng.integers(len(data))), int(rng.integers(3))
        data[place : place + (1, 3, 0)[kind]] = rng.bytes((1, 0, 2)[kind])
        path = tmp_path / "wrong.onnx"
        path.write_bytes(data)
        try:
            found = open_onnx(path)
            gl.infer(found.graph)
            outcomes.add("a placeholder" if found.lost else "whole")
        except gl.GraphlabError:
            outcomes.add("refused")
    assert outcomes == {"whole", "a placeholder", "refused"}
