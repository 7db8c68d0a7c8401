"""Reports: a document, one of its runs or a sweep as one HTML file that can be handed in, printed and kept."""

from .page import page
from .subject import Subject, of_document, subject_of
from .writing import report, write

__all__ = ["Subject", "of_document", "page", "report", "subject_of", "write"]
