-- Answers that are a day old are replayed no more.
DELETE FROM idempotency_keys WHERE added < now() - interval '1 day'
