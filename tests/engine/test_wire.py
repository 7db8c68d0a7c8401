"""Messages with large arrays: written piece by piece they are the same frame as in one go."""

from __future__ import annotations

import io

import numpy as np

from graphlab.engine import messages as m

ARRAYS = {
    "one": np.ones(()),
    "none": np.zeros((0, 3), np.float32),
    "turned": np.arange(6.0).reshape(2, 3).T,
    "truth": np.array([True, False]),
    "nothing": np.zeros((2, 0), np.int64),
    "many": np.random.default_rng(0).normal(size=(300, 70)).astype(np.float32),
}


def test_pieces_of_a_message_are_read_as_the_message() -> None:
    pieces = m.pieces(m.SetWeights(ARRAYS))
    payload = m.read_payload(io.BytesIO(b"".join(pieces)))
    assert payload is not None
    found = m.decode_command(payload)
    assert isinstance(found, m.SetWeights)
    assert list(found.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        np.testing.assert_array_equal(found.arrays[name], array)


def test_large_arrays_are_not_copied() -> None:
    array = np.zeros(1000, np.float32)
    views = [piece for piece in m.pieces(m.SetWeights({"w": array})) if isinstance(piece, memoryview)]
    array[0] = 1
    assert bytes(views[0][:4]) == np.float32(1).tobytes()
