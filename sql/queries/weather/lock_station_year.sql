-- For one process at a time, until it unlocks or ends; no transaction is open while a file is downloaded.
SELECT pg_advisory_lock(%(lock)s, hashtext(%(name)s))
