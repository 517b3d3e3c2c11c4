from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "frankpledge.sharing"
    label = "sharing"

    def ready(self) -> None:
        from frankpledge.components.constraints import register

        register(
            "sharing_agreementversion_number_once",
            "This agreement already has a version of that number.",
            field="number",
        )
        register(
            "sharing_clause_once",
            "This version already has a clause of that number.",
            field="number",
        )
        register(
            "sharing_agreementversion_one_in_force",
            "Another version came into force in the meantime. Open the agreement again.",
        )
        register(
            "sharing_signature_one_standing", "Somebody has signed for the organisation already."
        )
        register(
            "sharing_sharingagreement_names_its_body",
            "Choose the body it is shown to.",
            field="owner",
        )
