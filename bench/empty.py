"""The site, with one page more: an empty one for who is signed in, to compare ours with. A WSGI application."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.reads import EMPTY
from judge.wsgi import application

# isort: split
from judge import urls  # needs what the application has set up

__all__ = ["application"]


@login_required
def empty(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})


urls.urlpatterns.insert(0, path(EMPTY[1:], empty))
