-- Nobody asks any more what became of these.
DELETE FROM loads WHERE ended < clock_timestamp() - %(kept)s
