"""Static files as an installation has them: under names that change with their content, compressed once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CompressedStaticFiles(CompressedManifestStaticFilesStorage):
    """Compresses what pages name, and nothing a second time: ``bin/run`` collects at each start.

    A file under a hashed name never changes, so what was made of it stays good. Pages name no other.
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        named = set(self.hashed_files.values())
        yield from super().compress_files([name for name in paths if name in named and self._is_fresh(name)])

    def _is_fresh(self, name: str) -> bool:
        done = (os.path.exists(self.path(f"{name}.{kind}")) for kind in ("br", "gz"))
        return not name.endswith(".map") and not all(done)
