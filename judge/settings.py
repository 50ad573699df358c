"""Every setting of Verdict, read from the environment. docs/settings.md describes each variable."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import schedule
from django.core.exceptions import ImproperlyConfigured

from execution import languages  # not LANGUAGES itself: that would be taken for Django's setting
from execution.sandbox.interface import AGENT_RESERVE_MB
from judge import databases, logs
from judge.clock import steady_now
from judge.env import choice, directory, env, flag, networks, rate, several, whole

django_stubs_ext.monkeypatch()  # lets Django's classes take type parameters, which the type checker asks for

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = directory("VERDICT_VAR", BASE_DIR / "var")

# -- Django ------------------------------------------------------------------------------------------------------
DEBUG = flag("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; script/up makes one, and script/manage passes it on")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# TLS ends at a proxy in front of us, which must set X-Forwarded-Proto and drop what clients send under that name.
BEHIND_TLS = flag("BEHIND_TLS", False)
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")  # whose X-Forwarded-For is believed

SOCIAL_LOGIN = several("SOCIAL_LOGIN", ("github", "gitlab", "google", "microsoft"))

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",  # also where nobody logs in so: its tables stay whole when that is turned off
    *(f"allauth.socialaccount.providers.{provider}" for provider in SOCIAL_LOGIN),
    "accounts",
    "problems",
    "execution",
    "health",
]
MIDDLEWARE = [
    "health.middleware.RequestMetricsMiddleware",
    "judge.web.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "judge.web.csp.ContentSecurityPolicyMiddleware",
    "judge.web.theme.VaryMiddleware",
    "judge.web.language.LanguageMiddleware",
    "judge.web.malformed.MalformedMiddleware",
    "judge.web.not_allowed.NotAllowedMiddleware",
    "health.middleware.SpareThreadsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "judge.web.body_limit.BodyLimitMiddleware",
    "judge.web.next_address.NextAddressMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "judge.urls"
WSGI_APPLICATION = "judge.wsgi.application"
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
                "judge.web.context.site",
            ],
        },
    },
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "judge.formats"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # third-party tables only; ours have UUIDs

# -- Data --------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'verdict.sqlite3'}")
DATABASES = {"default": databases.entry(DATABASE_URL, str(VAR_DIR / "test.sqlite3"))}
TEST_DATA_DIR = directory("TEST_DATA_DIR", VAR_DIR / "data")
MIN_FREE_MB = whole("MIN_FREE_MB", 200, low=0, high=1024 * 1024)  # with less, nothing more is accepted
MAX_PACKAGE_MB = whole("MAX_PACKAGE_MB", 1024, low=1, high=64 * 1024)  # unpacked
MAX_MEMORY_MB = whole("MAX_MEMORY_MB", 4096, low=32, high=1024 * 1024)  # that a package may ask for
MAX_OUTPUT_MB = whole("MAX_OUTPUT_MB", 64, low=1, high=4096)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# -- Redis: broker, cache, rate limits ---------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default=f"unix://{VAR_DIR / 'redis.sock'}")
REDIS_TIMEOUT_SECONDS = 0.2
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "verdict",
        "TIMEOUT": 300,
        "OPTIONS": {
            "CLIENT_CLASS": "judge.web.cache.Client",
            "REDIS_CLIENT_CLASS": "judge.web.cache.Connection",
            "CONNECTION_POOL_CLASS": "judge.web.cache.Pool",
            "IGNORE_EXCEPTIONS": True,  # and log none: judge.web.cache does
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
        },
    },
}
PROBLEM_CACHE_SECONDS = 300

# kombu has names of its own for a socket, and for the database of the server behind it.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# A round that the maintenance worker could not begin before the next one is due is not worth making up for. By the wall
# clock there would be none for an hour after that was set back by an hour.
CELERY_BEAT_SCHEDULE = {
    task: {
        "task": task,
        "schedule": schedule(every, nowfun=steady_now),
        "options": {"queue": "maintenance", "expires": every},
    }
    for task, every in {
        "execution.tasks.sweep": 5.0,
        "execution.tasks.clean": 3600.0,
        "execution.tasks.tally": 60.0,
        "health.tasks.sample": 10.0,  # health.samples.EVERY_SECONDS
    }.items()
}

# -- Admission ---------------------------------------------------------------------------------------------------
QUEUE_LIMIT = whole("QUEUE_LIMIT", 100, low=1, high=1_000_000)
QUEUE_LIMIT_PER_USER = whole("QUEUE_LIMIT_PER_USER", 5, low=1, high=1_000_000)
QUEUE_OVERFLOW = choice("QUEUE_OVERFLOW", "reject", ("reject", "drop_oldest"))
SUBMISSIONS_PER_MINUTE = whole("SUBMISSIONS_PER_MINUTE", 10, low=0, high=1_000_000)  # 0: no limit
# Of all its accounts together.
SUBMISSIONS_PER_MINUTE_PER_ADDRESS = whole(
    "SUBMISSIONS_PER_MINUTE_PER_ADDRESS", min(6 * SUBMISSIONS_PER_MINUTE, 1_000_000), low=0, high=1_000_000
)
RATELIMIT_FAIL_OPEN = True  # without Redis nobody is kept from submitting
ALLOW_ANONYMOUS = flag("ALLOW_ANONYMOUS", False)
MAX_SOURCE_BYTES = 64 * 1024

# -- Judging -----------------------------------------------------------------------------------------------------
SANDBOX = choice("SANDBOX", "docker", ("docker", "process"))
INSTANCE = env.str("VERDICT_INSTANCE", default="verdict")  # tells our containers from those of others on one engine
DOCKER_HOST = env.str("DOCKER_HOST", default="")
SANDBOX_RUNTIME = env.str("SANDBOX_RUNTIME", default="")  # such as runsc; empty: the engine's default
WORKER_CONCURRENCY = whole("WORKER_CONCURRENCY", 3, low=1, high=256)
WORKER_RATE_LIMIT = rate("WORKER_RATE_LIMIT")  # per second; 0: none
LEASE_SECONDS = 15
MAX_ATTEMPTS = 3
MAX_JUDGING_SECONDS = 600
RUN_RETENTION_HOURS = 24
DEFAULT_OUTPUT_MB = 16
CONTAINER_MEMORY_MB = whole("CONTAINER_MEMORY_MB", 128, low=32, high=65536)
# What a program may hold where its problem states no limit: in any language what Python is left of such a container.
DEFAULT_MEMORY_MB = CONTAINER_MEMORY_MB - AGENT_RESERVE_MB - languages.LANGUAGES["python3"].memory_extra_kb // 1024
CONTAINER_CPU_QUOTA = whole("CONTAINER_CPU_QUOTA", 50_000, low=1000, high=10_000_000)
CONTAINER_PROCESSES = whole("CONTAINER_PROCESSES", 50, low=8, high=10_000)
CONTAINER_TMP_MB = whole("CONTAINER_TMP_MB", 50, low=1, high=4096)
CONTAINER_MAX_SUBMISSIONS = whole("CONTAINER_MAX_SUBMISSIONS", 1000, low=0, high=1_000_000_000)  # 0: any number
POOL_IDLE_PER_IMAGE = whole("POOL_IDLE_PER_IMAGE", 3, low=0, high=256)
POOL_MEMORY_MB = whole("POOL_MEMORY_MB", 4096, low=64, high=1024 * 1024)
ARTIFACT_DIR = VAR_DIR / "artifacts"  # what compilers made
ARTIFACT_CACHE_MB = whole("ARTIFACT_CACHE_MB", 512, low=0, high=1024 * 1024)

# -- Pages -------------------------------------------------------------------------------------------------------
CDN_URL = env.str("CDN_URL", default="").rstrip("/")
if CDN_URL and (urlsplit(CDN_URL).scheme not in {"http", "https"} or not urlsplit(CDN_URL).netloc):
    raise ImproperlyConfigured(f"CDN_URL must be like https://cdn.example.org, not {CDN_URL!r}")
STATIC_URL = f"{CDN_URL}/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "judge.web.storage.StaticStorage"},
}

# -- Accounts ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Verdict: "
ACCOUNT_USERNAME_VALIDATORS = "accounts.names.VALIDATORS"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",  # a form  # nosec B105
    "reset_password": "accounts.forms.ResetPasswordForm",  # a form  # nosec B105
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",  # a form  # nosec B105
    "set_password": "accounts.forms.SetPasswordForm",  # a form  # nosec B105
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
SIGNUPS_PER_HOUR_PER_ADDRESS = whole("SIGNUPS_PER_HOUR_PER_ADDRESS", 20, low=0, high=1_000_000)
# One address can't fail so often that it locks somebody else's account, and a hall can log in when a contest begins.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "signup": f"{SIGNUPS_PER_HOUR_PER_ADDRESS}/h/ip" if SIGNUPS_PER_HOUR_PER_ADDRESS else "",
    "login_failed": "10/m/ip,60/5m/key",
}
MFA_TOTP_ISSUER = "Verdict"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # no address has to be verified
SOCIALACCOUNT_PROVIDERS = {
    provider: {
        "APPS": [
            {
                "client_id": env.str(f"SOCIAL_{provider.upper()}_ID"),
                "secret": env.str(f"SOCIAL_{provider.upper()}_SECRET"),
            }
        ]
    }
    for provider in SOCIAL_LOGIN
}
globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="Verdict <verdict@localhost>")

# -- API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["judge.web.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "judge.web.errors.api_exception_handler",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}  # a time  # nosec B105
SPECTACULAR_SETTINGS = {
    "TITLE": "Verdict",
    "DESCRIPTION": "Read problems, submit programs, and follow what becomes of them.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "judge.web.openapi.describe_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# -- Security ----------------------------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "judge.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = False  # the proxy's task; the health checks come over plain HTTP
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # which asks for that redirect
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# -- Metrics -----------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
WORKER_METRICS_PORT = whole("WORKER_METRICS_PORT", 0, low=0, high=65_534)  # 0: none
WORKER_METRICS_HOST = env.str("WORKER_METRICS_HOST", default="127.0.0.1")

# -- Logs --------------------------------------------------------------------------------------------------------
LOGGING = logs.config(choice("LOG_FORMAT", "text", ("text", "json")), env.str("LOG_LEVEL", default="INFO"))
