from typing import Any, TypeVar

from django.contrib.auth.forms import PasswordChangeForm
from django.db.models import Model
from django.forms import BaseInlineFormSet, Form, ModelForm
from django.http import HttpRequest

_Record = TypeVar("_Record", bound=Model)
_Parent = TypeVar("_Parent", bound=Model)
_Form = TypeVar("_Form", bound=ModelForm[Model])

class BaseDialogForm(Form):
    request: HttpRequest
    # The key of the record, as its address has it; None where the dialog is of a list.
    object_id: Any
    def __init__(self, request: HttpRequest, *args: object, **kwargs: object) -> None: ...

class AdminOwnPasswordChangeForm(PasswordChangeForm): ...
class PaginationInlineFormSet(BaseInlineFormSet[_Record, _Parent, _Form]): ...
