from django.urls import path

from frankpledge.assessment import views

urlpatterns = [
    path("assessments/", views.assessment_list, name="assessment-list"),
    path("assessments/chase-late/", views.chase_late, name="assessment-chase-late"),
    path("assessments/county/", views.roll_up, name="assessment-roll-up"),
    path("assessments/<uuid:pk>/", views.assessment, name="assessment"),
    path("assessments/<uuid:pk>/chase/", views.chase, name="assessment-chase"),
    path("assessments/<uuid:pk>/window/", views.window, name="assessment-window"),
    path("assessments/<uuid:pk>/issues/", views.issues, name="assessment-issues"),
    path("assessments/<uuid:pk>/scores/", views.scores, name="assessment-scores"),
    path("assessments/<uuid:pk>/scores/<uuid:issue>/", views.score, name="assessment-score"),
    path("assessments/<uuid:pk>/sign-off/", views.sign_off, name="assessment-sign-off"),
    path("assessments/<uuid:pk>/reopen/", views.reopen, name="assessment-reopen"),
    path("assessments/<uuid:pk>/document.<slug:kind>", views.document, name="assessment-document"),
    path("assessments/<uuid:pk>/sections/<slug:kind>/", views.section, name="assessment-section"),
    path(
        "assessments/<uuid:pk>/sections/<slug:kind>/place/",
        views.place_finding,
        name="assessment-place-finding",
    ),
    path(
        "assessments/<uuid:pk>/placings/<uuid:placing>/<slug:what>/",
        views.change_placing,
        name="assessment-change-placing",
    ),
]
