"""What is asked and said of pictures: what a unit wants, at which samples it says most, what an answer rests on."""

from __future__ import annotations

from typing import Any

import msgspec


class Sought(msgspec.Struct, frozen=True):
    """A part of an output, the same in every row: () the whole layer, (c,) a channel or class, (c, y, x) one unit."""

    node: str
    socket: str
    at: tuple[int, ...] = ()


class StartClimb(msgspec.Struct, frozen=True, tag=True):
    """Find out what these units want by gradient ascent on the picture; answered by Climbed events.

    knobs: those of `wants.climb.Knobs` that are not as usual. begin: a picture to begin with, None for noise. source:
    key of the source where the pictures go in, where there are several.
    """

    request: int
    units: tuple[Sought, ...]
    knobs: dict[str, float] = {}
    begin: Any = None
    source: str = ""


class Climbed(msgspec.Struct, frozen=True, tag=True):
    """How far the pictures are, or why there are none: `message` and `hint`.

    pictures: (C, H, W) for each unit. curves: what each unit said, step by step. tones: least and greatest of a pixel.
    step: of training, whose weights these are. A unit whose picture is finished stays in the answer.
    """

    run: int
    request: int
    step: int = 0
    pictures: tuple[Any, ...] = ()
    curves: tuple[Any, ...] = ()
    tones: tuple[float, float] = (0.0, 1.0)
    done: int = 0
    total: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""


class FindBest(msgspec.Struct, frozen=True, tag=True):
    """Find the samples of a split at which these units say most; answered by Found events."""

    request: int
    units: tuple[Sought, ...]
    split: str = "train"
    count: int = 9
    source: str = ""


class BestOfUnit(msgspec.Struct, frozen=True):
    """The samples at which a unit says most, the most first: see `wants.top.Best`."""

    values: Any
    rows: Any
    pictures: Any
    peaks: Any


class FoundBest(msgspec.Struct, frozen=True, tag=True):
    """What was found so far for each unit, or why nothing was: `message` and `hint`. done: of `total` rows, of `of`
    that the split has.
    """

    run: int
    request: int
    step: int = 0
    best: tuple[BestOfUnit, ...] = ()
    split: str = ""
    done: int = 0
    total: int = 0
    of: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""


class AskWhy(msgspec.Struct, frozen=True, tag=True):
    """Say what the answer to a picture rests on; answered by Because events.

    method: one of `wants.why.METHODS`. picture: (C, H, W); None for the row at `place` of `split`. label: whose score
    is looked at, −1 for the class that is said. layer: whose maps Grad-CAM looks at, "" for the last. patch, stride:
    of the occlusion map. base: what is put in place of what is taken away: "black", "mean" or "white". towards: for
    the method "fool", go towards `label` and not away from it. widest: the largest step, as a share of the span of
    tones.
    """

    request: int
    method: str
    picture: Any = None
    split: str = "train"
    place: int = 0
    label: int = -1
    layer: str = ""
    patch: int = 4
    stride: int = 2
    base: str = "black"
    towards: bool = False
    widest: float = 0.3
    source: str = ""


class Because(msgspec.Struct, frozen=True, tag=True):
    """What the answer rests on, or why nothing can be said: `message` and `hint`.

    picture: (C, H, W) that was looked at. chances: of each class. label: whose score it is, `score`. map: (C, H, W)
    or (H, W), signed; None while there is none. coarse: the map as it was computed, where it was made larger. gap,
    steps: of integrated gradients, by how much their sum misses the difference of the scores, which is `difference`.
    sizes, by_size: of the method "fool", the steps and the chances after each; `map` is then the direction. layer:
    whose maps were taken. layers: (key, name) of those that could be. row: of the data, −1 for a picture that was
    given.
    """

    run: int
    request: int
    step: int = 0
    method: str = ""
    picture: Any = None
    chances: Any = None
    label: int = -1
    score: float = 0.0
    map: Any = None
    coarse: Any = None
    gap: float = 0.0
    difference: float = 0.0
    steps: int = 0
    sizes: Any = None
    by_size: Any = None
    layer: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    tones: tuple[float, float] = (0.0, 1.0)
    row: int = -1
    true: int = -1
    done: int = 0
    total: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""


class StartDream(msgspec.Struct, frozen=True, tag=True):
    """Dream upon a picture, (C, H, W) of any size; answered by Dreamt events. sleep: what of `wants.dream.Sleep` is
    not as usual.
    """

    request: int
    unit: Sought
    picture: Any
    sleep: dict[str, float] = {}
    source: str = ""


class Dreamt(msgspec.Struct, frozen=True, tag=True):
    """The picture as it is now, or why there is none: `message` and `hint`.

    begun: as it was. curve: see `wants.dream`.
    """

    run: int
    request: int
    step: int = 0
    picture: Any = None
    begun: Any = None
    curve: Any = None
    tones: tuple[float, float] = (0.0, 1.0)
    done: int = 0
    total: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""
