"""Builds eeds/meter/data/limits.json: what the installed opendsm requires of data.

python tools/build_limits.py
"""

import msgspec

from eeds.meter.limits import FILE
from eeds.meter.models.limits import library_limits


def main() -> None:
    """Write it."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(library_limits())) + b"\n")


if __name__ == "__main__":
    main()
