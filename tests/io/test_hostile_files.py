"""Files made to do harm, or broken by accident: each is refused in one clear line, and nothing else ever escapes."""

from __future__ import annotations

import contextlib
import io
import json
import re
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphlab.errors import BrokenFileError, FileError, TooLargeError
from graphlab.graph import Graph
from graphlab.io import from_bytes, load, read_preview, save, to_bytes
from graphlab.io import weights as tensors
from graphlab.io.archive import GREATEST_RATIO, Archive, pack
from graphlab.io.files import MOST_JSON


def small_graph():
    g = Graph("small")
    x = g.add("Input", name="x", shape=("N", 2))
    h = g.add("Linear", x, name="hidden", units=3)
    g.add("Sum", g.add("Tanh", h), name="total")
    g.add_note("A note.", (1, 2), (100, 50))
    return g


RECORD = json.loads(to_bytes(small_graph().document))
WEIGHTS = {"hidden.weight": np.ones((3, 2), np.float32), "hidden.bias": np.zeros(3, np.float32)}


def broken(**changes):
    """The bytes of the record with other fields in its document."""
    return json.dumps({**RECORD, "document": {**RECORD["document"], **changes}}).encode()


def opened(data):
    return Archive(io.BytesIO(data))


def archive_bytes(name="graph.json", data=b"{}", method=zipfile.ZIP_STORED, attributes=None):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        info = zipfile.ZipInfo(name)
        info.compress_type = method
        if attributes is not None:
            info.external_attr = attributes
        archive.writestr(info, data)
    return target.getvalue()


# JSON


@pytest.mark.parametrize(
    "opening", [b"[", b'{"a":', b'{"format": "graphlab", "version": 1, "document": {"x": ']
)
def test_json_nested_100_000_deep_is_refused(opening):
    with pytest.raises(TooLargeError, match="64 levels deep"):
        from_bytes(opening + b"[" * 100_000 + b"]" * 100_000)


def test_brackets_inside_text_are_no_nesting():
    data = broken(name="[" * 500 + '\\"{{{')
    assert from_bytes(data).name.startswith("[[[")


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 30, "9" * 5000])
def test_numbers_that_are_none_are_refused(literal):
    data = broken(next_id=777).replace(b"777", literal.encode())
    with pytest.raises(BrokenFileError, match="not valid JSON"):
        from_bytes(data)


def test_duplicate_keys_are_refused():
    data = broken().replace(b'"name": "small"', b'"name": "small", "name": "other"')
    with pytest.raises(BrokenFileError, match="the key 'name' is there twice"):
        from_bytes(data)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe{}", b'{"a": "\xc3"}', b'{"a": "\\ud800"}', b"{", b'{"a" 1}', b"[1,]"]
)
def test_text_that_cannot_be_read_or_saved_again_is_refused(data):
    with pytest.raises(BrokenFileError, match="not valid JSON"):
        from_bytes(data)


def test_emoji_written_as_escapes_are_fine():
    assert from_bytes(broken(name="🙂")).name == "🙂"


# Records


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": {}},
        {"nodes": [1]},
        {"nodes": [{}]},
        {"nodes": [{"id": "n1", "op": 5, "name": "a"}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": "a", "params": []}]},
        {"nodes": [{"id": "n1", "op": "Linear", "name": "a", "params": {"units": -1}}]},
        {"nodes": [{"id": "n1", "op": "Linear", "name": "a", "params": {"units": {}}}]},
        {"nodes": [{"id": "n1", "op": "Linear", "name": "a", "params": {"units": [[{}]]}}]},
        {"nodes": [{"id": "n1", "op": "Linear", "name": "a", "params": {"nothing": 1}}]},
        {"nodes": [{"id": "n1", "op": "Concat", "name": "a", "params": {"count": 10**9}}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": "a", "position": [1]}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": "a", "position": [1e300, 0]}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": "a"}, {"id": "n1", "op": "Tanh", "name": "b"}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": "a"}, {"id": "n2", "op": "Tanh", "name": "a"}]},
        {"nodes": [{"id": "n1", "op": "Tanh", "name": ""}]},
        {"edges": [["n1", "y", "n404", "x"]]},
        {"edges": [["n1", "y"]]},
        {"edges": [["n1", "y", "n2", 3]]},
        {"edges": [["n1", "nothing", "n2", "x"]]},
        {"edges": [["n1", "y", "n2", "nothing"]]},
        {"edges": [["n1", "y", "n2", "x"], ["n1", "y", "n2", "x"]]},
        {"notes": [{"id": "n1"}]},
        {"notes": "none"},
        {"training": {"lr": "fast"}},
        {"training": {"lr": -1}},
        {"training": {"goal": "n404"}},
        {"training": {"epochs": 1.5}},
        {"training": []},
        {"next_id": 1},
        {"next_id": "7"},
        {"name": None},
    ],
    ids=json.dumps,
)
def test_a_record_of_the_wrong_form_is_refused(changes):
    with pytest.raises(BrokenFileError) as caught:
        from_bytes(broken(**changes))
    assert len(str(caught.value)) < 400


