from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "frankpledge.evidence"
    label = "evidence"

    def ready(self) -> None:
        from frankpledge.components.constraints import register

        register(
            "evidence_savedquestion_once",
            "You already have a question of that name. Choose another name.",
            field="name",
        )
