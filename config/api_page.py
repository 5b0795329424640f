"""The API on one page, made from its document: no script, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from ninja import NinjaAPI

# A part of the document: an operation, a shape, a type. What is in it, OpenAPI says.
Part = dict[str, Any]

# What a shape demands of a value, as the document names it, and as the page says it.
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "{} characters at most",
    "minItems": "at least {}",
    "maxItems": "{} at most",
    "minimum": "from {}",
    "maximum": "to {}",
}


def documentation(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Every operation with what it takes, gives and may be refused for; and the shapes of what is sent."""
    schema = api.get_openapi_schema()
    groups: dict[str, list[Part]] = {}
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, address, operation))
    shapes = {
        name: {"description": _marked(shape.get("description", "")), "fields": _fields(shape)}
        for name, shape in sorted(schema["components"]["schemas"].items())
        if "properties" in shape and not name.startswith("Page_")
    }
    context = {"groups": groups, "shapes": shapes, "description": _marked(api.description), "title": "Portico API"}
    return TemplateResponse(request, "api/documentation.html", context)


def _operation(method: str, address: str, operation: Part) -> Part:
    body = _shape(_content(operation.get("requestBody", {}))) if "requestBody" in operation else ""
    statuses = {int(status): answer for status, answer in operation["responses"].items()}
    good = min(statuses)
    return {
        "key": operation["operationId"],
        "method": method.upper(),
        "address": address,
        "summary": operation["summary"],
        "description": _marked(operation.get("description", "")),
        "scope": operation["security"][0]["TokenAuth"][0],
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "type": _shape(one.get("schema", {})),
                "needed": one.get("required", False),
                "description": _marked(one.get("description", "")),
            }
            for one in operation.get("parameters", [])
        ],
        "body": body,
        "status": good,
        "answer": _shape(_content(statuses[good])),
        "refusals": [status for status in sorted(statuses) if status >= 400],
    }


def _content(part: Part) -> Part:
    found: Part = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(shape: Part) -> list[Part]:
    needed = shape.get("required", [])
    return [
        {"name": name, "type": _shape(facts), "limits": _limits(facts), "needed": name in needed}
        for name, facts in shape["properties"].items()
    ]


def _limits(facts: Part) -> str:
    """How long, how many, from where to where."""
    for one in (facts, *facts.get("anyOf", [])):
        if said := [words.format(one[name]) for name, words in LIMITS.items() if one.get(name, 0) != 0]:
            return ", ".join(said)
    return ""


def _marked(text: str) -> SafeString:
    """The `code` and *emphasis* of a description, as HTML."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return mark_safe(re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text))


def _shape(facts: Part) -> SafeString:
    """A type in a few words, with a link to its shape where it has one."""
    if "$ref" in facts:
        name = facts["$ref"].rsplit("/", 1)[-1]
        if paged := re.fullmatch(r"Page_(\w+)_", name):
            return format_html("a page of {}", _link(paged.group(1)))
        return _link(name)
    if len(facts.get("allOf", [])) == 1:
        return _shape(facts["allOf"][0])
    if "enum" in facts:
        return escape(" | ".join(map(str, facts["enum"])))
    if "anyOf" in facts:
        return format_html_join(" or ", "{}", ((one,) for one in dict.fromkeys(map(_shape, facts["anyOf"]))))
    if facts.get("type") == "array":
        return format_html("list of {}", _shape(facts.get("items", {})))
    return escape(str(facts.get("format") or facts.get("type", "anything")))


def _link(name: str) -> SafeString:
    return format_html('<a href="#{}">{}</a>', name, name)
