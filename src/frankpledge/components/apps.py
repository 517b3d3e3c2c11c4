from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    name = "frankpledge.components"
    label = "components"
