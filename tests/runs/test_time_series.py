"""Time series are read back to the last digit, in less room than they have as rows."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ProjectResult, SeriesSet
from eeds.meter.types import TimeSeries
from eeds.runs.results.time_series import NUMBERS, local_days, save_time_series
from tests.runs.portfolio_results import add_project, owner_of
from eeds.accounts.operations import create_user

ZONES = ("America/Chicago", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC")
NUMBER = st.floats(width=64) | st.sampled_from([-0.0, 1e308, 0.1])
WHOLE = st.integers(-(2**31), 2**33)  # seconds: 1901 to 2242
