-- Runs of one project choose its station one after the other, so that they choose the same.
SELECT zipcode FROM projects WHERE id = %(project_id)s FOR NO KEY UPDATE
