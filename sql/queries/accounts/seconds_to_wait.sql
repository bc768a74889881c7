-- For how long no attempt of these is looked at.
SELECT ceil(extract(epoch FROM max(next) - clock_timestamp()))::integer FROM login_attempts WHERE who = ANY(%(who)s)
