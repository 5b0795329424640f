"""Every setting of Portico, grouped by subject. Values that differ between installations come through env.py.

Without any environment this is the embedded default: SQLite, files under ``var/``, a broker that needs no
server, mail written to files. With ``PORTICO_PRODUCTION=1`` it is strict: what is missing stops the start.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from config import env, queues

# ``ModelForm[Job]`` and their like are for the type checker; at run time Django's own classes take no such words.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("PORTICO_VAR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- Mode ------------------------------------------------------------------------------------------------

PRODUCTION = env.flag("PORTICO_PRODUCTION", False)
TESTING = "pytest" in sys.modules
DEBUG = env.flag("DEBUG", False)
if PRODUCTION and DEBUG:
    env.refuse("DEBUG must be off in production: unset DEBUG, or set DEBUG=0.")


def _own_secret() -> str:
    """The secret of an embedded installation: made once, kept in var/ readable by its owner alone."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        # Complete before it has its name: two processes that start at once agree on one.
        draft = VAR_DIR / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if PRODUCTION:
        env.refuse("SECRET_KEY must be set in production: 50 or more random characters that stay the same.")
    SECRET_KEY = _own_secret()
if PRODUCTION and len(SECRET_KEY) < 50:
    env.refuse("SECRET_KEY is too short for production: set 50 or more random characters that stay the same.")

# What must be shown again is kept encrypted under the first of these (audit.encryption); the others still open what was
# encrypted under them. Without any, a key derived from SECRET_KEY does.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS", [])
if any(len(key) < 32 for key in ENCRYPTION_KEYS):
    env.refuse("ENCRYPTION_KEYS holds a key that is too short: each needs 32 or more random characters.")

# --- Where we are reached --------------------------------------------------------------------------------

# The address that links in messages and job notes start with.
SITE_URL = env.site(
    "SITE_URL",
    "" if PRODUCTION else f"http://127.0.0.1:{env.number('PORT', 8000, at_least=1)}",
    schemes=("https",) if PRODUCTION else ("http", "https"),
)
_our_hosts = [str(urlsplit(SITE_URL).hostname)]
if not PRODUCTION:
    # HOST is where bin/run listens.
    _our_hosts += [host for host in (env.text("HOST"), "localhost", "127.0.0.1", "[::1]") if host]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _our_hosts)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [SITE_URL] if PRODUCTION else [])

# --- Apps ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.guardian",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "config.apps.TrimmedStaticFiles",
    "django.contrib.humanize",
    "import_export",
    "guardian",
    "simple_history",
    "axes",
    "django_otp",
    # No row of it is used any more; accounts/0018 takes over what installations from before have there.
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "django_htmx",
    "bootstrap",
    "lucide",
    "audit",
    "console",
    "business",
    "paper",
    "accounts",
    "templates_app",
    "permissions",
    "jobs",
    "alerts",
    "imports",
    "billing",
    "portal_site",
    "config.apps.RootConfig",
]

MIDDLEWARE = [
    "audit.address.ForwardedProtoMiddleware",
    "portal_site.visitor.VisitorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressionMiddleware",
    "audit.refusals.SecurityEventsMiddleware",
    "api.problems.ProblemsMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal_site.middleware.StrictPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.addresses.AddressMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "audit.middleware.ActMiddleware",
    "accounts.known_browsers.KnownBrowserMiddleware",
    "accounts.staff_sessions.StaffSessionMiddleware",
    "portal_site.second_step.SecondStepMiddleware",
    "portal_site.view_as.ViewAsMiddleware",
    "imports.notices.FinishedImportsMiddleware",
    "portal_site.zones.ZoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal_site.context.portal",
            ],
            # Django's own keeps one value of a filter where several were chosen.
            "libraries": {"admin_urls": "console.kept_filters"},
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------

if PRODUCTION and not env.text("DATABASE_URL"):
    env.refuse("DATABASE_URL must be set in production, for example postgres://user:password@host:5432/portico.")
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portico.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # One writer at a time: take the lock at the start and wait for it, instead of failing halfway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
# A new connection costs more than most of our requests; one that broke meanwhile is replaced unseen.
DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 300)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Web processes and worker share it: what one of them forgets, all forget.
CACHES: dict[str, dict[str, str | dict[str, int]]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(VAR_DIR / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
if env.text("REDIS_URL"):
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.text("REDIS_URL")}
if TESTING:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# --- People, passwords, sessions -------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "permissions.backend.PorticoBackend"]
LOGIN_URL = "portal_site:login"
LOGIN_REDIRECT_URL = "portal_site:home"
LOGOUT_REDIRECT_URL = "portal_site:login"
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
# PRODUCT.md section 3: eight characters or more, any characters, no rules of composition; known ones refused.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("full_name", "email", "phone")},
    },
    {"NAME": "accounts.passwords.OwnNameValidator"},
]
if TESTING:
    # The tests sign in a cast of ten, over and over: a strong hash would be most of their time.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Staff are signed out after so many minutes without a click, and so many hours after they signed in.
