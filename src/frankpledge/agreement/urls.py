from django.urls import path

from frankpledge.agreement import views

urlpatterns = [
    path("agreement/", views.current, name="current-agreement"),
    path("agreement/versions/", views.versions, name="agreement-versions"),
    path("agreement/versions/<str:number>/", views.version, name="agreement-version"),
    path("agreement/versions/<str:number>/next/", views.draft, name="agreement-draft"),
    path(
        "agreement/versions/<str:number>/notes/",
        views.change_notes,
        name="agreement-change-notes",
    ),
    path("agreement/versions/<str:number>/cycle/", views.cycle, name="agreement-cycle"),
    path("agreement/versions/<str:number>/do/<slug:what>/", views.move, name="agreement-move"),
    path(
        "agreement/versions/<str:number>/chapters/<slug:key>/",
        views.chapter,
        name="agreement-chapter",
    ),
    path(
        "agreement/versions/<str:number>/document.<slug:kind>",
        views.document,
        name="agreement-document",
    ),
    path("agreement/priorities/<uuid:pk>/", views.priority, name="priority"),
    path("agreement/changes/", views.proposals, name="proposals"),
    path("agreement/changes/new/", views.propose, name="proposal-new"),
    path("agreement/changes/<uuid:pk>/", views.proposal, name="proposal"),
    path("agreement/changes/<uuid:pk>/decide/", views.decide, name="proposal-decide"),
    path("agreement/changes/<uuid:pk>/withdraw/", views.withdraw, name="proposal-withdraw"),
]
