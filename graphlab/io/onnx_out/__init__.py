"""Graphs as ONNX models. How each operation says itself stands in tables by its name; see `speaking`."""

from .model import to_onnx

__all__ = ["to_onnx"]
