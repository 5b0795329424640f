"""Makes the locks, for every platform and Python we support, from where pip of this machine gets its packages."""

from __future__ import annotations

import os
import subprocess
import sys

import environment

# requirements file -> what else binds it: a development machine runs the versions that production runs.
LOCKS = {"requirements": [], "requirements-dev": ["--constraints", "requirements.txt"]}
# Where packages come from is this machine's affair: taken from pip's configuration, and never written to a lock.
SOURCES = {"index-url": "UV_INDEX_URL", "extra-index-url": "UV_EXTRA_INDEX_URL", "find-links": "UV_FIND_LINKS"}


def _sources(python: str) -> dict[str, str]:
    found = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True).stdout
    sources: dict[str, str] = {}
    for line in found.splitlines():
        name, _, value = line.partition("=")
        variable = SOURCES.get(name.rpartition(".")[2])
        if variable:
            separator = "," if variable == "UV_FIND_LINKS" else " "
            sources[variable] = separator.join(value.strip("'").split())
    return sources


def main() -> None:
    python = environment.ensure("requirements-dev.txt")
    env = {**_sources(python), **os.environ}
    for name, bounds in LOCKS.items():
        command = [python, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--custom-compile-command", "bin/lock", *bounds, *sys.argv[1:]]
        command += [f"{name}.in", "--output-file", f"{name}.txt"]
        if subprocess.run(command, cwd=environment.ROOT, env=env).returncode:
            environment.refuse(f"{name}.txt could not be made: see the lines above.")
        environment.say(f"{name}.txt is up to date.")


if __name__ == "__main__":
    main()
