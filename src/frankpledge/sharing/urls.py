from django.urls import path

from frankpledge.sharing.views import agreements, calendar, keeping, returns

_VERSION = "sharing/<slug:slug>/versions/<uuid:key>/"
_PERIOD = "returns/calendar/<uuid:key>/<slug:organisation>/<str:start>/"
_RETURN = "returns/<uuid:key>/"

urlpatterns = [
    path("sharing/", agreements.agreement_list, name="sharing-agreement-list"),
    path("sharing/new/", agreements.agreement_new, name="sharing-agreement-new"),
    path("sharing/<slug:slug>/", agreements.agreement, name="sharing-agreement"),
    path("sharing/<slug:slug>/draft/", agreements.version_new, name="sharing-version-new"),
    path(_VERSION, agreements.version, name="sharing-version"),
    path(f"{_VERSION}clause/", agreements.clause, name="sharing-clause-new"),
    path(f"{_VERSION}clause/<uuid:clause>/", agreements.clause, name="sharing-clause"),
    path(
        f"{_VERSION}clause/<uuid:clause>/remove/",
        agreements.clause_remove,
        name="sharing-clause-remove",
    ),
    path(f"{_VERSION}term/", agreements.term, name="sharing-term-new"),
    path(f"{_VERSION}term/<uuid:term>/remove/", agreements.term_remove, name="sharing-term-remove"),
    path(f"{_VERSION}put-in-force/", agreements.put_in_force, name="sharing-put-in-force"),
    path(f"{_VERSION}sign/<slug:organisation>/", agreements.sign, name="sharing-sign"),
    path(f"{_VERSION}take-back/<slug:organisation>/", agreements.revoke, name="sharing-revoke"),
    path("returns/", returns.submission_list, name="submission-list"),
    path("returns/calendar/", calendar.calendar, name="return-calendar"),
    path("returns/calendar/remind/", calendar.chase, name="return-calendar-chase"),
    path("returns/calendar/duty/", calendar.duty, name="return-duty"),
    path("returns/calendar/new/", calendar.schedule_new, name="schedule-new"),
    path("returns/calendar/<uuid:key>/end/", calendar.schedule_end, name="schedule-end"),
    path(_PERIOD, calendar.period, name="return-period"),
    path(f"{_PERIOD}more-time/", calendar.extend, name="return-extend"),
    path(f"{_PERIOD}nothing/", calendar.nil, name="return-nil"),
    path(f"{_PERIOD}remind/", calendar.chase_one, name="return-chase"),
    path("returns/new/", returns.submission_new, name="submission-new"),
    path(_RETURN, returns.submission, name="submission"),
    path(f"{_RETURN}rows/", returns.submission_rows, name="submission-rows"),
    path(f"{_RETURN}cancel/", returns.submission_cancel, name="submission-cancel"),
    path(f"{_RETURN}undo/", returns.submission_undo, name="submission-undo"),
    path(f"{_RETURN}redo/", returns.submission_redo, name="submission-redo"),
    path(f"{_RETURN}start-again/", returns.submission_resume, name="submission-resume"),
    path(f"{_RETURN}delete/", keeping.delete, name="keeping-delete"),
    path(f"{_RETURN}deletion/", keeping.deletion, name="deletion"),
    path("keeping/", keeping.keeping, name="keeping"),
    path("keeping/holds/new/", keeping.hold_new, name="hold-new"),
    path("keeping/holds/<uuid:key>/lift/", keeping.hold_lift, name="hold-lift"),
    path("data/", returns.dataset_list, name="dataset-list"),
    path("data/<slug:slug>/", returns.dataset, name="dataset"),
]
