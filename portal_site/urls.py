"""The addresses of the companion site."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "portal_site"


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [
    path("", home, name="home"),
    path("login/", home, name="login"),
    path("l/<str:token>/", lambda request, token: HttpResponse("ok"), name="guest"),
]
