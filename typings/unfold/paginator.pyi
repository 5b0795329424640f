from django.core.paginator import Paginator
from django.db.models import Model

class InfinitePaginator(Paginator[Model]): ...
