-- The results that a station's temperatures have been used for are looked up when these change.
CREATE INDEX ix_project_results_station ON project_results ((provenance #>> '{weather,station}'));
