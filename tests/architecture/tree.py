"""The tree as the architecture tests read it: its Python files, parsed once, without migrations and tests."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "audit",
    "console",
    "business",
    "accounts",
    "templates_app",
    "permissions",
    "jobs",
    "alerts",
    "imports",
    "billing",
    "portal_site",
    "config",
)


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, and what it says."""

    path: str
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.path.split("/", 1)[0]

    def lines_with(self, *names: str) -> list[str]:
        """Where one of those names is used, read or imported, as "path:line"."""
        return [f"{self.path}:{node.lineno}" for node in ast.walk(self.tree) if _names(node) & set(names)]  # type: ignore[attr-defined]


def _names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    return set()


@cache
def files() -> tuple[str, ...]:
    """Every file of the project that git knows or would take, from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted(path for path in set(listed) if (ROOT / path).is_file()))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of our apps, without migrations."""
    return tuple(
        Module(path, ast.parse((ROOT / path).read_text()))
        for path in files()
        if path.endswith(".py") and path.split("/", 1)[0] in APPS and "/migrations/" not in path
    )
