from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "frankpledge.sharing"
    label = "sharing"
