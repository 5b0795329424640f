"""axe-core, the yardstick of WCAG: fetched once from npm into ``var/``, never part of the repository.

``AXE_CORE=/path/to/axe.min.js`` names one that is there already.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from playwright.sync_api import Page

VERSION = "4.14.1"
# What npm says of that version; a file that differs is not used.
INTEGRITY = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
SCRIPT = "package/axe.min.js"
NO_AXE = (
    "No axe-core: install npm, so that the tests can fetch it (npm pack axe-core), or say where its axe.min.js is with "
    "AXE_CORE=/path."
)
LEVEL_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class NotThere(Exception):
    """There is no axe-core, and it cannot be had; the text says why."""


def script(folder: Path) -> str:
    """The text of axe.min.js, kept below a folder. Raises NotThere."""
    named = os.environ.get("AXE_CORE", "")
    if named:
        return Path(named).read_text()
    kept = folder / f"axe-{VERSION}.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    # Several processes of one run want it at once: one fetches, the others wait.
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(_fetched())
    return kept.read_text()


def _fetched() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise NotThere(NO_AXE)
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        parcel = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or parcel is None:
            raise NotThere(f"{NO_AXE} npm said: {done.stderr.strip()[-500:]}")
        digest = base64.b64encode(hashlib.sha512(parcel.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != INTEGRITY:
            raise NotThere(f"What npm fetched is not axe-core {VERSION} as it was published.")
        with tarfile.open(parcel) as opened:
            found = opened.extractfile(SCRIPT)
            assert found is not None
            return found.read()


def violations(page: Page, axe: str, levels: list[str] = LEVEL_AA, rules: list[str] | None = None) -> list[str]:
    """What axe finds wrong with a page as it stands, one line a rule, the first places named; ``rules``: of these."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(axe)
    found = page.evaluate("only => axe.run(document, {runOnly: only})", rules or levels)
    assert found["passes"] or rules, f"axe looked at nothing on {page.url}"
    return [_in_words(page, rule) for rule in found["violations"]]


def _in_words(page: Page, rule: dict) -> str:  # type: ignore[type-arg]
    places = " | ".join(f"{node['target']} {node['html'][:120]}" for node in rule["nodes"][:3])
    theme = page.evaluate("document.documentElement.dataset.bsTheme || ''")
    width = (page.viewport_size or {}).get("width")
    return f"{page.url} ({theme}, {width} px): {rule['id']}, {len(rule['nodes'])} times: {places}"
