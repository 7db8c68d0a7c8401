"""Operations: one class each, in family files, and their registry. NumPy only."""

from ..errors import Unsupported
from .base import CATEGORIES, Op, unbroadcast
from .context import Clock, Context, cleared, stream
from .example import Draw, Example, classes, uniform
from .initialisers import INITIALISERS, fill
from .param import Param, freeze, is_whole_text
from .recipe import Recipe
from .registry import by_category, by_role, get, known, make, names, register
from .socket import Socket
from .spec import Dim, Shape, Size, Spec, axis_of, broadcast, product, shape_text

__all__ = [
    "CATEGORIES",
    "INITIALISERS",
    "Clock",
    "Context",
    "Dim",
    "Draw",
    "Example",
    "Op",
    "Param",
    "Recipe",
    "Shape",
    "Size",
    "Socket",
    "Spec",
    "Unsupported",
    "axis_of",
    "broadcast",
    "by_category",
    "by_role",
    "classes",
    "cleared",
    "fill",
    "freeze",
    "get",
    "is_whole_text",
    "known",
    "make",
    "names",
    "product",
    "register",
    "shape_text",
    "stream",
    "unbroadcast",
    "uniform",
]