STAFF_SESSION_IDLE = env.number("STAFF_SESSION_IDLE", 12 * 60, at_least=1)
STAFF_SESSION_LIFETIME = env.number("STAFF_SESSION_LIFETIME", 7 * 24, at_least=1)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# The cookie by which a browser is known to an account (accounts.known_browsers).
KNOWN_BROWSER_COOKIE_NAME = "portico_browser"
CSRF_FAILURE_VIEW = "portal_site.views.errors.csrf_failure"

# Guesses of a password are counted in the database and survive a restart: eight for an account from one address or
# known browser, more for an account or an address alone (accounts.guessing).
AXES_HANDLER = "accounts.guessing.Guesses"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.guessing.counter_name_of"
AXES_USERNAME_FORM_FIELD = "username"
# A pause ends when it was said to, however often somebody tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "portal_site/pages/locked_out.html"
AXES_ENABLED = not TESTING or env.flag("AXES_ENABLED", False)
AXES_CLIENT_IP_CALLABLE = "audit.address.client_network"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
# Axes wants its own backend name, guardian its own backend: ours answers for both (permissions.backend).
# "Fixed default": a series starts at eight in the morning, which the check takes for *now* once a day.
# "Used for multiple modules": that of TEMPLATES above, on purpose; a test says that it is the only one.
SILENCED_SYSTEM_CHECKS = ["axes.W003", "guardian.W001", "fields.W161", "templates.W003"]

# Grants on single records live in our own tables with a real foreign key (permissions.models); guardian's
# generic ones stay empty, and its anonymous user is not made.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

# --- Security headers ------------------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Does a web server in front say where a request came from and whether it came encrypted? (audit.address)
BEHIND_PROXY = env.flag("BEHIND_PROXY", PRODUCTION)
TRUSTED_PROXIES = env.addresses("TRUSTED_PROXIES", ["127.0.0.1", "::1"])
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
    SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    # Browsers take such a cookie from this host alone, encrypted, for the whole of it: no other host of the domain can
    # set one in its place.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    KNOWN_BROWSER_COOKIE_NAME = "__Host-portico_browser"
    MESSAGE_STORAGE = "config.notices.HostStorage"

# Where maps get their background from: nowhere unless it is set. Then they are drawn on a plain ground with a scale.
MAP_TILES = env.tiles("MAP_TILES")
MAP_ATTRIBUTION = env.text("MAP_ATTRIBUTION")
MAP_HOSTS = env.hosts_of(MAP_TILES)

