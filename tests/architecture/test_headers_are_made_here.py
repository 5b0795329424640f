"""A header made of anything that is no constant is made in ``audit.headers``, which puts it on one line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import modules

HERE = "audit/headers.py"
MAKERS = {"header", "file_header", "file_name", "address_header"}
# What makes mails or headers beside it: (module, name). What of these modules makes none is not in the way.
FOREIGN = {
    "django.core.mail": {"EmailMessage", "EmailMultiAlternatives", "send_mail", "send_mass_mail", "mail_admins",
                         "mail_managers", "message"},
    "django.core.mail.message": {"EmailMessage", "EmailMultiAlternatives"},
    "django.core": {"mail"},
    "django.utils.http": {"content_disposition_header"},
    "email.message": {"EmailMessage", "Message", "MIMEPart"},
    "email.mime.text": {"MIMEText"},
    "email.mime.multipart": {"MIMEMultipart"},
}  # fmt: skip
KEYWORDS = {"headers", "content_type", "filename"}
ANSWERS = re.compile(r"(Response\w*|Request|render|EmailMessage)$")
LOOKS_LIKE_A_HEADER = re.compile(r"[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)+|Vary|Location|Allow|Refresh|Link|Server")
METHODS = {"setdefault", "update", "__setitem__"}


def is_constant(value: ast.expr) -> bool:
    """Is it a literal, a constant of a module, or made by one of our makers?"""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Name):
        return value.id.isupper()
    if isinstance(value, ast.Call):
        name = value.func
        return isinstance(name, ast.Name) and name.id in MAKERS
    if isinstance(value, ast.JoinedStr):
        return all(is_constant(part) for part in value.values)
    if isinstance(value, ast.FormattedValue):
        return is_constant(value.value)
    if isinstance(value, ast.Dict):
        return all(key is not None and is_constant(key) for key in value.keys) and all(map(is_constant, value.values))
    if isinstance(value, ast.IfExp):
        return is_constant(value.body) and is_constant(value.orelse)
    return False


def is_headers(node: ast.expr) -> bool:
    """Is it the headers of an answer?"""
    return isinstance(node, ast.Attribute) and node.attr == "headers"


def values_of_headers(tree: ast.AST) -> Iterator[ast.expr]:
    """Everything that becomes a header of an answer in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Subscript) and _is_header(target):
                    yield node.value
        elif isinstance(node, ast.Call):
            if ANSWERS.search(ast.unparse(node.func)):
                yield from (word.value for word in node.keywords if word.arg in KEYWORDS)
            if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                first = node.args[0] if node.args else None
                named = isinstance(first, ast.Constant) and LOOKS_LIKE_A_HEADER.fullmatch(str(first.value))
                if is_headers(node.func.value) or named:
                    yield from node.args[-1:]


def _is_header(target: ast.Subscript) -> bool:
    key = target.slice
    return is_headers(target.value) or (
        isinstance(key, ast.Constant) and bool(LOOKS_LIKE_A_HEADER.fullmatch(str(key.value)))
    )


def made_elsewhere(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each header that is made of something else than constants and our makers: its line, and what stands there."""
    for value in values_of_headers(tree):
        if not is_constant(value):
            yield value.lineno, ast.unparse(value)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in FOREIGN.get(node.module or "", ()):
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in FOREIGN and alias.name != "django.core":
                    yield node.lineno, alias.name


def test_every_header_is_made_in_one_place():
    assert [
        f"{module.path}:{line} {said}"
        for module in modules()
        if module.path != HERE
        for line, said in made_elsewhere(module.tree)
    ] == []


@pytest.mark.parametrize(
    "code",
    [
        "from django.core.mail import EmailMessage",
        "from django.core import mail",
        "import django.core.mail",
        "from django.utils.http import content_disposition_header",
        "answer['Content-Disposition'] = f'inline; filename={job.number}.pdf'",
        "answer['X-Customer'] = job.customer.name",
        "answer.headers['Vary'] = name",
        "answer.headers[name] = name",
        "answer.headers.setdefault('X-A', name)",
        "answer.setdefault('HX-Redirect', target)",
        "answer.headers.update(said)",
        "HttpResponse('', headers={'HX-Trigger': job.number})",
        "HttpResponse('', headers={**said})",
        "HttpResponse('', headers=said)",
        "FileResponse(file, filename=run.file_name)",
        "HttpResponse('', content_type=file.kind)",
        "answer['Retry-After'] = str(seconds)",
    ],
)
def test_it_would_notice(code):
    assert list(made_elsewhere(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from django.core.mail import get_connection",
        "answer['Content-Disposition'] = file_header(name, to_keep=True)",
        "answer.headers[f'HX-{name}'] = header(value)",
        "HttpResponse('', headers={'HX-Redirect': address_header(target)}, content_type='text/plain')",
        "answer['Permissions-Policy'] = MAY_ASK",
        "row['Address'] = f'{street}, {town}'",
        "FileResponse(file, filename=file_name(run.file_name))",
    ],
)
def test_it_leaves_alone(code):
    assert not list(made_elsewhere(ast.parse(code)))
