"""The status of a run, an export or a load: PENDING -> RUNNING -> SUCCESS or FAILED."""

STATUSES = PENDING, RUNNING, SUCCESS, FAILED = ("PENDING", "RUNNING", "SUCCESS", "FAILED")
UNFINISHED = (PENDING, RUNNING)
CANCELLED = "CANCELLED"  # how people see a run that FAILED because somebody cancelled it
