from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

urlpatterns = [path("account/", include("allauth.urls"))] + [
    path("", include(f"{room}.urls")) for room in settings.ROOMS if find_spec(f"{room}.urls")
]