# What the admin can live with: Unfold's Alpine needs eval and inline styles. portal_site is stricter.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", *MAP_HOSTS],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Files -----------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# Leaflet, out of its package. As an app that package wants geographic libraries which nothing here needs.
STATICFILES_DIRS = [str(Path(str(find_spec("leaflet").origin)).parent / "static")]  # type: ignore[union-attr]  # it is installed
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
# How far the database has come, noted outside it and outside what is backed up with it (business.mark). Tests that are
# about it have one of their own.
MARK_FILE = None if TESTING else VAR_DIR / "mark"
STORAGES = {
    "default": {"BACKEND": "console.storage.Files"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "config.compression.CompressedStaticFiles"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
# Files that people upload are never served from a public folder: views hand them out.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Language and time -----------------------------------------------------------------------------------

# The language of the business: of messages to people whose own is not known, and of what is written into tables. Pages
# speak their reader's (accounts.languages).
LANGUAGE_CODE = env.one_of("LANGUAGE_CODE", "en", ("en", "de"))
# Only languages with a catalogue of ours: Django's own words in another would stand among English ones.
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
# The business's own zone: what "today" means on its schedule. Customers read times in theirs (accounts.zones).
TIME_ZONE = env.zone("TIME_ZONE", "Europe/Berlin")
# The country whose habits decide what a telephone number without a country code means, and the currency.
DEFAULT_COUNTRY = env.code("DEFAULT_COUNTRY", "DE", 2)
DEFAULT_CURRENCY = env.code("DEFAULT_CURRENCY", "EUR", 3)
# Dates in a file that lie further away are slips more often than plans: they are asked about.
IMPORT_YEARS_BACK = env.number("IMPORT_YEARS_BACK", 10, at_least=1)
IMPORT_YEARS_AHEAD = env.number("IMPORT_YEARS_AHEAD", 3, at_least=1)

# --- Background work -------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://" if TESTING else "filesystem://localhost")
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_QUEUES, CELERY_TASK_DEFAULT_QUEUE, CELERY_TASK_ROUTES = queues.QUEUES, queues.HOUSE, queues.ROUTES
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# In a zone with summer time its clock rests for an hour in autumn, and in spring what is due at 02:30 comes at 03:30.
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem"):
    # No server: messages are files. A killed worker may lose one; the sweep finds what was lost.
    _broker = VAR_DIR / "broker"
    for _folder in ("queue", "done"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
        "store_processed": False,
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    # A message of a worker that died is found again within seconds, and a broker that is away is not waited for.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 3,
    }
elif not CELERY_BROKER_URL.startswith(("amqp://", "amqps://", "memory://")):
    env.refuse("CELERY_BROKER_URL must begin with redis://, rediss://, amqp:// or amqps://, or be unset.")
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = queues.SCHEDULE

# --- Messages --------------------------------------------------------------------------------------------

# Without a mail server every mail is written to var/mail as a file.
if PRODUCTION and not env.text("EMAIL_URL"):
    env.refuse("EMAIL_URL must be set in production, for example smtp+tls://user:password@host:587.")
_mail = env.mail("EMAIL_URL", "file:")
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
# How long a mail server may take to accept a mail that it was given. Whoever hangs up too early gets mails of which
# nobody knows whether they arrived (RFC 5321, 4.5.3.2.6: ten minutes).
EMAIL_SECONDS_TO_ACCEPT = env.number("EMAIL_SECONDS_TO_ACCEPT", 600, at_least=1)
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Portico <no-reply@portico.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM_NUMBER = env.all_or_none(
    "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER"
)

# --- Files in and out ------------------------------------------------------------------------------------

# import-export's own pages are open to all staff unless these are set (measured).
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "add"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
# A cell that begins with = + - @ runs as a formula in a spreadsheet.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True
# Longer lists are written by the worker, and kept for a while.
EXPORT_ROWS_AT_ONCE = env.number("EXPORT_ROWS_AT_ONCE", 2000, at_least=1)
EXPORT_KEEP_DAYS = env.number("EXPORT_KEEP_DAYS", 7, at_least=1)
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_BYTES", 50 * 1024 * 1024, at_least=1)

# --- API and workers -------------------------------------------------------------------------------------

# Requests a minute for each token; without REDIS_URL each web process counts for itself.
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 300)
# What the API is made of, in the order of its document: api.sections.Section of each room.
API_SECTIONS = (
    "jobs.api.jobs.section",
    "accounts.api.customers.section",
    "templates_app.api.section",
    "jobs.api.workers.section",
    "jobs.api.series.section",
    "jobs.api.links.section",
    "billing.api.billing.section",
    "jobs.api.workers.own_section",
)
# How long it is known where a worker was.
WORKER_POSITION_DAYS = env.number("WORKER_POSITION_DAYS", 30)

# --- History ---------------------------------------------------------------------------------------------

# How long security events are kept: long enough to look into what is noticed late.
SECURITY_EVENT_DAYS = env.number("SECURITY_EVENT_DAYS", 180, at_least=1)
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# --- Logging ---------------------------------------------------------------------------------------------

LOG_LEVEL = env.one_of("LOG_LEVEL", "WARNING" if TESTING else "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            # Without the tokens of addresses, whoever writes the line.
            "()": "audit.masking.MaskingFormatter",
            "fmt": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # Libraries speak up when something is wrong: some would otherwise write addresses and headers.
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        **{
            app.split(".")[0]: {"level": LOG_LEVEL} for app in INSTALLED_APPS if (BASE_DIR / app.split(".")[0]).is_dir()
        },
        # A line for each security event, whatever else is silent (audit.security_events).
        "portico.security": {"level": "INFO"},
        # Django's own handlers would write lines, and mails, with the tokens in them.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A page that is not there, and a scanner that guesses host names, are no news.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

# --- Console ---------------------------------------------------------------------------------------------

from config.console import UNFOLD  # noqa: E402, F401
