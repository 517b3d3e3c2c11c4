from django.urls import path

from frankpledge.components import views
from frankpledge.components.map_ground import map_ground

urlpatterns = [
    path("components/", views.components, name="components"),
    path("accessibility/", views.accessibility_statement, name="accessibility-statement"),
    path("privacy/", views.privacy, name="privacy"),
    path("other-formats/", views.other_formats, name="other-formats"),
    path("map-ground/", map_ground, name="map-ground"),
]
