-- A station-year as its source has it, in the place of what was fetched before; temps in binary, see
-- update_year. `excluded` has the default of fetched_at, the present time.
INSERT INTO weather_years (station, source, year, temps, n_observed, first_hour, last_hour, url, etag, sha256)
VALUES (
    %(station)s, %(source)s, %(year)s, %(temps)b::double precision[], %(n_observed)s, %(first_hour)s, %(last_hour)s,
    %(url)s, %(etag)s, %(sha256)s
)
ON CONFLICT (station, source, year) DO UPDATE
SET temps = excluded.temps,
    n_observed = excluded.n_observed,
    first_hour = excluded.first_hour,
    last_hour = excluded.last_hour,
    url = excluded.url,
    etag = excluded.etag,
    sha256 = excluded.sha256,
    fetched_at = excluded.fetched_at
