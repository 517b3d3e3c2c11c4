from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "frankpledge.evidence"
    label = "evidence"
