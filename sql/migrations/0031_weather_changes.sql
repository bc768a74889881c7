-- Temperatures as they were: what a later one of an hour, or a later normal year, took the place of.
CREATE TABLE weather_changes (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station text               NOT NULL,
    source  text               NOT NULL,
    year    smallint           NOT NULL,
    changed timestamptz        NOT NULL DEFAULT clock_timestamp(),
    hour    smallint           NOT NULL,                   -- of the year, from 0: the first that changed
    temps   double precision[] NOT NULL                    -- from there to the last that changed, as they were before
);
CREATE INDEX ix_weather_changes_station ON weather_changes (station, year, source, id);

CREATE TABLE weather_normal_changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station    text             NOT NULL,
    kind       text             NOT NULL,
    changed    timestamptz      NOT NULL DEFAULT clock_timestamp(),
    utc_offset double precision NOT NULL,
    temps      double precision[] NOT NULL                 -- the whole year before
);
CREATE INDEX ix_weather_normal_changes_station ON weather_normal_changes (station, kind, id);
