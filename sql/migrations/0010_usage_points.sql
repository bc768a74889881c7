-- Whose meter a trace is that came from a Green Button file: the links' path from the customer down to the usage point,
-- '' where no link says it. Ids of usage points are not unique: each customer may have a "01".
ALTER TABLE consumption_metadatas ADD COLUMN usage_point text;
