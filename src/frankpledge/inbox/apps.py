from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "frankpledge.inbox"
    label = "inbox"
