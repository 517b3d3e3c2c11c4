from django.urls import path

from frankpledge.access import views

urlpatterns = [
    path("why/<slug:kind>/<str:key>/", views.why_page, name="why"),
    path("my-access/", views.my_access, name="my-access"),
    path("roles/", views.roles, name="roles"),
]
