-- Attempts to log in since the last that succeeded, by whom they say they are and from where. UNLOGGED: a crash of the
-- server may forget them.
CREATE UNLOGGED TABLE login_attempts (
    who      bytea PRIMARY KEY,
    attempts integer NOT NULL DEFAULT 1,
    tried    timestamptz NOT NULL DEFAULT clock_timestamp(),
    next     timestamptz NOT NULL DEFAULT clock_timestamp()  -- no attempt is looked at before
);
