from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "frankpledge.access"
    label = "access"

    def ready(self) -> None:
        from frankpledge.core.apps import open_rooms

        open_rooms()
