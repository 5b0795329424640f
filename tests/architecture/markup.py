"""Where text may become markup: the places in our tree, and those in templates of packages, read from the files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps
from django.forms import renderers

from tests.architecture.tree import ROOT, files, modules

# Of Python: what makes a text safe, or a template of a text.
MARKERS = {"mark_safe", "SafeString", "SafeText", "Markup", "html_safe", "from_string"}
FORMATTERS = {"format_html": 1, "format_html_join": 2}
# Of templates: what writes a text as it is, what Django draws with every help text as markup, what is code.
IN_TEMPLATES = re.compile(
    r"\|\s*safe(?:seq)?\b"
    r"|\{%-?\s*filter\s+[^%]*safe[^%]*%\}"
    r"|\{%-?\s*autoescape\s+off\s*-?%\}"
    r"|\{\{-?\s*(?:[\w.]*\.)?(?!management_form)\w*form(?:set)?\s*\}\}"
    r"|\.as_(?:p|ul|div|table|field_group)\b"
    r"|\bx-html\b|\bhx-on\b|\bsrcdoc\s*=|javascript:"
    r"|\bhx-(?:vals|vars|headers)\s*=\s*[\"']?(?:js|javascript):"
    r"|[\s}](?:x-(?!transition)[\w:.-]+|@[\w:.-]+|:[a-z][\w-]*)\s*=\s*(?:\"[^\"]*\{\{[^\"]*\"|'[^']*\{\{[^']*')"
)
# Of scripts, ours and those inside templates.
IN_SCRIPTS = re.compile(
    r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write|\bcreateContextualFragment\b|\bsetHTMLUnsafe\b"
    r"|\bDOMParser\b|\bsrcdoc\b|\beval\(|\bnew Function\b|\$\([^)]*\)\.html\(|\bhtml:|\bbind(?:Popup|Tooltip)\("
)
# htmx puts in what the server drew.
_SWAP = re.compile(r"hx-swap\s*=\s*\"[^\"]*\"")

Place = tuple[str, str]


@cache
def places() -> frozenset[Place]:
    """(file or "file:function", what stands there) of everything in our tree that may make markup of a text."""
    return frozenset([*_in_python(), *_in_files()])


def _in_python() -> Iterator[Place]:
    for module in modules():
        functions = [one for one in ast.walk(module.tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        within = {node: one.name for one in functions for node in ast.walk(one)}
        passed = {id(node) for node in _types(module.tree)}
        for node in ast.walk(module.tree):
            place = f"{module.path}:{within.get(node, '')}"
            if isinstance(node, ast.Call) and _makes_markup(node):
                passed.add(id(node.func))
                yield place, ast.unparse(node)
            elif isinstance(node, ast.ImportFrom):
                yield from ((place, f"{one.name} as {one.asname}") for one in node.names if _is_renamed(one))
            elif isinstance(node, ast.Name | ast.Attribute) and _last(node) in MARKERS and id(node) not in passed:
                yield place, ast.unparse(node)
            elif isinstance(node, ast.FunctionDef) and node.name == "__html__":
                yield place, "def __html__"
            elif isinstance(node, ast.keyword) and node.arg == "is_safe":
                yield place, f"is_safe={ast.unparse(node.value)}"


def _makes_markup(call: ast.Call) -> bool:
    name = _last(call.func)
    if name not in FORMATTERS:
        return name in MARKERS
    literal = call.args[: FORMATTERS[name]]
    return len(literal) < FORMATTERS[name] or not all(isinstance(one, ast.Constant) for one in literal)


def _is_renamed(name: ast.alias) -> bool:
    return name.name in {*MARKERS, *FORMATTERS} and name.asname not in (None, name.name)


def _types(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands in annotations: there SafeString says that a text is safe, and makes none so."""
    for node in ast.walk(tree):
        for said in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(said, ast.AST):
                yield from ast.walk(said)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _in_files() -> Iterator[Place]:
    for path in files():
        suffix = Path(path).suffix
        if path.startswith(("tests/", "docs/", "bin/")) or suffix not in (".html", ".txt", ".js", ".svg"):
            continue
        if suffix == ".txt" and "/templates/" not in path:
            continue
        text = (ROOT / path).read_text()
        if suffix == ".js":
            yield from ((path, line.strip()) for line in text.splitlines() if IN_SCRIPTS.search(line))
        else:
            yield from in_template(path, text)


def in_template(name: str, text: str) -> Iterator[Place]:
    """What may make markup, or code, of a text in a template."""
    text = _SWAP.sub("", text)
    for pattern in (IN_TEMPLATES, IN_SCRIPTS):
        yield from ((name, " ".join(found[0].removeprefix("}").split())) for found in pattern.finditer(text))


@cache
def package_templates() -> frozenset[str]:
    """The templates of packages, by their paths, that may make markup or code of a text, and that we could render."""
    folders = [Path(one.path) / "templates" for one in apps.get_app_configs()]
    folders.append(Path(renderers.__file__).parent / "templates")
    found: set[str] = set()
    for folder in folders:
        if folder.is_relative_to(ROOT) and ".venv" not in folder.relative_to(ROOT).parts:
            continue
        for path in folder.rglob("*"):
            if path.suffix in (".html", ".txt"):
                found |= {name for name, _what in in_template(from_package(path), path.read_text())}
    return frozenset(found)


def from_package(path: Path) -> str:
    """The path of a file of a package, from the folder in which packages are; of another file, its path."""
    parts = path.parts
    return "/".join(parts[parts.index("site-packages") + 1 :]) if "site-packages" in parts else str(path)
