"""The numbers of an ONNX file left where they lie: large arrays are taken out of its bytes before these are parsed.

Parsed whole, a file of 500 MB would be copied twice, while nobody can do anything. Only three fields of ONNX's protobuf
format are looked into: the model's graph (7), a graph's initialisers (5), a tensor's raw data (9).
"""

from __future__ import annotations

from typing import NamedTuple

GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9
LARGE = 1 << 12  # bytes from which on an array is left where it lies
_SIZES = {1: 8, 5: 4}  # of fields of fixed length, by wire type
_LENGTHED, _VARINT = 2, 0


class Span(NamedTuple):
    """Where the numbers of an initialiser lie in the file; its length is −1 where they were not taken out."""

    start: int
    length: int


class _Field(NamedTuple):
    number: int
    begin: int  # of its tag
    start: int  # of what it holds
    end: int
    has_length: bool


def without_numbers(data: bytes) -> tuple[bytes, list[Span]]:
    """The same message without the raw data of large initialisers; where that of each initialiser lies.

    ValueError for what is no message; a parser tells more.
    """
    pieces, spans, graphs = [], list[Span](), 0
    for field in _fields(data, 0, len(data)):
        if field.number != GRAPH or not field.has_length:
            pieces.append(data[field.begin : field.end])
            continue
        graphs += 1
        inner, spans = _graph(data, field)
        pieces += [_tag(GRAPH, len(inner)), inner]
    if graphs != 1:
        raise ValueError("not one graph")
    return b"".join(pieces), spans


def _graph(data: bytes, graph: _Field) -> tuple[bytes, list[Span]]:
    pieces, spans = [], []
    for field in _fields(data, graph.start, graph.end):
        if field.number != INITIALIZER or not field.has_length:
            pieces.append(data[field.begin : field.end])
            continue
        tensor, span = _tensor(data, field)
        spans.append(span)
        pieces += [_tag(INITIALIZER, len(tensor)), tensor]
    return b"".join(pieces), spans


def _tensor(data: bytes, tensor: _Field) -> tuple[bytes, Span]:
    found = [f for f in _fields(data, tensor.start, tensor.end) if f.number == RAW_DATA and f.has_length]
    if len(found) != 1 or found[0].end - found[0].start < LARGE:
        return data[tensor.start : tensor.end], Span(0, -1)
    raw = found[0]
    kept = data[tensor.start : raw.begin] + data[raw.end : tensor.end]
    return kept, Span(raw.start, raw.end - raw.start)


def _fields(data: bytes, start: int, end: int) -> list[_Field]:
    """The fields of a message that lies between two places."""
    found, place = [], start
    while place < end:
        begin = place
        tag, place = _varint(data, place)
        kind = tag & 7
        if kind == _LENGTHED:
            length, place = _varint(data, place)
            inner, place = place, place + length
        elif kind == _VARINT:
            inner = place
            _, place = _varint(data, place)
        elif kind in _SIZES:
            inner, place = place, place + _SIZES[kind]
        else:
            raise ValueError("an unknown kind of field")
        if place > end:
            raise ValueError("cut short")
        found.append(_Field(tag >> 3, begin, inner, place, kind == _LENGTHED))
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of any length, and what comes after it."""
    value = shift = 0
    while True:
        if place >= len(data) or shift > 63:
            raise ValueError("cut short")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def _tag(number: int, length: int) -> bytes:
    """The head of a field with that length."""
    found = bytearray()
    for value in (number << 3 | _LENGTHED, length):
        while value >= 0x80:
            found.append(value & 0x7F | 0x80)
            value >>= 7
        found.append(value)
    return bytes(found)
