"""Graphs as files of PyTorch. See `script` for the whole, `modules` for layers, `expressions` for everything else."""

from .script import Code, code_of, lines_of, to_pytorch

__all__ = ["Code", "code_of", "lines_of", "to_pytorch"]
