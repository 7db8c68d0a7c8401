"""`graphlab report`: a document, a run or a sweep as one HTML file to hand in."""

from __future__ import annotations

from pathlib import Path

import click

from ..lab.report import report as write_report
from .console import as_json, print_json, say


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE|RUN|SWEEP")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="OUT.html", help="Where to; here by default."
)
@click.option(
    "--of", type=click.Path(path_type=Path), metavar="FILE", help="The document whose run is meant."
)
@click.option("--author", default="", metavar="NAME", help="What stands in the field for a name.")
@as_json
def report(what: str, out: Path | None, of: Path | None, author: str, as_json: bool) -> None:
    """Write a report: one HTML file that stands by itself, for reading, printing and handing in.

    Of FILE or EXAMPLE it tells the network, its newest run and sweep, and all runs compared; a RUN or SWEEP is the
    folder of one, or a run's name or number with --of FILE.
    """
    path = write_report(what, out, of=of, author=author)
    size = path.stat().st_size
    if as_json:
        print_json({"path": str(path), "bytes": size})
    else:
        say(f"Wrote {path}, {size / 1000:,.0f} kB. Any browser shows it; it prints on A4.")
