-- Two bills of the gas in the result, whose bounds do not follow from its model.
INSERT INTO time_series VALUES (
    1, 2, 'billing', '2013-07-01 05:00Z', 86400, '{0, 86400}', '2013-07-01', '{2013-07-01, 2013-07-03}',
    '{3, 4}', '{70, 71}', '{5, 6}', NULL, '{4, 4}', '{6, 8}', '{3, 4}'
);
