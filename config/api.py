"""The API under /api/v1/: its rooms put together, and its document."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.api.auth import TokenAuth
from api.answers import AnswerRenderer
from api.problems import CONTENT_TYPE, install, not_there
from api.sections import sections
from audit.expressions import Expression
from config.api_page import documentation

DESCRIPTION = (
    "Send `Authorization: Bearer <token>`; an administrator makes tokens in the console under *API tokens*. "
    "A token may do what the person it acts as may do, within its own limits. Errors are problem details (RFC 9457)."
)
IDEMPOTENT = {
    ("/api/v1/jobs", "post"),
    ("/api/v1/customers", "post"),
    ("/api/v1/series", "post"),
    ("/api/v1/payments", "post"),
    ("/api/v1/payments/{ref}/refund", "post"),
}

# Where operations stood when the document first named them: programs are made from these names.
_NAMED = {"accounts.api.customers": "jobs.api.customers", "templates_app.api": "jobs.api.templates"}


def to_be_read(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes GET alone, and says so also of what has no cookie of a form, as programs have none."""
    return csrf_exempt(require_safe(view))


_PART = Expression(r"<(?:\w+:)?(\w+)>", longest=500)


def parameters_of(request: HttpRequest) -> frozenset[str]:
    """The query parameters that the document knows at the address and for the method of a request."""
    match = request.resolver_match
    address = _PART.sub(r"{\1}", f"/{match.route}") if match else ""
    return _parameters().get((address, (request.method or "").lower()), frozenset())


@cache
def _parameters() -> dict[tuple[str, str], frozenset[str]]:
    return {
        (address, method): frozenset(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")
        for address, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


class _API(NinjaAPI):
    """Says of its errors what they are: problem details, not plain JSON."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        module = operation.view_func.__module__
        return f"{_NAMED.get(module, module)}_{operation.view_func.__name__}".replace(".", "_")

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
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
    docs_decorator=to_be_read,
    auth=TokenAuth(parameters_of),
    renderer=AnswerRenderer(),
    urls_namespace="api",
)
for section in sections():
    api.add_router("", section.router)
install(api)


urlpatterns = [
    path("v1/docs", to_be_read(documentation), {"api": api}, name="api-docs"),
    # Before ninja's own, which takes what has no cookie of a form for a forgery.
    path("v1/", not_there, name="api-not-there"),
    path("v1/", api.urls),
    re_path(r"^.*$", not_there, name="api-not-there"),
]
