from django.conf import settings
from django.urls import path

from frankpledge.example import views

# In production these addresses do not exist.
urlpatterns = (
    [
        path("see-it-as/", views.see_it_as, name="see-it-as"),
        path("see-it-as/<slug:key>/", views.see_as, name="see-as"),
    ]
    if settings.EXAMPLE
    else []
)
