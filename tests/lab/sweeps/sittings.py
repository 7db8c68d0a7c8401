"""A process that does sittings of sweeps as the command line does, each in a child, which can be killed.

It reads the words of a command as JSON on a line of its standard input, prints the child's number, and when that is
dead, its exit code.
"""

import json
import os
import sys

from graphlab.cli.program import program


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            program.main(json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
