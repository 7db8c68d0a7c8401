"""The commands together, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from typing import Any

import click

from .. import __version__
from ..errors import GraphlabError
from .check import check
from .compare import compare
from .console import close_quietly, complain
from .examples import examples
from .experiments import lr_find, race
from .explain import explain
from .export import export
from .final_test import final_test
from .new import new, templates
from .parts import parts
from .profile import profile
from .report import report
from .run import run
from .runs import runs
from .sample import sample
from .shot import shot
from .show import show
from .sweep import sweep
from .train import train
from .wants import dream, wants, why
from .weights import weights
from .window import open_window

BAD_INPUT = 2
INTERRUPTED = 130
READER_GONE = 1  # as click and rich end in a broken pipe


class Program(click.Group):
    """`graphlab COMMAND …`, or `graphlab [FILE]` for the window.

    Whatever a person got wrong ends in one line on the standard error output and exit code 2.
    """

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A first word that is no command is a file or an example to open."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            _check_is_no_command(args[0], list(self.commands))
            return open_window.name, open_window, args
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **more: Any
    ) -> None:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal that cannot show "−" shows "?"
        more["standalone_mode"] = False
        sys.exit(self._guarded(args, prog_name or "graphlab", more))

    def _guarded(self, args: Sequence[str] | None, prog_name: str, more: dict[str, Any]) -> int:
        try:
            code = super().main(args, prog_name, **more)
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
        except GraphlabError as error:
            complain(error.message, error.hint)
        except click.UsageError as error:
            where = f"See {error.ctx.command_path} --help." if error.ctx else ""
            complain(error.format_message(), where)
        except click.ClickException as error:
            complain(error.format_message())
        except (click.Abort, KeyboardInterrupt):
            complain("Stopped.")
            return INTERRUPTED
        except BrokenPipeError:
            close_quietly()
            return READER_GONE
        return BAD_INPUT


def _check_is_no_command(word: str, commands: list[str]) -> None:
    """GraphlabError when the word is neither a file nor an example, but nearly a command."""
    from .sources import exists

    near = difflib.get_close_matches(word, commands, n=1, cutoff=0.7)
    if near and not exists(word):
        raise GraphlabError(
            f"There is no command, file or example '{word}'.", hint=f"Did you mean {near[0]}?"
        )


@click.group(
    "graphlab",
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="graphlab %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Draw a computation graph, step it forward and backward, watch it learn.

    Without a command, or with a FILE (or the name of an example) in its place, it opens the window.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_window)


for command in (
    examples,
    templates,
    new,
    parts,
    show,
    compare,
    run,
    explain,
    wants,
    why,
    dream,
    train,
    lr_find,
    race,
    sweep,
    runs,
    report,
    final_test,
    sample,
    check,
    profile,
    shot,
    export,
    weights,
):
    program.add_command(command)


def main() -> None:
    """The entry point. Does not return."""
    program.main()
