-- What is stored of a station-year before it is fetched from a source. A year is final once it was fetched after 31
-- January of the next one; that there is none is remembered for a day.
SELECT
    EXISTS (
        SELECT FROM weather_years
        WHERE station = %(station)s AND source = %(upload)s AND year = %(year)s AND n_observed > 0
    ) AS uploaded,
    coalesce(stored.fetched_at >= make_timestamptz(%(year)s + 1, 2, 1, 0, 0, 0, 'UTC'), false) AS final,
    coalesce(stored.fetched_at > now() - interval '24 hours', false) AS fresh,
    stored.url,
    stored.etag,
    missed.message AS absent
FROM (VALUES (true)) AS one (row)
LEFT JOIN weather_years AS stored
    ON stored.station = %(station)s AND stored.source = %(source)s AND stored.year = %(year)s
LEFT JOIN weather_fetches AS missed
    ON missed.station = %(station)s AND missed.source = %(source)s AND missed.year = %(year)s
    AND missed.absent AND missed.tried > now() - interval '24 hours'
