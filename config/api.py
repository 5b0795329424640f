"""The API under /api/v1/: its rooms put together, its document, its page."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, re_path
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from ninja import NinjaAPI

from jobs.api import customers, jobs, links, series, templates, workers
from jobs.api.auth import TokenAuth
from jobs.api.problems import CONTENT_TYPE, install, not_there

DESCRIPTION = (
    "Send `Authorization: Bearer <token>`; an administrator makes tokens in the console under *API tokens*. "
    "A token may do what the person it acts as may do, within its own limits. Errors are problem details (RFC 9457)."
)
IDEMPOTENT = {("/api/v1/jobs", "post"), ("/api/v1/customers", "post"), ("/api/v1/series", "post")}


class _API(NinjaAPI):
    """Says of its errors what they are: problem details, not plain JSON."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        for address, operations in schema["paths"].items():
            for method, operation in operations.items():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {CONTENT_TYPE: response["content"].pop("application/json")}
                # As OpenAPI 3.1 has it: which of the scheme's scopes the token must hold.
                operation["security"] = [{"TokenAuth": [operation.pop("x-scope")]}]
                if (address, method) in IDEMPOTENT:
                    operation.setdefault("parameters", []).append(
                        {
                            "in": "header",
                            "name": "Idempotency-Key",
                            "required": False,
                            "schema": {"type": "string", "maxLength": 100, "pattern": "^[!-~]*$"},
                            "description": "The same key again does nothing twice and gets the first answer.",
                        }
                    )
        return schema


api = _API(
    title="Portico",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    auth=TokenAuth(),
    urls_namespace="api",
)
for room in (jobs, customers, templates, workers, series, links):
    api.add_router("", room.router)
api.add_router("", workers.own)
install(api)


def documentation(request: HttpRequest) -> HttpResponse:
    """The API on one page, made from its document: no script, nothing fetched from elsewhere."""
    schema = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            groups.setdefault(operation["tags"][0], []).append(
                {
                    "method": method.upper(),
                    "address": address,
                    "summary": operation["summary"],
                    "description": _marked(operation.get("description", "")),
                    "parameters": [
                        one | {"description": _marked(one.get("description", ""))}
                        for one in operation.get("parameters", [])
                    ],
                    "body": body.get("$ref", "").rsplit("/", 1)[-1],
                }
            )
    shapes = {
        name: [
            (field, _shape(facts), field in shape.get("required", [])) for field, facts in shape["properties"].items()
        ]
        for name, shape in schema["components"]["schemas"].items()
        if "properties" in shape
    }
    context = {"groups": groups, "shapes": shapes, "description": _marked(DESCRIPTION), "title": "Portico API"}
    return TemplateResponse(request, "api/documentation.html", context)


def _marked(text: str) -> SafeString:
    """The `code` and *emphasis* of a description, as HTML."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return mark_safe(re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text))


def _shape(facts: dict[str, Any]) -> str:
    """A field's type in a few words."""
    if "$ref" in facts:
        return str(facts["$ref"].rsplit("/", 1)[-1])
    if "enum" in facts:
        return " | ".join(map(str, facts["enum"]))
    if "anyOf" in facts:
        return " | ".join(dict.fromkeys(_shape(one) for one in facts["anyOf"]))
    if facts.get("type") == "array":
        return f"list of {_shape(facts.get('items', {}))}"
    return str(facts.get("format") or facts.get("type", "anything"))


urlpatterns = [
    path("v1/docs", documentation, name="api-docs"),
    path("v1/", api.urls),
    re_path(r"^.*$", not_there),
]
