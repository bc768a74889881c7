-- The source was asked, and has what is stored.
UPDATE weather_years SET fetched_at = now()
WHERE station = %(station)s AND source = %(source)s AND year = %(year)s
