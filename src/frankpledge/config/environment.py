"""What an operator may set, read once from the environment; a wrong value stops the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_SECRET = "not-a-secret-for-the-example-only"  # noqa: S105


_SECRETS = "FRANKPLEDGE_FEED_SECRET_"  # each feed's own, by the name it gives


class WrongSetting(Exception):
    """A setting that cannot be used; the text says how to mend it."""


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    help: str
    parse: Callable[[str], Any]


def _text(value: str) -> str:
    return value


def _switch(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("write 1 for on or 0 for off")


def _mode(value: str) -> str:
    if value not in {"example", "production"}:
        raise ValueError("write example or production")
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ValueError(
            "write a date as 2026-01-22, or leave it empty for the real date"
        ) from None


def _megabytes(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise ValueError("write a whole number of megabytes, 1 or more")
    return int(value)


def _maybe_folder(value: str) -> Path | None:
    return _folder(value) if value else None


def _maybe_ground(value: str) -> Path | None:
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if path.suffix.lower() not in {".pmtiles", ".geojson"} or not path.is_file():
        raise ValueError("write the path of a .pmtiles or .geojson file that is there")
    return path


def _hosts(value: str) -> list[str]:
    return [host.strip() for host in value.split(",") if host.strip()]


def _database(value: str) -> dict[str, Any]:
    """The Django form of a postgresql:// address; empty means the SQLite file in the home."""
    if not value:
        return {}
    parts = urlsplit(value)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError("write postgresql://user:password@host:port/name, or leave it empty")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", "") or parts.hostname or ""),
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "OPTIONS": options,
    }


def _bucket(value: str) -> Any:
    """The bucket that is the store; nothing where the store is a folder of the home."""
    if not value:
        return None
    from frankpledge.sharing.store.bucket import Bucket  # only where there is one

    return Bucket.of(value)


def _engine(value: str) -> str:
    if value != "duckdb" and not value.startswith("spark://"):
        raise ValueError("write duckdb, or spark:// and the address of a Spark master")
    return value


def _email(value: str) -> dict[str, Any]:
    if not value or value == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("write smtp://user:password@host:port, or console")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
    }


def _breaks(value: str) -> Path | None:
    """A file of known breaks, read once to see that it can be."""
    if not value:
        return None
    from frankpledge.evidence.queries.breaks import (
        UnreadableBreaks,
        read,
    )  # only where there is one

    path = Path(value).expanduser().resolve()
    try:
        read(path)
    except OSError:
        raise ValueError("write the path of a YAML file that can be read") from None
    except UnreadableBreaks as error:
        raise ValueError(str(error)) from None
    return path


