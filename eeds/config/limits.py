"""What one request may make of the server, whatever it is that was sent: settings from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from eeds.errors import ConfigurationError


@dataclass(frozen=True)
class Limits:
    """Bounds of a request, so that none takes more than 128 MB or 30 s of a processor. Names in capitals are the
    environment variables."""

    # EEDS_MAX_JSON_MB: the largest body of JSON, but for those of bulk loads
    json_mb: int
    # EEDS_MAX_JSON_OBJECTS: objects in such a body; of other values and their lists ten times as many
    json_objects: int
    # EEDS_MAX_UNPACK_RATIO: how many times as large as it was sent an upload may become unpacked, beyond some MB
    unpack_ratio: int
    # EEDS_MAX_ROWS: rows, or records, of a bulk load
    rows: int
    # EEDS_MAX_DRY_RUN_ROWS: the same of a dry run, which writes them, and takes them back
    dry_run_rows: int
    # EEDS_MAX_REFUSED_ROWS: refused rows, or ones read cell by cell, after which a bulk load is read no further
    refused_rows: int
    # EEDS_HEAVY_REQUESTS: batches and uploads of one project owner that are worked on at a time
    heavy_requests: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Limits":
        """Read and check them; raises ConfigurationError."""
        return cls(
            json_mb=whole_number(environ, "EEDS_MAX_JSON_MB", 10),
            json_objects=whole_number(environ, "EEDS_MAX_JSON_OBJECTS", 50_000),
            unpack_ratio=whole_number(environ, "EEDS_MAX_UNPACK_RATIO", 200),
            rows=whole_number(environ, "EEDS_MAX_ROWS", 20_000_000),
            dry_run_rows=whole_number(environ, "EEDS_MAX_DRY_RUN_ROWS", 2_000_000),
            refused_rows=whole_number(environ, "EEDS_MAX_REFUSED_ROWS", 500_000),
            heavy_requests=whole_number(environ, "EEDS_HEAVY_REQUESTS", usual_heavy_requests(os.cpu_count() or 1)),
        )


def usual_heavy_requests(processors: int) -> int:
    """Two, but that one owner's leave others a processor: beside two of them on two processors the reads of others took
    three times as long, beside one no longer than alone."""
    return 2 if processors > 2 else 1


def whole_number(environ: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    """A setting that is a whole number and not less than that; raises ConfigurationError."""
    text = environ.get(name, "")
    if text and (not text.isascii() or not text.isdigit() or int(text) < least):
        raise ConfigurationError(f"{name} is {text!r}; it must be a whole number from {least} up.")
    return int(text) if text else default
