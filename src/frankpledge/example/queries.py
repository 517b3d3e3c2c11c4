"""The accounts behind the personas."""

from frankpledge.access.models import User
from frankpledge.example.personas import Persona


def account_of(persona: Persona) -> User | None:
    return User.objects.filter(email=persona.email, is_active=True).first()
