"""Runs catalogue.py in the virtual environment of a development machine."""

from __future__ import annotations

import os
import sys

import environment


def main() -> None:
    python = environment.ensure("requirements-dev.txt")
    os.chdir(environment.ROOT)
    os.execv(python, [python, str(environment.ROOT / "bin" / "catalogue.py"), *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
