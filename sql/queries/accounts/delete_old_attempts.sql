-- What is forgotten need not be kept.
DELETE FROM login_attempts WHERE tried < clock_timestamp() - %(forget)s * interval '1 second'
