-- Nobody asks any more what became of these. Those that have a history are kept for as long as there is one: without them
-- nobody would know when it was.
DELETE FROM loads WHERE ended < now() - %(kept)s AND changed IS NULL