def _rate(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or not 0 < int(value) <= 100_000:
        raise ValueError("write a whole number of requests a minute, 1 to 100000")
    return int(value)


def _days(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) > 3650:
        raise ValueError("write a whole number of days, 0 to 3650")
    return int(value)


SETTINGS = (
    Setting("FRANKPLEDGE_MODE", "example", "example or production", _mode),
    Setting(
        "FRANKPLEDGE_HOME",
        ".frankpledge",
        "the folder of the SQLite file, the store and uploaded files",
        _folder,
    ),
    Setting(
        "FRANKPLEDGE_STORE",
        "",
        "s3://bucket/prefix?endpoint=https://host&region=name; empty for a folder in the home",
        _bucket,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "postgresql://user:password@host:port/name; empty for the SQLite file",
        _database,
    ),
    Setting(
        "FRANKPLEDGE_ENGINE",
        "duckdb",
        "the analysis engine: duckdb, or spark:// and a host, local or a master of Spark's own",
        _engine,
    ),
    Setting(
        "FRANKPLEDGE_SECRET_KEY",
        DEFAULT_SECRET,
        "a long random text that signs sessions and links; production needs its own",
        _text,
    ),
    Setting(
        "FRANKPLEDGE_HOSTS",
        "127.0.0.1,localhost",
        "the host names it answers to, with commas between",
        _hosts,
    ),
    Setting("FRANKPLEDGE_DEBUG", "0", "1 shows Python errors; never in production", _switch),
    Setting(
        "FRANKPLEDGE_HTTPS",
        "",
        "1 sends cookies over HTTPS only; production needs it",
        _switch,
    ),
    Setting(
        "FRANKPLEDGE_TODAY",
        "",
        "the business date pages work with, as 2026-01-22; empty for the real date",
        _day,
    ),
    Setting(
        "FRANKPLEDGE_UPLOAD_LIMIT_MB", "500", "the largest file a partner may send", _megabytes
    ),
    Setting(
        "FRANKPLEDGE_KEEP_ENDED_DAYS",
        "30",
        "how many days a file that was refused as unreadable or stopped is kept",
        _days,
    ),
    Setting("FRANKPLEDGE_API_RATE", "600", "how many requests a minute one key may make", _rate),
    Setting(
        "FRANKPLEDGE_PRIVATE_HOSTS",
        "",
        "hosts of your own network that webhooks and feeds may call, with commas between",
        _hosts,
    ),
    Setting(
        "FRANKPLEDGE_FEED_FOLDER",
        "",
        "the folder below which folders may be watched for files; empty watches none",
        _maybe_folder,
    ),
    Setting(
        "FRANKPLEDGE_MAP_GROUND",
        "",
        "the path of a PMTiles or GeoJSON file of roads, rivers and names; empty draws none",
        _maybe_ground,
    ),
    Setting(
        "FRANKPLEDGE_BREAKS",
        "",
        "the path of a YAML file of further known breaks, which baselines leave out",
        _breaks,
    ),
    Setting(
        "FRANKPLEDGE_EMAIL_URL", "console", "smtp://user:password@host:port or console", _email
    ),
    Setting(
        "FRANKPLEDGE_OIDC",
        "",
        "the path of a JSON list of OpenID Connect providers for sign-in (see the how-to)",
        _text,
    ),
)


def read(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every setting by name. Raises WrongSetting naming the setting and the remedy."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            values[setting.name] = setting.parse(environ.get(setting.name, setting.default).strip())
        except ValueError as error:
            raise WrongSetting(f"{setting.name} cannot be used: {error}.") from None
    known = {setting.name for setting in SETTINGS} | {"FRANKPLEDGE_TEST_DATA", "FRANKPLEDGE_FONTS"}
    for name in environ:
        if name.startswith(_SECRETS):
            continue
        if name.startswith("FRANKPLEDGE_") and name not in known:
            raise WrongSetting(f"{name} is not a setting. docs/reference/settings.md lists them.")
    if values["FRANKPLEDGE_MODE"] == "production":
        _refuse_unsafe_production(values)
    return values


def _refuse_unsafe_production(values: Mapping[str, Any]) -> None:
    if values["FRANKPLEDGE_DEBUG"]:
        raise WrongSetting("FRANKPLEDGE_DEBUG cannot be on in production. Remove it.")
    secret = values["FRANKPLEDGE_SECRET_KEY"]
    if secret == DEFAULT_SECRET or len(secret) < 40:
        raise WrongSetting(
            "FRANKPLEDGE_SECRET_KEY must be your own in production: "
            "set it to a random text of 40 characters or more."
        )
    if not values["FRANKPLEDGE_HTTPS"]:
        raise WrongSetting(
            "FRANKPLEDGE_HTTPS must be 1 in production: sign-in cookies may not travel unencrypted."
        )
    bucket = values["FRANKPLEDGE_STORE"]
    if bucket is not None and not bucket.is_encrypted_on_its_way:
        raise WrongSetting(
            "FRANKPLEDGE_STORE names an http:// endpoint: data may not travel unencrypted. "
            "Use its https:// address."
        )
    if values["FRANKPLEDGE_TODAY"]:
        raise WrongSetting("FRANKPLEDGE_TODAY belongs to the example. Remove it in production.")
