from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import Worker
from accounts.services import make_token
from api import sections

NO_BODY = object()


class Program:
    """A program with a token: ``program.post("/jobs", {...})`` gives the response, ``.json()`` its body."""

    def __init__(self, token, plain, client=None):
        self.token, self.plain, self.client = token, plain, client or Client()

    def __call__(self, method, path, body=NO_BODY, **headers):
        data = {} if body is NO_BODY else {"data": json.dumps(body), "content_type": "application/json"}
        headers = {"Authorization": f"Bearer {self.plain}", **headers}
        return self.client.generic(method, f"/api/v1{path}", headers=headers, **data)

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=NO_BODY, **headers):
        return self("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self("PATCH", path, body, **headers)

    def put(self, path, body, **headers):
        return self("PUT", path, body, **headers)


@pytest.fixture
def program(cast):
    """``program(person_or_worker, scopes=None)``: a program that acts as her, for everything or for those scopes."""

    def _program(owner, scopes=None, **facts):
        who = {"worker": owner} if isinstance(owner, Worker) else {"user": owner}
        if "user" in who:
            facts["scopes"] = tuple(sections.scopes()) if scopes is None else scopes
        return Program(*make_token(name="Test", by=None, **who, **facts))

    return _program


@pytest.fixture
def danas(cast, program):
    return program(cast.dana)
