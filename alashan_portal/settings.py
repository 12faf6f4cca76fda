"""All settings. The environment decides; `docs/settings.md` lists every variable.

Nothing set: SQLite and one process (`manage.py serve`). DATABASE_URL and REDIS_URL set: PostgreSQL,
Redis, any number of web and worker hosts, the same code.
"""

import sys
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from alashan_portal import env
from common import keys

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("PORTAL_VAR", BASE_DIR / "var")
FILES_ROOT = env.folder("FILES_ROOT", VAR_DIR / "files")
KEYS_FILE = VAR_DIR / "keys"

DEBUG = env.flag("PORTAL_DEBUG")
DEMO = env.flag("PORTAL_DEMO")
HTTPS = env.flag("PORTAL_HTTPS", default=False)
TESTING = "pytest" in sys.modules

# Secrets ---------------------------------------------------------------------------------------
# Set-up itself must be able to start without keys; nothing else may.
if TESTING or sys.argv[1:2] in (["setup_keys"], ["help"], ["makemigrations"], ["compilemessages"]):
    SECRET_KEY, FIELD_KEYS, INDEX_KEY = "for-set-up-and-tests-only", "k1:" + "00" * 32, "11" * 32
else:
    try:
        _keys = keys.read(None if HTTPS else KEYS_FILE)
    except (keys.KeysMissing, keys.BadKey) as fault:
        raise ImproperlyConfigured(str(fault)) from None
    SECRET_KEY = _keys["PORTAL_SECRET_KEY"]
    FIELD_KEYS = _keys["PORTAL_FIELD_KEYS"]
    INDEX_KEY = _keys["PORTAL_INDEX_KEY"]

ALLOWED_HOSTS = env.hosts("PORTAL_HOSTS", [] if HTTPS else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.origins("PORTAL_ORIGINS")

INSTALLED_APPS = [
    "dashboard",
    "tasks_app",
    "subsidies",
    "dropout",
    "intake",
    "registry",
    "common",
    "common.admin_config.ReferenceConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.middleware.chosen_language",
    "common.middleware.request_facts",
    "common.middleware.readable_request",
    "common.middleware.idle_sign_out",
    "common.middleware.forced_password_change",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "alashan_portal.urls"
WSGI_APPLICATION = "alashan_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context.portal",
            ],
            "builtins": ["common.templatetags.ax"],
        },
    }
]

# Database and queue ----------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "portal.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis_url("REDIS_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    ),
    # Parts of pages, as they were drawn. In each process: a page must not want for Redis.
    "drawn": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "drawn"},
}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 3,
        "socket_timeout": 30,
        # A request that rings must not wait for a Redis that is away.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
    }
    if REDIS_URL
    else {"polling_interval": 0.2}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a ring is used up when heard: the row, not the queue, remembers
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
JOB_POLL_SECONDS = 2 if not REDIS_URL else 20
JOB_LEASE_SECONDS = env.number("PORTAL_JOB_LEASE", 60, 2, 3600)
UNDO_DAYS = env.number("PORTAL_UNDO_DAYS", 0, 0, 36500)  # 0: a commit can be undone for ever
# The doorbell may be lost, two schedulers may run: the Job row decides, so ringing twice is harmless.
# `nightly` asks once a day, from one o'clock on; hourly, so that a night switched off is made good.
CELERY_BEAT_SCHEDULE = {
    "reap": {"task": "common.reap", "schedule": JOB_POLL_SECONDS},
    "nightly": {"task": "common.nightly", "schedule": crontab(minute="10")},
}

# People ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "common.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "registry.backends.PostingBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_validators = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": _validators + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "phone"]},
    },
    {"NAME": _validators + "MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": _validators + "CommonPasswordValidator"},
    {"NAME": _validators + "NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
IDLE_SECONDS = env.number("PORTAL_IDLE_MINUTES", 30, 1, 480) * 60
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "common.views.accounts.locked_out"
AXES_CLIENT_IP_CALLABLE = "common.middleware.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how many minutes are left
AXES_DISABLE_ACCESS_LOG = True  # the portal's own log has every sign-in
PROXIES = env.number("PORTAL_PROXIES", 0, 0, 5)  # our own proxies in front, each adds an address
AXES_VERBOSE = False

# The wire --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
CSRF_FAILURE_VIEW = "common.views.errors.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 8000  # the grid of past years posts one field, forms a few hundred
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "tmp"
FILE_UPLOAD_HANDLERS = [
    "common.files.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_MAX_BYTES = env.number("PORTAL_FILE_MB", 20, 1, 200) * 1024 * 1024

# Words and forms -------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]  # data
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["alashan_portal.formats"]
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
PRODUCT_NAME = _("教育任务推进平台")
BUREAU_NAME = _("阿拉善盟教育体育局")

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_static_files = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG or TESTING
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_ROOT},
    },
    "staticfiles": {"BACKEND": _static_files},
}
DJANGO_TABLES2_TEMPLATE = "components/table.html"
FILTERS_EMPTY_CHOICE_LABEL = _("全部")

# Log: no name, number or address of a person; the request's number ties a report to its lines.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}

for _folder in (VAR_DIR, FILES_ROOT, FILE_UPLOAD_TEMP_DIR, STATIC_ROOT):
    try:
        _folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ImproperlyConfigured(
            f"{_folder} cannot be made ({fault.strerror}): set PORTAL_VAR and FILES_ROOT to folders "
            "that the portal's user may write to"
        ) from None

# What must not stand together ------------------------------------------------------------------
env.refuse_unknown()
if DEMO and HTTPS:
    raise ImproperlyConfigured("PORTAL_DEMO=1 makes public sign-ins; unset it where PORTAL_HTTPS=1")
if DEBUG and HTTPS:
    raise ImproperlyConfigured("PORTAL_DEBUG=1 shows the inside; unset it where PORTAL_HTTPS=1")
if HTTPS and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "PORTAL_HOSTS is not set: with PORTAL_HTTPS=1 name the hosts that browsers ask for, such as "
        "portal.example.cn"
    )