def test_a_cycle_is_refused_and_named():
    nodes = [{"id": f"n{i}", "op": "Tanh", "name": f"loop{i}"} for i in (1, 2)]
    with pytest.raises(BrokenFileError, match="cycle around loop1, loop2"):
        from_bytes(broken(nodes=nodes, edges=[["n1", "y", "n2", "x"], ["n2", "y", "n1", "x"]], notes=[]))


def test_a_cycle_of_unknown_operations_is_refused_too():
    nodes = [{"id": f"n{i}", "op": "Quantum", "name": f"loop{i}"} for i in (1, 2)]
    with pytest.raises(BrokenFileError, match="cycle"):
        from_bytes(broken(nodes=nodes, edges=[["n1", "a", "n2", "b"], ["n2", "a", "n1", "b"]], notes=[]))


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_a_document_that_is_none_is_refused(document):
    with pytest.raises(BrokenFileError):
        from_bytes(json.dumps({**RECORD, "document": document}).encode())


@pytest.mark.parametrize("version", [None, "1", 1.5, True, -1])
def test_a_version_that_is_none_is_refused(version):
    with pytest.raises(FileError, match="version"):
        from_bytes(json.dumps({**RECORD, "version": version}).encode())


# Archives


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "/etc/passwd",
        "a/../../b",
        "..\\evil",
        "C:\\evil",
        "c:evil",
        "\\\\server\\share",
        "a/..",
        "a\0b",
    ],
)
def test_members_that_point_outside_are_refused(name):
    placeholder = "x" * len(name)  # zipfile itself would tidy the name
    data = archive_bytes(placeholder).replace(placeholder.encode(), name.encode())
    with pytest.raises(BrokenFileError, match="points outside"):
        opened(data)


def test_a_link_is_refused():
    with pytest.raises(BrokenFileError, match="is a link"):
        opened(archive_bytes(data=b"/etc/passwd", attributes=0o120777 << 16))


