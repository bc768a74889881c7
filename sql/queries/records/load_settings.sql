-- A load of millions of records takes longer than any other request may.
SET LOCAL statement_timeout = '10min'
