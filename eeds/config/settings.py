"""Settings: everything that may differ between two deployments, read from the environment in one place."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eeds.config.data_dir import default_data_dir, embedded_urls
from eeds.config.limits import Limits, whole_number
from eeds.errors import ConfigurationError

DEVELOPMENT_SECRET_KEY = "for development only: set SECRET_KEY"  # noqa: S105 - refused in production
PUBLISHED_SECRET_KEYS = (DEVELOPMENT_SECRET_KEY, "a secret key for the tests, long enough")
MIN_SECRET_KEY_LENGTH, MIN_SECRET_KEY_LOG10 = 32, 25  # 83 bits; 32 random hexadecimal digits have 128
MAX_KEPT_DAYS = 36_525  # a hundred years
SECRET_KEY_FILE = "secret-key"  # noqa: S105 - a file name
GHCNH_URLS = (
    "https://noaa-ghcnh-pds.s3.amazonaws.com",
    "https://www.ncei.noaa.gov/oa/global-historical-climatology-network",
)


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Names in capitals are the environment variables."""

    # DATABASE_URL: the Postgres to use, or a pooler before it; none: the embedded server of `eeds up` in EEDS_DATA_DIR
    database_url: str
    # DATABASE_DIRECT_URL: the Postgres itself, where DATABASE_URL is a pooler that gives out connections by transaction
    direct_url: str
    # REDIS_URL: the Redis or Valkey that carries the queue; none: the embedded server
    redis_url: str
    # SECRET_KEY: signs tokens and sessions; at least 32 characters, required when EEDS_ENV=production
    secret_key: str = field(repr=False)
    # EEDS_ENV: development or production
    env: str
    # EEDS_DATA_DIR: where `eeds up` keeps the embedded servers' files, and compiled meter code
    data_dir: Path
    # EEDS_MAX_UPLOAD_MB: the largest body of an upload; JSON, which has to be held, at most 256
    max_upload_mb: int
    # EEDS_UPLOAD_WAIT: seconds that the portal waits for a load before it answers with a page to watch it on
    upload_wait: int
    # EEDS_MAX_*, EEDS_HEAVY_REQUESTS: what one request may make of the server, see Limits
    limits: Limits
    # EEDS_RATE_LIMIT: requests that a token may make in a minute; more are answered 429
    rate_limit: int
    # EEDS_LENIENT_FILTERS: 1 to ignore unknown query parameters, as the original did; they are refused else
    lenient_filters: bool
    # EEDS_TRUSTED_PROXIES: how many proxies stand in front of web, whose X-Forwarded-For and -Proto are believed
    trusted_proxies: int
    # EEDS_HOSTS: the names under which web is called, with blanks between; none: any
    hosts: tuple[str, ...]
    # EEDS_RUN_TIMEOUT: seconds after which a project run is ended as FAILED
    run_timeout: int
    # EEDS_KEEP_SERIES_DAYS: days that the time series of a result are kept once a later run has replaced it; none: for
    # ever
    keep_series_days: int | None
    # EEDS_REGISTRY_PROJECTS: how many projects a sum of savings has at least that a registry is told
    registry_projects: int
    # EEDS_REGISTRY_PERCENT: how many percent of the energy in such a sum one project has at most
    registry_percent: int
    # EEDS_METER: auto, or library to fit with the eemeter library alone, many times as slowly and to the same numbers
    meter: str
    # EEDS_FETCH_WEATHER: auto, a run whose weather is not stored waits while a worker fetches it; never: it fails
    fetches_weather: bool
    # EEDS_GHCNH_URLS: where GHCNh's files are, one URL or several with blanks between; they hold the same
    ghcnh_urls: tuple[str, ...]

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check the environment; raises ConfigurationError with what to set."""
        env = environ.get("EEDS_ENV", "development")
        if env not in ("development", "production"):
            raise ConfigurationError(f"EEDS_ENV is {env!r}; it must be development or production.")
        data_dir = cls.data_dir_of(environ)
        embedded = embedded_urls(data_dir)
        if environ.get("DATABASE_DIRECT_URL") and not environ.get("DATABASE_URL"):
            raise ConfigurationError("DATABASE_DIRECT_URL is set, and no DATABASE_URL, that of a pooler; set both.")
        database_url = postgres_url(environ, "DATABASE_URL") or embedded.database
        return cls(
            database_url=database_url,
            direct_url=postgres_url(environ, "DATABASE_DIRECT_URL") or database_url,
            redis_url=redis_url(environ) or embedded.redis,
            secret_key=secret_key(environ, env, data_dir),
            env=env,
            data_dir=data_dir,
            max_upload_mb=whole_number(environ, "EEDS_MAX_UPLOAD_MB", 1024),
            upload_wait=whole_number(environ, "EEDS_UPLOAD_WAIT", 10, least=0),
            limits=Limits.from_env(environ),
            rate_limit=whole_number(environ, "EEDS_RATE_LIMIT", 600),
            lenient_filters=one_of(environ, "EEDS_LENIENT_FILTERS", ("0", "1")) == "1",
            trusted_proxies=whole_number(environ, "EEDS_TRUSTED_PROXIES", 0, least=0),
            hosts=tuple(environ.get("EEDS_HOSTS", "").split()),
            run_timeout=whole_number(environ, "EEDS_RUN_TIMEOUT", 600),
            keep_series_days=keep_series_days(environ),
            registry_projects=whole_number(environ, "EEDS_REGISTRY_PROJECTS", 15, least=2),
            registry_percent=whole_number(environ, "EEDS_REGISTRY_PERCENT", 15),
            meter=one_of(environ, "EEDS_METER", ("auto", "library")),
            fetches_weather=one_of(environ, "EEDS_FETCH_WEATHER", ("auto", "never")) == "auto",
            ghcnh_urls=urls(environ, "EEDS_GHCNH_URLS", GHCNH_URLS),
        )

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler stands between the datastore and its database."""
        return self.direct_url != self.database_url

    @staticmethod
    def data_dir_of(environ: Mapping[str, str]) -> Path:
        """EEDS_DATA_DIR, or the default of the user; an absolute path."""
        return Path(environ.get("EEDS_DATA_DIR") or default_data_dir()).absolute()


