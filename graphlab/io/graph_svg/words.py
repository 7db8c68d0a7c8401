"""How wide words are, and words cut to a width, where no font can be asked: by Helvetica's widths, a little widened."""

from __future__ import annotations

# widths of Helvetica in thousandths of its size, from the Adobe font metrics; what is not here counts as a wide letter
_WIDTHS = {
    **dict.fromkeys("ijl|'", 222),
    **dict.fromkeys(" ftI!.,:;/\\[]()", 290),
    **dict.fromkeys("r-*", 345),
    **dict.fromkeys("cksvxyzJ", 500),
    **dict.fromkeys("abdeghnopqu0123456789_?L$", 556),
    **dict.fromkeys("FTZ+=<>~^·×−", 605),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQm", 800),
    **dict.fromkeys("MW@%…", 940),
}
_OTHER, _WIDER = 760, 1.16
MONO = 0.61  # of its size, a letter of a monospaced face


def width(words: str, px: float, *, bold: bool = False, mono: bool = False) -> float:
    """About how many units the words take at that size."""
    if mono:
        return len(words) * px * MONO
    return sum(_WIDTHS.get(c, _OTHER) for c in words) / 1000 * px * _WIDER * (1.06 if bold else 1.0)


def cut(words: str, room: float, px: float, *, bold: bool = False, mono: bool = False) -> str:
    """The words, or as many letters as fit with "…" behind them; "" where not even that fits."""
    if width(words, px, bold=bold, mono=mono) <= room:
        return words
    for count in range(len(words) - 1, 0, -1):
        shorter = words[:count].rstrip() + "…"
        if width(shorter, px, bold=bold, mono=mono) <= room:
            return shorter
    return ""


def lines(words: str, room: float, px: float) -> list[str]:
    """The words in lines of that width; a word that is longer is cut."""
    found: list[str] = []
    for paragraph in words.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and width(longer, px) > room:
                found.append(line)
                line = word
            else:
                line = longer
        found.append(cut(line, room, px))
    return found
