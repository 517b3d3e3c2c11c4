from django.urls import path

from frankpledge.evidence import odata, views
from frankpledge.evidence import views_of_questions as questions
from frankpledge.evidence import views_of_signals as signals

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
    path("emerging/", signals.emerging, name="emerging"),
    path("emerging/<uuid:pk>/", signals.signal, name="signal"),
    path("emerging/<uuid:pk>/dismiss/", signals.signal_dismiss, name="signal-dismiss"),
    path("emerging/<uuid:pk>/restore/", signals.signal_restore, name="signal-restore"),
    path("emerging/<uuid:pk>/keep/", signals.signal_keep, name="signal-keep"),
    path("my-questions/", questions.saved_question_list, name="saved-question-list"),
    path("my-questions/new/", questions.saved_question_new, name="saved-question-new"),
    path("my-questions/<uuid:pk>/", questions.saved_question, name="saved-question"),
    path(
        "my-questions/<uuid:pk>/change/",
        questions.saved_question_change,
        name="saved-question-change",
    ),
    path(
        "my-questions/<uuid:pk>/delete/",
        questions.saved_question_delete,
        name="saved-question-delete",
    ),
    path("my-questions/<uuid:pk>/tell/", questions.saved_question_tell, name="saved-question-tell"),
    path("told/<uuid:pk>/end/", questions.subscription_end, name="subscription-end"),
    path("unsubscribe/<str:token>/", questions.unsubscribe, name="unsubscribe"),
]