def secret_key(environ: Mapping[str, str], env: str, data_dir: Path) -> str:
    """SECRET_KEY, else the key that `eeds up` made for the data directory; only development may go without one."""
    file = data_dir / SECRET_KEY_FILE
    key = environ.get("SECRET_KEY") or (file.read_text().strip() if os.access(file, os.R_OK) else "")
    if env == "production":
        require_secret(key)
    return key or DEVELOPMENT_SECRET_KEY


def require_secret(key: str) -> None:
    """Raises ConfigurationError for a key that others know or may guess."""
    wrong = ""
    if len(key) < MIN_SECRET_KEY_LENGTH:
        wrong = f"must have at least {MIN_SECRET_KEY_LENGTH} characters"
    elif key in PUBLISHED_SECRET_KEYS:
        wrong = "is printed in eeds' own code, and must be another"
    elif guesses_log10(key) < MIN_SECRET_KEY_LOG10:
        wrong = "is made of words, sequences or repetitions, and must be random"
    if wrong:
        raise ConfigurationError(
            f"SECRET_KEY {wrong} when EEDS_ENV=production; "
            "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )


def guesses_log10(key: str) -> float:
    """The decimal logarithm of how many guesses find the key."""
    from zxcvbn import zxcvbn  # with long lists of words, which only production needs

    return float(zxcvbn(key[:72])["guesses_log10"])


def postgres_url(environ: Mapping[str, str], name: str) -> str:
    """The URL of a Postgres; Heroku says postgres://, which SQLAlchemy no longer takes."""
    return re.sub(r"^postgres:", "postgresql:", environ.get(name, ""))


def redis_url(environ: Mapping[str, str]) -> str:
    """REDIS_URL; Heroku's has a certificate that only Heroku signs, on dynos, where DYNO is set."""
    url = environ.get("REDIS_URL", "")
    if "DYNO" in environ and url.startswith("rediss://") and "ssl_cert_reqs" not in url:
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=none"
    return url


def keep_series_days(environ: Mapping[str, str]) -> int | None:
    """EEDS_KEEP_SERIES_DAYS, None where it is not set; raises ConfigurationError."""
    days = whole_number(environ, "EEDS_KEEP_SERIES_DAYS", 0, least=0)
    if days > MAX_KEPT_DAYS:
        raise ConfigurationError(f"EEDS_KEEP_SERIES_DAYS is {days}; leave it out to keep them for ever.")
    return days if environ.get("EEDS_KEEP_SERIES_DAYS") else None


def one_of(environ: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """A setting that is one of some words, the first by default; raises ConfigurationError."""
    given = environ.get(name) or words[0]
    if given not in words:
        raise ConfigurationError(f"{name} is {given!r}; it must be {' or '.join(words)}.")
    return given


def urls(environ: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """A setting that has URLs with blanks between them; raises ConfigurationError."""
    given = tuple(url.rstrip("/") for url in environ.get(name, "").split())
    for url in given:
        if not url.startswith(("https://", "http://")):
            raise ConfigurationError(f"{name} has {url!r}; it must be URLs that begin with https:// or http://.")
    return given or default
