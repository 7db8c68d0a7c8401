"""A report opened in a real browser: it loads, asks for nothing, fits on the screen and on paper."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphlab.lab.report import report
from graphlab.lab.runs import RunFolder
from tests.browser import Browser, find_browser

IN_VIEW = """[...document.querySelectorAll('svg')].map(e => {
  const box = e.getBoundingClientRect(); return [e.className.baseVal, box.width, box.height] })"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    profile = tempfile.mkdtemp(prefix="graphlab-browser-")
    found = Browser(find_browser(), Path(profile))
    yield found
    found.close()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(scope="module")
def made(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(trained_once, tmp_path_factory.mktemp("page") / "digits.html", author="Ada")


@pytest.fixture
def opened(browser: Browser, made: Path) -> Browser:
    browser.size(1280)
    browser.prefer("light")
    browser.open(made)
    return browser


def test_it_asks_for_nothing_and_complains_of_nothing(opened: Browser, made: Path) -> None:
    assert opened.requests == [made.as_uri()]
    assert opened.complaints == []
    assert opened.value("document.scripts.length") == 0
    assert opened.value("document.title") == "Digits with an MLP: report"


def test_its_policy_lets_no_request_out(browser: Browser, made: Path, tmp_path: Path) -> None:
    spoilt = made.read_text(encoding="utf-8").replace(
        "</main>", '<img src="http://127.0.0.1:9/x.png"></main>'
    )
    (tmp_path / "spoilt.html").write_text(spoilt, encoding="utf-8")
    browser.open(tmp_path / "spoilt.html")
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


@pytest.mark.parametrize("width", [800, 1280])
def test_nothing_sticks_out_sideways(opened: Browser, width: int) -> None:
    opened.size(width)
    assert opened.value("document.documentElement.scrollWidth") == width
    outside = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.wide, .pan, .equations, svg')
      && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName)"""
    assert opened.value(outside) == []


def test_every_picture_has_a_size_and_every_part_a_heading(opened: Browser) -> None:
    sizes = opened.value(IN_VIEW)
    assert {kind for kind, _, _ in sizes} == {"gl", "chart"}
    assert all(width > 200 and height > 40 for _, width, height in sizes)
    assert opened.value(
        "[...document.querySelectorAll('section')].every(s => s.querySelector('h2').offsetHeight > 0)"
    )
    assert opened.value(
        "[...document.querySelectorAll('svg')].every(s => s.querySelector('title').textContent)"
    )
    assert opened.value("[...document.querySelectorAll('th')].every(h => h.scope)")
    assert opened.value(
        "[...document.querySelectorAll('math')].every(m => m.getBoundingClientRect().height > 8)"
    )


def test_tables_hold_the_runs_own_numbers(opened: Browser, trained_once: Path) -> None:
    run = RunFolder(trained_once.parent / "digits.runs").runs()[0]
    shown = opened.value("document.querySelector('#result').innerText")
    assert f"{100 * run.figures.metrics['accuracy']:.2f} %" in shown
    assert f"{run.figures.validation_loss:.4g}" in shown


def test_words_stay_within_the_nodes_they_are_of(opened: Browser) -> None:
    """The widths that words are cut by hold for the fonts that are here."""
    outside = """[...document.querySelectorAll('svg.gl g > .body')].flatMap(body => {
      const card = body.getBoundingClientRect();
      return [...body.parentNode.querySelectorAll('text')].filter(t => {
        const box = t.getBoundingClientRect(); return box.left < card.left - 1 || box.right > card.right + 1
      }).map(t => t.textContent) })"""
    assert opened.value(outside) == []


def test_dark_and_light_follow_the_reader_and_can_be_read(opened: Browser) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        opened.prefer(scheme)
        grounds.append(opened.value("getComputedStyle(document.documentElement).backgroundColor"))
        fill = opened.value("getComputedStyle(document.querySelector('.gl .body')).fill")
        ink = opened.value("getComputedStyle(document.querySelector('.gl text')).fill")
        assert fill != ink
    assert grounds == ["rgb(247, 248, 250)", "rgb(20, 22, 26)"]


def test_it_prints_on_a_few_pages_of_a4(opened: Browser) -> None:
    opened.prefer("dark")
    printed = opened.pdf()
    assert printed.startswith(b"%PDF")
    pages = printed.count(b"/Type /Page\n") or printed.count(b"/Type /Page/") or printed.count(b"/MediaBox")
    assert 3 <= pages <= 12
    assert b"/MediaBox [0 0 594" in printed or b"/MediaBox [0 0 595" in printed
