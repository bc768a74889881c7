"""The temporary tables of sql/queries/portfolio/members_table.sql: a portfolio, for the length of a transaction."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Double, Text, column, table

PROJECTS = table("portfolio_projects", column("project_id", BigInteger), column("group_value", Text))
MEMBERS = table(
    "portfolio_members",
    column("project_id", BigInteger),
    column("result_id", BigInteger),
    column("savings_id", BigInteger),
    column("input_sha256", Text),
    column("confidence_level", Double),
    column("is_stale", Boolean),
    column("interpretation", Text),
    column("group_value", Text),
    column("predicted", Double),
    column("reasons", ARRAY(Text)),
    column("is_accepted", Boolean),
)
