"""The tables of jobs that workers take, in the order in which the relay looks at them."""

from typing import Any

from eeds.exports.lifecycle import EXPORTS
from eeds.jobs.leases import JobTable
from eeds.runs.lifecycle import RUNS
from eeds.runs.restatements.lifecycle import RESTATEMENTS
from eeds.weather.downloads import DOWNLOADS

JOB_TABLES: tuple[JobTable[Any], ...] = (EXPORTS, DOWNLOADS, RESTATEMENTS, RUNS)
