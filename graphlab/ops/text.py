"""A text as rows of characters. The params say all that shapes depend on; its characters lie in `data.store`."""

from __future__ import annotations

from .base import Example, Op, Param, Spec
from .contents import PRESENT
from .registry import register
from .spec import Dim

WANTED = ("each", "next")
CHOOSE = "Choose a text file in the inspector, or drop one on the canvas."
LONGEST = 4096

# the hash of the first names that come with graphlab: see `data.names`
NAMES = "bcd5c4ef823e0db88635a0210e474d88311b153a2ac36233355807043795b2aa"


@register
class Text(Op):
    """Rows of `length` characters of a text, with the characters that follow as what is to be predicted.

    Until you choose a text of your own it is a list of first names, one a line.

    `x` is N×length whole numbers, one for each character, as an Embedding or a OneHot takes them. With `predict` each,
    `target` is N×length, too: at every position the character that comes next. With next it is only the one that
    follows the whole row, N.

    The rows held out for validation and test are the end of the text, and no character that is predicted there is
    predicted in training. `stride` is how many characters the next row begins further on; 0 takes `length` where each
    is predicted, so that every character counts once, and 1 where only the next one is.
    """

    synonyms = ("Characters", "Corpus", "Language model", "Tokens", "txt")
    category = "Input"
    formula = "x, target = the rows of the batch, and what follows"
    latex = r"x,\ t = \mathrm{rows\ of\ the\ batch},\ \mathrm{what\ follows}"
    source = True
    brings = "text"
    outputs = ("x", "target")
    file = Param("names.txt", shown=False, help="The file that the text was read from.")
    content = Param(NAMES, shown=False, help="The hash of its characters.")
    size = Param(59167, low=0, shown=False, help="How many characters there are.")
    alphabet = Param(
        "\n-abcdefghijklmnopqrstuvwxyz",
        shown=False,
        help="The different characters in order; their places are the numbers in x.",
    )
    length = Param(32, low=1, high=LONGEST, help="How many characters make a row.")
    predict = Param(
        "each", choices=WANTED, help="What to predict: each next character, or only the one after a row."
    )
    stride = Param(
        0, low=0, high=LONGEST, help="How much further on the next row begins; 0 is what suits predict."
    )
    examples = (
        Example({"file": "a.txt", "size": 100, "alphabet": "ab"}),
        Example({"length": 1, "size": 2}),
        Example({"predict": "next", "stride": 4, "content": "ab"}),
        Example({"length": 64, "stride": 8, "alphabet": "\n abc"}),
    )
    cost = 0

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return self.file or "the text"

    @property
    def step(self) -> int:
        """How many characters the next row begins further on."""
        suiting = self.length if self.predict == "each" else 1
        return int(self.stride or suiting)

    @property
    def rows(self) -> int:
        """How many rows it makes."""
        return int(max(0, (self.size - self.length - 1) // self.step + 1))

    def lack(self) -> tuple[str, str]:
        if not self.content:
            return "There is no text yet.", CHOOSE
        if self.content not in PRESENT:
            return (
                f"The characters of {self.title} are not here: this file was saved or copied without them.",
                "Press Find file … in the inspector.",
            )
        if not self.rows:
            return (
                f"{self.title} has {self.size:,} characters; a row of {self.length:,} and what follows needs more.",
                f"Set length to {max(1, self.size // 2)}, or take a longer text."
                if self.size > 1
                else "Take a longer text.",
            )
        return "", ""

    def infer(self) -> tuple[Spec, Spec]:
        rows = Dim("N")
        x = Spec((rows, self.length), "int")
        return x, x if self.predict == "each" else Spec((rows,), "int")

    def contents(self) -> tuple[str, ...]:
        return (self.content,) if self.content not in ("", NAMES) else ()
