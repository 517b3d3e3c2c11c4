"""How gunicorn serves the pages; `serve` names this file to it."""

import os
import threading

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 2
threads = 4
# Loaded once and then forked: the second start answers seconds sooner.
preload_app = True
graceful_timeout = 10
timeout = 120
loglevel = "warning"
control_socket_disable = True
wsgi_app = "frankpledge.config.wsgi:application"


def when_ready(server: object) -> None:
    """Loads every room's pages while there is one process, then says where they are."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018
    print(f"Frankpledge is ready at http://{bind}/ (Ctrl-C stops it)", flush=True)  # noqa: T201


def post_worker_init(worker: object) -> None:
    """Loads what answers need a little later, so that it does not delay the first page."""
    later = threading.Timer(5, _warm)
    later.daemon = True
    later.start()


def _warm() -> None:
    from django.conf import settings
    from scipy import optimize, stats  # noqa: F401

    from frankpledge.analysis.engine import warm

    warm(settings.ENGINE)
