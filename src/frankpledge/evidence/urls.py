from django.urls import path

from frankpledge.evidence import views

urlpatterns = [
    path("ask/", views.explorer, name="explorer"),
    path("ask/save/", views.explorer_save, name="explorer-save"),
    path("ask/answer.<str:kind>", views.explorer_export, name="explorer-export"),
    path("ask/map.json", views.explorer_map, name="explorer-map"),
    path("findings/", views.finding_list, name="finding-list"),
    path("findings/new/", views.finding_new, name="finding-new"),
    path("findings/<uuid:pk>/", views.finding, name="finding"),
    path("findings/<uuid:pk>/figures.<slug:kind>", views.finding_export, name="finding-export"),
]
