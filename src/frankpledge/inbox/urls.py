from django.urls import path

from frankpledge.inbox import views

urlpatterns = [
    path("", views.home, name="home"),
    path("inbox/", views.inbox, name="inbox"),
    path("thread/<slug:kind>/<str:key>/", views.thread, name="thread"),
]