def test_the_same_member_twice_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("graph.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("graph.json", b"[]")
    with pytest.raises(BrokenFileError, match="twice"):
        opened(target.getvalue())


def test_an_archive_of_very_many_members_is_refused():
    with pytest.raises(TooLargeError, match="1,000 members"):
        opened(pack({f"m{i}": b"" for i in range(1000)}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.graphlab"
    path.write_bytes(archive_bytes(data=b" " * MOST_JSON, method=zipfile.ZIP_DEFLATED))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    with pytest.raises(TooLargeError, match=re.escape(f"declares {MOST_JSON:,} bytes")):
        load(path)
    assert tracemalloc.get_traced_memory()[1] < 5 << 20
    tracemalloc.stop()


def test_a_zip_bomb_that_lies_about_its_size_is_cut_off():
    content = b" " * (8 << 20)
    data = bytearray(archive_bytes(data=content, method=zipfile.ZIP_DEFLATED))
    lie = struct.pack("<L", 1000)
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature) + place
        data[start : start + 4] = lie
    with pytest.raises(FileError):
        opened(bytes(data)).read("graph.json", 10_000)


def test_a_member_packed_far_beyond_reason_is_refused():
    data = archive_bytes(data=bytes(1 << 20), method=zipfile.ZIP_DEFLATED)
    assert GREATEST_RATIO < (1 << 20) / 1024
    with pytest.raises(TooLargeError):
        opened(data).read("graph.json", 1 << 30)


def test_an_unknown_packing_is_refused():
    with pytest.raises(BrokenFileError, match="unknown way"):
        opened(archive_bytes(method=zipfile.ZIP_BZIP2))


def test_an_encrypted_member_is_refused():
    data = bytearray(archive_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BrokenFileError, match="encrypted"):
        opened(bytes(data))


def test_an_archive_without_a_graph_is_refused(tmp_path):
    (tmp_path / "a.graphlab").write_bytes(archive_bytes("word/document.xml"))
    with pytest.raises(BrokenFileError, match=r"There is no graph\.json"):
        load(tmp_path / "a.graphlab")


# Weights


def tensor_bytes(header, numbers=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        struct.pack("<Q", 2**63),
        struct.pack("<Q", 100) + b"{}",
        tensor_bytes(b"[]"),
        tensor_bytes(b"{"),
        tensor_bytes(b'{"a": 1}'),
        tensor_bytes({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}),
        tensor_bytes({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, bytes(8)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(5)),
        tensor_bytes({"a": {"dtype": "F32", "shape": [1] * 40, "data_offsets": [0, 4]}}, bytes(4)),
        tensor_bytes({"a": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
        tensor_bytes({n: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for n in "ab"}, bytes(4)),
    ],
)
def test_weights_that_do_not_add_up_are_refused(data):
    with pytest.raises(FileError, match=r"[Ww]eights"):
        tensors.from_bytes(data)


def test_weights_without_numbers_are_fine():
    arrays = {"scalar": np.array(2.5), "none": np.zeros((0, 3), np.float32)}
    again = tensors.from_bytes(tensors.to_bytes(arrays))
    assert again["scalar"] == 2.5
    assert again["none"].shape == (0, 3)


# Anything at all


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "whole.graphlab"
    save(small_graph(), path, weights=WEIGHTS, preview=b"\x89PNG and so on")
    return path.read_bytes()


def is_refused_or_read(folder, data):
    """Loads the bytes as a file; whatever happens must be a FileError or a graph."""
    path = folder / "fuzzed.graphlab"
    path.write_bytes(data)
    for read in (load, read_preview):
        with contextlib.suppress(FileError):
            read(path)


def test_a_file_cut_short_anywhere_is_refused(whole, tmp_path):
    path = tmp_path / "cut.graphlab"
    for length in [*range(0, len(whole) - 1, 37), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            load(path)


def test_any_flipped_bit_in_the_content_is_noticed(whole, tmp_path):
    path = tmp_path / "flipped.graphlab"
    start = whole.index(b'"document"')
    for place in range(start, start + 400, 7):
        data = bytearray(whole)
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(BrokenFileError, match="CRC"):
            load(path)


relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(st.lists(st.tuples(st.floats(0, 0.999999), st.integers(1, 255)), min_size=1, max_size=6))
def test_flipped_bytes_raise_nothing_but_file_errors(whole, tmp_path, flips):
    data = bytearray(whole)
    for place, mask in flips:
        data[int(place * len(data))] ^= mask
    is_refused_or_read(tmp_path, bytes(data))


@relaxed
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"{", b'{"format": "graphlab",']),
)
def test_noise_raises_nothing_but_file_errors(tmp_path, noise, start):
    is_refused_or_read(tmp_path, start + noise)


@relaxed
@given(st.floats(0, 0.999999), st.integers(0, 60), st.binary(max_size=20))
def test_json_with_a_piece_replaced_raises_nothing_but_file_errors(tmp_path, place, length, piece):
    data = to_bytes(small_graph().document)
    at = int(place * len(data))
    is_refused_or_read(tmp_path, data[:at] + piece + data[at + length :])


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@relaxed
@given(st.data())
def test_any_value_in_any_place_of_the_record_raises_nothing_but_file_errors(data):
    record = json.loads(json.dumps(RECORD))
    here = record
    while True:
        keys = list(here) if isinstance(here, dict) else range(len(here))
        if not keys:
            return
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(values)
        break
    try:
        document = from_bytes(json.dumps(record).encode())
    except FileError:
        return
    assert from_bytes(to_bytes(document)) == document  # what was accepted can be saved and read again


@relaxed
@given(st.binary(max_size=120))
def test_noise_in_weights_raises_nothing_but_file_errors(noise):
    for data in (noise, struct.pack("<Q", len(noise)) + noise, zlib.compress(noise)):
        with contextlib.suppress(FileError):
            tensors.from_bytes(data)
