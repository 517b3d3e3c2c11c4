from django.urls import path

from frankpledge.assessment.views import cycles, writing

urlpatterns = [
    path("assessments/", cycles.assessment_list, name="assessment-list"),
    path("assessments/chase-late/", cycles.chase_late, name="assessment-chase-late"),
    path("assessments/county/", cycles.roll_up, name="assessment-roll-up"),
    path("issues/", cycles.issue_sources, name="issue-sources"),
    path("assessments/cycles/new/", cycles.cycle_new, name="cycle-new"),
    path("assessments/cycles/<uuid:pk>/close/", cycles.cycle_close, name="cycle-close"),
    path("assessments/<uuid:pk>/", writing.assessment, name="assessment"),
    path("assessments/<uuid:pk>/chase/", cycles.chase, name="assessment-chase"),
    path("assessments/<uuid:pk>/window/", writing.window, name="assessment-window"),
    path("assessments/<uuid:pk>/issues/", writing.issues, name="assessment-issues"),
    path("assessments/<uuid:pk>/scores/", writing.scores, name="assessment-scores"),
    path("assessments/<uuid:pk>/scores/matrix/", writing.matrix, name="assessment-matrix"),
    path(
        "assessments/<uuid:pk>/scores/matrix/example.csv",
        writing.matrix_example,
        name="assessment-matrix-example",
    ),
    path("assessments/<uuid:pk>/scores/<uuid:issue>/", writing.score, name="assessment-score"),
    path("assessments/<uuid:pk>/sign-off/", writing.sign_off, name="assessment-sign-off"),
    path("assessments/<uuid:pk>/reopen/", writing.reopen, name="assessment-reopen"),
    path(
        "assessments/<uuid:pk>/document.<slug:kind>", writing.document, name="assessment-document"
    ),
    path(
        "assessments/<uuid:pk>/sections/<slug:kind>/",
        writing.section,
        name="assessment-section",
    ),
    path(
        "assessments/<uuid:pk>/sections/<slug:kind>/place/",
        writing.place_finding,
        name="assessment-place-finding",
    ),
    path(
        "assessments/<uuid:pk>/placings/<uuid:placing>/<slug:what>/",
        writing.change_placing,
        name="assessment-change-placing",
    ),
]
