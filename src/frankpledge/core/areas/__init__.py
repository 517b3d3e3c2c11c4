"""Areas as the Office for National Statistics publishes them: read, recognised, stored."""

from frankpledge.core.areas.files import Facts, NotAreas, Place, kind_of_code, read
from frankpledge.core.areas.store import Loaded, store

__all__ = ["Facts", "Loaded", "NotAreas", "Place", "kind_of_code", "read", "store"]
