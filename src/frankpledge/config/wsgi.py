import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "frankpledge.config.settings")


def refuse_the_example() -> None:
    """Real people never meet made-up data: production does not start on the example's database."""
    from django.conf import settings
    from django.db import connections

    if settings.PRODUCTION:
        from frankpledge.example.loading.everything import is_loaded

        if is_loaded():
            raise SystemExit(
                "This database holds the example, so it cannot be used in production. "
                "Set FRANKPLEDGE_HOME (or DATABASE_URL) to an empty one."
            )
        # A connection must not be shared with the processes that are forked from this one.
        connections.close_all()


application = get_wsgi_application()
refuse_the_example()
