-- temps in binary: as text it takes five times as long.
UPDATE weather_years
SET temps = %(temps)b::double precision[],
    n_observed = %(n_observed)s,
    first_hour = %(first_hour)s,
    last_hour = %(last_hour)s,
    fetched_at = now()
WHERE station = %(station)s AND source = %(source)s AND year = %(year)s
