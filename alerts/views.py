"""Saying "no more messages", without an account: the link at the foot of each message."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.models import Delivery
from alerts.services import stop_messages
from audit.token_columns import find_by_token
from console.errors import Refused

THIS_JOB, EVERYTHING = "job", "all"


# The token in the address is the proof; mail programs post here by themselves (RFC 8058) and bring no other.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops: mail scanners open links. A link that never was gets the same page without buttons."""
    delivery = find_by_token(Delivery.objects.exclude(channel="console").select_related("job"), token)
    context: dict[str, Any] = {"delivery": delivery, "done": ""}
    if delivery is None:
        return render(request, "alerts/stop.html", context, status=404)
    if request.method == "POST":
        # A mail program's own "unsubscribe" button means everything.
        scope = request.POST.get("scope", EVERYTHING)
        job = delivery.job if scope == THIS_JOB else None
        if scope == THIS_JOB and job is None:
            scope = ""
        if scope in (THIS_JOB, EVERYTHING):
            try:
                stop_messages(delivery.recipient, job=job)
            except Refused:
                # The job has just gone: what is left to stop is everything.
                delivery.job = None
            else:
                context["done"] = scope
    return render(request, "alerts/stop.html", context)
