-- Whether a deleted trace may have left records.
SELECT EXISTS (SELECT 1 FROM deleted_traces)
