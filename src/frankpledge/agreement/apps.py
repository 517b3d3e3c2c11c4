from django.apps import AppConfig


class AgreementConfig(AppConfig):
    name = "frankpledge.agreement"
    label = "agreement"
