"""What the tables have in common: Python types and the columns they become, and columns that several have."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Python types and the columns they become."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_name)s_key",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        float: Double,
        datetime: TIMESTAMP(timezone=True),
        list[str]: ARRAY(Text),
        list[float]: ARRAY(Double),
        dict[str, Any]: JSONB(none_as_null=True),
    }


class Identified:
    """An id that the database gives out."""

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
