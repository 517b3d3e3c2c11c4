from django.urls import path

from frankpledge.evidence import odata, views

urlpatterns = [
    path("ask/", views.explorer, name="explorer"),
    path("ask/save/", views.explorer_save, name="explorer-save"),
    path("ask/answer.<str:kind>", views.explorer_export, name="explorer-export"),
    path("ask/how-to-read/", views.reading, name="reading"),
    path("ask/who-sees/", views.who_sees, name="explorer-who-sees"),
    path("odata/", odata.service, name="odata"),
    path("odata/$metadata", odata.metadata, name="odata-metadata"),
    path("odata/<slug:name>", odata.rows, name="odata-rows"),
    path("odata/<slug:name>/$count", odata.count, name="odata-count"),
    path("ask/map.json", views.explorer_map, name="explorer-map"),
    path("findings/", views.finding_list, name="finding-list"),
    path("findings/new/", views.finding_new, name="finding-new"),
    path("findings/<uuid:pk>/", views.finding, name="finding"),
    path("findings/<uuid:pk>/figures.<slug:kind>", views.finding_export, name="finding-export"),
]
