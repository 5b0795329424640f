from typing import Any

from django import forms

class RangeDateForm(forms.Form):
    name: str
    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None: ...
