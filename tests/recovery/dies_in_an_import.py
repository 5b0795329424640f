"""A worker's process of its own: in the third chunk of an import it waits to be killed, its rows written and not
committed.

    python -m tests.recovery.dies_in_an_import <primary key of the run>
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django

READY = "in the middle"
CHUNK = 50


def main(run_id: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from imports.services import running, work_on_run

    for name in ("CHUNK", "CHANGED_CHUNK", "FIRST_CHUNK"):
        setattr(running, name, CHUNK)
    write, chunks = running._write_results, []

    def waits_in_the_third(*args: Any) -> None:
        write(*args)
        chunks.append(1)
        if len(chunks) == 3:
            print(READY, flush=True)
            time.sleep(600)

    running._write_results = waits_in_the_third
    work_on_run(run_id)


if __name__ == "__main__":
    main(int(sys.argv[1]))
