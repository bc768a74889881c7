"""`client.weather`: hourly temperatures of weather stations."""

from typing import Any

import pandas as pd

from eeds.client.http import Http
from eeds.client.record_frames import upload
from eeds.client.record_tables import WEATHER


class Weather:
    """The temperatures that runs of the meter use; all projects share them."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def upload(
        self, frame: pd.DataFrame, *, dry_run: bool = False, progress: bool | None = None, **constants: Any
    ) -> dict[str, int]:
        """Load temperatures; for admins. Columns: `station`, `start` (whole hours) and one of `temp_f` and `temp_c`. A
        column that has the same value in every row may be given as a keyword instead, as `station="725460"`. The index
        may hold the starts.

        Gives how many became what. Raises RowsRefused with those that were not stored; the others are.
        """
        return upload(self.http, frame, constants, WEATHER, dry_run=dry_run, progress=progress)
