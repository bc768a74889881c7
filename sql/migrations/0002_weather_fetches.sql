-- Why the last attempt to fetch a station-year from a source gave nothing; a successful one leaves no row. A run that
-- lacks the year says it, and a year that the source does not have is not asked for again within a day.
CREATE TABLE weather_fetches (
    station text        NOT NULL,
    source  text        NOT NULL,
    year    smallint    NOT NULL,
    absent  boolean     NOT NULL,                          -- the source says it has none; else it could not be read
    message text        NOT NULL,
    tried   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (station, source, year)
);
