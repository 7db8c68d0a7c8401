"""What hands do on the canvas, one file per gesture. `begin` chooses the gesture that a press starts."""

from .begin import begin
from .gesture import Gesture, Pointer

__all__ = ["Gesture", "Pointer", "begin"]
