from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class CoreConfig(AppConfig):
    name = "frankpledge.core"
    label = "core"


def open_rooms() -> None:
    """Import what each room registers: its policy, duties, thread, grants, deletions, ticks."""
    for config in apps.get_app_configs():
        if config.name.startswith("frankpledge."):
            for part in ("policy", "duties", "thread", "grants", "deletions", "ticks"):
                if find_spec(f"{config.name}.{part}"):
                    import_module(f"{config.name}.{part}")
