-- Nobody asks any more what became of these.
DELETE FROM loads WHERE ended < now() - %(kept)s
