from django.apps import AppConfig


class ExampleConfig(AppConfig):
    name = "frankpledge.example"
    label = "example"
