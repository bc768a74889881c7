-- The traces that are no more, but have readings, or had some: who deletes a trace in the moment in which a load of it is committed on
-- one node and not yet on the next does not see what is new there, and a coordinator that ends in that moment may lose the
-- trace that it has made.
(SELECT metadata_id FROM trace_extents UNION SELECT metadata_id FROM record_additions)
EXCEPT SELECT id FROM consumption_metadatas
