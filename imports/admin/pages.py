"""What every page about an import has in common: how its run is fetched, its steps, its frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.private_hooks import buttons_of
from console.kit import ConsoleModelAdmin
from imports.choices import RUN_STATE_COLOURS, RunState
from imports.models import ImportRun

STEPS = (
    ("upload", gettext_lazy("Upload")),
    ("columns", gettext_lazy("Columns")),
    ("check", gettext_lazy("Check")),
    ("import", gettext_lazy("Import")),
    ("result", gettext_lazy("Result")),
)


A = TypeVar("A", bound="RunPages")
# A page about a run as its view is written, and as it is addressed: by the run's key.
RunView = Callable[[A, HttpRequest, ImportRun], HttpResponseBase]
Page = Callable[[A, HttpRequest, str], HttpResponseBase]


def person(request: HttpRequest) -> User:
    """Who asks: the console lets nobody in who has not signed in. Raises PermissionDenied for anybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def of_run(permission: str) -> Callable[[RunView[A]], Page[A]]:
    """A page about one run: fetched through the scoped queryset; strangers 404, insiders without the right 403."""

    def decorate(view: RunView[A]) -> Page[A]:
        @wraps(view)
        def page(model_admin: A, request: HttpRequest, object_id: str) -> HttpResponseBase:
            run = model_admin.record(request, object_id)
            if run is None:
                raise Http404
            if not getattr(model_admin, f"has_{permission}_permission")(request, run):
                raise PermissionDenied
            return view(model_admin, request, run)

        return page

    return decorate


class RunPages(ConsoleModelAdmin[ImportRun]):
    """The frame around every step."""

    def page(
        self, request: HttpRequest, template: str, step: str, run: ImportRun | None, context: Mapping[str, object]
    ) -> HttpResponse:
        """One step of an import, with the run's facts and the buttons its state allows."""
        passed = [key for key, _label in STEPS].index(step)
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": run,
            "run": run,
            "steps": [
                (label, "done" if place < passed else "now" if place == passed else "next")
                for place, (_key, label) in enumerate(STEPS)
            ],
            "badge": RUN_STATE_COLOURS[RunState(run.state)] if run else "",
        }
        if run is not None:
            allowed = self.get_actions_detail(request, run.pk)
            base["actions_detail"] = buttons_of(self, self.actions_detail, allowed, str(run.pk))
            base["commit_url"] = reverse("admin:imports_importrun_commit", args=[run.pk])
        request.current_app = self.admin_site.name  # Django's own console sets it so
        return TemplateResponse(request, template, {**base, **context})
