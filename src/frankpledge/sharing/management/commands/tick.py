import logging
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from frankpledge.core import clock
from frankpledge.core.registries import tick_jobs
from frankpledge.sharing.working import working_on

_log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Do what is due: fetch feeds, tell results, start again what was interrupted."

    def handle(self, *args: Any, **options: Any) -> None:
        with working_on(settings.STORE, "tick") as mine:
            if not mine:
                self.stdout.write("Another tick is running.")
                return
            broken = [job for job in tick_jobs() if not self._done(job)]
        if broken:
            sys.exit(1)

    def _done(self, job: Any) -> bool:
        """One job that breaks does not keep the others from being done."""
        try:
            said = job(clock.today(), clock.now())
        except Exception:
            _log.exception("%s broke", job.__name__)
            return False
        if said:
            self.stdout.write(said)
        return True
