"""Django's settings, from what the environment says."""

import json
import os
from datetime import date
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from frankpledge.config.environment import WrongSetting, read

try:
    ENVIRONMENT = read(os.environ)
except WrongSetting as error:
    raise ImproperlyConfigured(str(error)) from None

ROOT = Path(__file__).resolve().parents[3]
HOME = ENVIRONMENT["FRANKPLEDGE_HOME"]
HOME.mkdir(parents=True, exist_ok=True)
PRODUCTION = ENVIRONMENT["FRANKPLEDGE_MODE"] == "production"
EXAMPLE = not PRODUCTION
# The example's world stands still, so that its duties are due when the tutorial says they are.
TODAY = ENVIRONMENT["FRANKPLEDGE_TODAY"] or (date(2026, 1, 22) if EXAMPLE else None)
ENGINE = ENVIRONMENT["FRANKPLEDGE_ENGINE"]
STORE = HOME / "store"
BUCKET = ENVIRONMENT["FRANKPLEDGE_STORE"]
KEEP_ENDED_DAYS = ENVIRONMENT["FRANKPLEDGE_KEEP_ENDED_DAYS"]
API_RATE = ENVIRONMENT["FRANKPLEDGE_API_RATE"]
PRIVATE_HOSTS = ENVIRONMENT["FRANKPLEDGE_PRIVATE_HOSTS"]
GROUND = ENVIRONMENT["FRANKPLEDGE_MAP_GROUND"]
FEED_FOLDER = ENVIRONMENT["FRANKPLEDGE_FEED_FOLDER"]
BREAKS = ENVIRONMENT["FRANKPLEDGE_BREAKS"]
UPLOAD_LIMIT = ENVIRONMENT["FRANKPLEDGE_UPLOAD_LIMIT_MB"] * 1024 * 1024

SECRET_KEY = ENVIRONMENT["FRANKPLEDGE_SECRET_KEY"]
DEBUG = ENVIRONMENT["FRANKPLEDGE_DEBUG"]
ALLOWED_HOSTS = ENVIRONMENT["FRANKPLEDGE_HOSTS"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT["FRANKPLEDGE_HTTPS"]
SECURE_SSL_REDIRECT = ENVIRONMENT["FRANKPLEDGE_HTTPS"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if PRODUCTION]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# WCAG 2.2.1: a limit without a warning must be longer than twenty hours.
SESSION_COOKIE_AGE = 60 * 60 * 24
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

ROOMS = [
    "frankpledge.core",
    "frankpledge.access",
    "frankpledge.components",
    "frankpledge.partnership",
    "frankpledge.sharing",
    "frankpledge.evidence",
    "frankpledge.assessment",
    "frankpledge.agreement",
    "frankpledge.inbox",
    "frankpledge.example",
]
INSTALLED_APPS = [
    # Ours first, so that our sign-in pages win over allauth's.
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "simple_history",
    "django_tasks",
    "django_tasks_db",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "frankpledge.access.middleware.MachineMiddleware",
    "frankpledge.access.middleware.TextMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "frankpledge.access.middleware.AccessMiddleware",
    "frankpledge.sharing.middleware.StoreMiddleware",
]
ROOT_URLCONF = "frankpledge.config.urls"
WSGI_APPLICATION = "frankpledge.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "frankpledge.config.context.layout",
            ],
        },
    }
]

_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HOME / "frankpledge.sqlite3",
    "CONN_MAX_AGE": 60,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
            "PRAGMA foreign_keys=ON;"
        ),
    },
}
DATABASES = {
    "default": {**ENVIRONMENT["DATABASE_URL"], "CONN_MAX_AGE": 60}
    if ENVIRONMENT["DATABASE_URL"]
    else _SQLITE
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "frankpledge.access.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "frankpledge.access.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional" if EXAMPLE else "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EXAMPLE
MFA_TOTP_ISSUER = "Frankpledge"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": json.loads(Path(ENVIRONMENT["FRANKPLEDGE_OIDC"]).read_text(encoding="utf-8"))
        if ENVIRONMENT["FRANKPLEDGE_OIDC"]
        else [],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
DATE_FORMAT = "j F Y"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = HOME / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

globals().update(ENVIRONMENT["FRANKPLEDGE_EMAIL_URL"])
DEFAULT_FROM_EMAIL = "frankpledge@localhost"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
