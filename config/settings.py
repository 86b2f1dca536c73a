"""Settings of the project, from the environment or from `.env` next to manage.py; `.env.example` lists them all."""

from datetime import timedelta
from pathlib import Path

import phonenumbers
from django.core.exceptions import ImproperlyConfigured

from config import embedded_postgres, secret_keys
from config.env import Env
from console.unfold import build_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
Env.read_env(BASE_DIR / ".env")


def required_in_production(name: str) -> bool:
    """Return whether `name` is set; refuse to start in production where it is not."""
    if env.str(name, default=""):
        return True
    if PRODUCTION:
        raise ImproperlyConfigured(f"PRODUCTION is on, so {name} must be set (see .env.example)")
    return False


PRODUCTION = env.bool("PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG shows settings and code to anyone who meets an error: not with PRODUCTION")

# Where what we generate lies: the embedded database, keys, logs, collected static files.
DATA_DIR = (BASE_DIR / env.str("DATA_DIR", default="var")).resolve()
PORT = env.int("PORT", default=8000)
# The public URL of this server, without a slash at its end; the URLs that providers get begin with it.
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")

SECRET_KEY = (
    env.str("SECRET_KEY")
    if required_in_production("SECRET_KEY")
    else secret_keys.generated(DATA_DIR / "secret_key", secret_keys.new_secret_key)
)
# Fernet keys, comma-separated: the first encrypts, each may decrypt (webhooks/encryption.py).
ENCRYPTION_KEYS = (
    env.list("ENCRYPTION_KEYS")
    if required_in_production("ENCRYPTION_KEYS")
    else [secret_keys.generated(DATA_DIR / "encryption_key", secret_keys.new_encryption_key)]
)
secret_keys.validate_encryption_keys(ENCRYPTION_KEYS)

ALLOWED_HOSTS = (
    env.list("ALLOWED_HOSTS") if required_in_production("ALLOWED_HOSTS") else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

EMBEDDED_DATABASE = not required_in_production("DATABASE_URL")
DATABASES = {"default": embedded_postgres.settings(DATA_DIR) if EMBEDDED_DATABASE else env.postgresql("DATABASE_URL")}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
# The inbox prepares its statement at once (webhooks/receiving/inbox.py); Django's own cursors prepare none.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A body longer than this (bytes) is refused with 413 before it is read.
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1024 * 1024)
# The number of proxies in front of this server; each adds one address to X-Forwarded-For (console/client_address.py).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# A phone number without a country's code is of this region (ISO 3166, two letters).
PHONE_REGION = env.one_of("PHONE_REGION", phonenumbers.SUPPORTED_REGIONS, default="MX", such_as="two letters, as in CO")
DATA_UPLOAD_MAX_MEMORY_SIZE = max(MAX_BODY_BYTES, 2_621_440)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "console.apps.ConsoleAdminConfig",
    "console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "console.apps.FailedLoginsConfig",  # axes
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "webhooks",
    "orders",
    "chat",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "webhooks.receiving.middleware.providers_first",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "console.middleware.LanguageAndTimeZone",  # around all that may answer with a page of the admin
    "console.middleware.reject_null_characters",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # only looks whether the login was refused
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: who is locked out is not asked further
    "console.accounts.backends.PasswordBackend",
    "console.accounts.two_factor.CodeBackend",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# Whether staff who have no second factor see only the page where they set one up (console/accounts/two_factor.py).
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
OTP_TOTP_ISSUER = "Delivery desk"

# Five wrong passwords or codes for a user name from an address lock the two out (console/accounts/lockout.py).
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "console.accounts.lockout.address"
AXES_LOCKOUT_CALLABLE = "console.accounts.lockout.response"
AXES_SENSITIVE_PARAMETERS = ["username", "code", "csrfmiddlewaretoken"]  # masked in log and database
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False  # console/accounts/admin.py shows what locks, and no more
AXES_VERBOSE = False

USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")  # of whose browser does not say another (console/middleware.py)
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("pt-br", "Português (Brasil)")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]  # for all apps and templates
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.static_files.ModuleStorage"},
}

# Answers that are not pages (webhooks, API, health) may load nothing; pages of the admin have CONSOLE_CSP instead
# (console/accounts/login.py).
SECURE_CSP = {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}
# Hosts whose pictures (of items, of people) a page may show.
IMAGE_HOSTS = env.list("IMAGE_HOSTS", default=["https://res.cloudinary.com", "https://instaleap.s3.amazonaws.com"])
CONSOLE_CSP = {
    "default-src": ["'self'"],
    # Unfold's Alpine.js evaluates its expressions; its build for a stricter policy does not run Unfold's.
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", *IMAGE_HOSTS],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
CSRF_FAILURE_VIEW = "console.error_pages.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # a load balancer asks over plain HTTP
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
# Opt-in: both concern hosts of the domain that this application does not serve, and browsers keep preload for months.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:  # required by hstspreload.org
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # that the two are off
if env.bool("TRUST_X_FORWARDED_PROTO", default=False):  # only behind a proxy that always sets it
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LOG_LEVEL = env.one_of("LOG_LEVEL", LOG_LEVELS, default="INFO", such_as=f"one of {', '.join(LOG_LEVELS)}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},
        "babel": {"level": "WARNING"},  # compiles the catalogs when `make run` and `make test` start
    },
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "console.accounts.api.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["console.accounts.api.ViewModelPermission"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
}

UNFOLD = build_settings(stylesheets=["orders/job.css", "chat/conversation.css", "webhooks/integration.css"])
