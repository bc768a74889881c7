-- An attempt that succeeded was none of guessing.
UPDATE login_attempts
SET attempts = greatest(attempts - 1, 0), next = clock_timestamp()
WHERE who = %(who)s
