-- Whether the coordinator is among the nodes, so that the others can reach it, and how many nodes take rows.
SELECT
    count(*) FILTER (WHERE groupid = 0 AND nodename <> 'localhost') > 0 AS knows_coordinator,
    count(*) FILTER (WHERE shouldhaveshards) AS nodes
FROM pg_dist_node
WHERE noderole = 'primary' AND isactive
