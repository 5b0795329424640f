"""Runs the tests in the virtual environment, on every core."""

from __future__ import annotations

import os
import sys

import environment


def main() -> None:
    python = environment.ensure("requirements-dev.txt")
    arguments = sys.argv[1:]
    command = [python, "-m", "pytest"]
    if not any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        # What shares something dear (tests/upgrade) stays on one core.
        command += ["-n", "auto", "--dist", "loadgroup"]
    os.chdir(environment.ROOT)
    os.execv(python, [*command, *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
