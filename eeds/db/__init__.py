"""The database: engine and unit of work, tables, statements of sql/, migrations, COPY and arrays in binary."""
