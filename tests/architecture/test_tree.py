"""What the tree must not hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.template import engines

from tests.architecture.tree import ROOT, files, modules

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}
# Put together here, so that this file is clean as well.
HOSTS = [
    f"{name}.{end}"
    for name, end in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "com"),
        ("npmjs", "org"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("cdnjs", "cloudflare"),
        ("googleapis", "com"),
        ("bootstrapcdn", "com"),
    )
]
MACHINE = re.compile(r"(?<![\w./<}])/(?:" + "|".join(("work", "tmp", "root", "home")) + r")/")
TEXT = (".py", ".html", ".css", ".js", ".md", ".txt", ".in", ".toml", ".yaml", ".yml", ".svg", ".cfg", ".sh", "")


def texts() -> list[tuple[str, str]]:
    return [(path, (ROOT / path).read_text(errors="replace")) for path in files() if Path(path).suffix in TEXT]


def test_every_module_has_a_name_that_says_something():
    # A template that stands in place of one of Unfold's is where Unfold looks for it.
    ours = [path for path in files() if not path.startswith("config/templates/unfold/")]
    nameless = [path for path in ours if NAMELESS & {part.removesuffix(".py") for part in path.split("/")}]
    assert not nameless, f"A homeless function belongs to the noun in its first argument: {nameless}"


# Rows that no service of ours writes, and why we look at them.
WRITTEN_BY_OTHERS = {"accounts/receivers.py": "django-axes keeps the form of each try, passwords and all"}


def test_nothing_hangs_on_post_save():
    """Fields have a method of that name too: what counts is the signal."""
    saves = {"post_save", "pre_save"}

    def is_signal(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom):
            return node.module == "django.db.models.signals" and bool(saves & {alias.name for alias in node.names})
        return isinstance(node, ast.Attribute) and node.attr in saves and ast.unparse(node.value).endswith("signals")

    used = {module.path for module in modules() if any(map(is_signal, ast.walk(module.tree)))}
    assert used == set(WRITTEN_BY_OTHERS), f"A change with a story is a service: {used}"


# For whoever is signed in. A portal link by its token is found by jobs.services, before anybody is known.
DOORS = ("portal_site/visitor.py", "portal_site/records.py")


def test_a_portal_view_reaches_records_through_a_door():
    managers = ("objects", "_base_manager", "_default_manager", "all_objects")
    used = [
        place
        for module in modules()
        if module.app == "portal_site" and module.path not in DOORS
        for place in module.lines_with(*managers)
    ]
    assert not used, f"Fetch it in one of {DOORS}: {used}"


def test_no_package_host_is_named():
    named = [f"{path}: {host}" for path, text in texts() for host in HOSTS if host in text]
    assert not named, f"Pages work without the internet, and locks name no address: {named}"


def test_no_path_of_one_machine_is_named():
    named = [f"{path}: {found.group()}" for path, text in texts() if (found := MACHINE.search(text))]
    assert not named, named


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    found = {str(path): mark.group() for path, text in texts() if (mark := marks.search(text))}
    # A bank's head office has three such letters in its code.
    found.pop("findings/schwifty-the-bank-without-xxx.sh", None)
    assert not found, found


@pytest.mark.parametrize("path", [path for path in files() if path.endswith(".html") and "/templates/" in path])
def test_every_template_compiles(path):
    engines["django"].get_template(path.split("/templates/", 1)[1])


def test_a_portal_page_needs_no_inline_style_or_script():
    """Its Content-Security-Policy would refuse them."""
    inline = re.compile(r"\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=")
    pages = [path for path in files() if path.startswith("portal_site/templates/") and "/mail/" not in path]
    found = [path for path in pages if inline.search((ROOT / path).read_text())]
    assert not found, found


def test_every_direct_dependency_says_what_it_is_for_and_is_pinned():
    for name in ("requirements", "requirements-dev"):
        pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / f"{name}.txt").read_text(), re.MULTILINE))
        for line in (ROOT / f"{name}.in").read_text().splitlines():
            if not line.startswith(("#", "-")):
                package = re.split(r"[\[<>=~! #]", line, maxsplit=1)[0]
                assert package in pinned, f"{package} is in {name}.in and not in {name}.txt: run bin/lock."
                assert "#" in line, f"Say in {name}.in what {package} is here for."


def test_every_variable_that_is_read_is_explained():
    explained = (ROOT / "docs" / "running.md").read_text()
    read: set[str] = set()
    for path, text in texts():
        if path.endswith(".py") and path.startswith(("config/", "bin/")):
            read |= set(re.findall(r"env\.(?!refuse)\w+\(\s*\"([A-Z][A-Z_]+)\"", text))
            read |= set(re.findall(r"environ\.get\(\"([A-Z][A-Z_]+)\"", text))
    missing = sorted(name for name in read if f"`{name}`" not in explained)
    assert read and not missing, f"Explain in docs/running.md: {missing}"
