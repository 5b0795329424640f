"""The forms of a page, with what a browser would send of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet

# What somebody types where a form wants something: good for every field of its type.
TYPED = {
    "email": "typed@mail.example",
    "number": "1",
    "date": "2027-01-05",
    "datetime-local": "2027-01-05T08:00",
    "time": "08:00",
    "tel": "+491711234567",
    "url": "https://a.example/",
    "color": "#0f766e",
    "password": "correct horse battery",
}


@dataclass
class Form:
    """One form: where it goes, what it sends, what it may be sent with."""

    action: str = ""
    method: str = "get"
    sent: dict[str, list[str]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def filled(self) -> dict[str, list[str]]:
        """What a browser sends once somebody has filled in whatever is wanted and empty."""
        data = {name: list(values) for name, values in self.sent.items()}
        for name in sorted(self.required):
            if any(data.get(name, [])):
                continue
            choices = [value for value in self.options.get(name, []) if value]
            data[name] = [choices[0]] if choices else [TYPED.get(self.types.get(name, ""), "typed")]
        return data


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select: tuple[Form, str] | None = None
        self.text: tuple[Form, str] | None = None
        self.typed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = said.get("action") or said.get("hx-post", "")
            method = "post" if "hx-post" in said else said.get("method", "get").lower()
            self.open = Form(action=action, method=method)
            self.forms.append(self.open)
            if "id" in said:
                self.by_id[said["id"]] = self.open
            return
        form = self.by_id.get(said.get("form", "")) or self.open
        name = said.get("name", "")
        if form is None or "disabled" in said:
            return
        if tag == "option" and self.select is not None:
            form, name = self.select
            form.options[name].append(said.get("value", ""))
            if "selected" in said:
                form.sent.setdefault(name, []).append(said.get("value", ""))
        elif tag == "button" and said.get("type", "submit") == "submit" and name:
            form.buttons.append((name, said.get("value", "")))
        elif not name:
            return
        elif tag == "select":
            self.select = form, name
            form.options.setdefault(name, [])
            self._wanted(form, name, said, "several" if "multiple" in said else "select")
        elif tag == "textarea":
            self.text, self.typed = (form, name), []
            self._wanted(form, name, said, "textarea")
        elif tag == "input":
            self._input(form, name, said)

    def _wanted(self, form: Form, name: str, said: dict[str, str], kind: str) -> None:
        form.types.setdefault(name, kind)
        if "required" in said:
            form.required.add(name)

    def _input(self, form: Form, name: str, said: dict[str, str]) -> None:
        kind = said.get("type", "text").lower()
        if kind in ("submit", "image"):
            form.buttons.append((name, said.get("value", "")))
        elif kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            form.options.setdefault(name, []).append(said.get("value", "on"))
            self._wanted(form, name, said, kind)
            if "checked" in said:
                form.sent.setdefault(name, []).append(said.get("value", "on"))
        elif kind not in ("button", "reset"):
            form.sent.setdefault(name, []).append(said.get("value", ""))
            self._wanted(form, name, said, kind)

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.typed.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select" and self.select is not None:
            form, name = self.select
            if name not in form.sent and form.options[name] and form.types[name] == "select":
                form.sent[name] = form.options[name][:1]
            self.select = None
        elif tag == "textarea" and self.text is not None:
            form, name = self.text
            form.sent.setdefault(name, []).append("".join(self.typed).removeprefix("\n"))
            self.text = None


def forms_in(page: str) -> list[Form]:
    """The forms of a page that send something."""
    reader = _Reader()
    reader.feed(page)
    return [form for form in reader.forms if form.method == "post"]


def relations_in(answer: Any) -> dict[str, Any]:
    """{name of a control: the model whose records it names} of all forms an answer was drawn with."""
    found: dict[str, Any] = {}
    for form in _drawn(answer):
        for name, one in form.fields.items():
            if isinstance(one, forms.ModelChoiceField) and one.queryset is not None:
                found[form.add_prefix(name)] = one.queryset.model
    return found


def _drawn(answer: Any) -> Iterator[forms.BaseForm]:
    seen: set[int] = set()
    for context in answer.context or ():
        for layer in getattr(context, "dicts", [context]):
            for value in layer.values():
                yield from _forms_of(value, seen)


def _forms_of(value: Any, seen: set[int]) -> Iterator[forms.BaseForm]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _forms_of(one, seen)
        return
    value = getattr(value, "formset", None) or getattr(value, "form", None) or value
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, BaseFormSet):
        yield from value.forms
        yield value.empty_form
    elif isinstance(value, forms.BaseForm):
        yield value
