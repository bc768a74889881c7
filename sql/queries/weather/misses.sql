-- Why years of a station could not be fetched. What is uploaded needs no fetching.
SELECT year, message
FROM weather_fetches AS missed
WHERE station = %(station)s
  AND year BETWEEN %(first_year)s AND %(last_year)s
  AND NOT EXISTS (
      SELECT FROM weather_years AS stored
      WHERE stored.station = missed.station
        AND stored.source = %(upload)s
        AND stored.year = missed.year
        AND stored.n_observed > 0
  )
ORDER BY year, source
