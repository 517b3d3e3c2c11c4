from django.urls import path

from frankpledge.components import views

urlpatterns = [
    path("components/", views.components, name="components"),
    path("accessibility/", views.accessibility_statement, name="accessibility-statement"),
    path("privacy/", views.privacy, name="privacy"),
    path("other-formats/", views.other_formats, name="other-formats"),
]
