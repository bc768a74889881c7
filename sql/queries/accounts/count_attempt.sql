-- Count an attempt, unless it comes too soon: beyond those that are free, each makes the next wait twice as long. Counted
-- before the password is looked at, so that many at once are not all the first. What is old is forgotten.
INSERT INTO login_attempts AS stored (who)
VALUES (%(who)s)
ON CONFLICT (who) DO UPDATE
SET attempts = CASE WHEN stored.tried < clock_timestamp() - %(forget)s * interval '1 second'
                    THEN 1 ELSE stored.attempts + 1 END,
    tried = clock_timestamp(),
    next = clock_timestamp() + interval '1 second' * CASE
        WHEN stored.tried < clock_timestamp() - %(forget)s * interval '1 second' OR stored.attempts + 1 < %(free)s THEN 0
        ELSE least(%(longest)s, power(2, least(stored.attempts + 1 - %(free)s, 30)))
    END
WHERE stored.next <= clock_timestamp()
RETURNING attempts
