"""The usual way: Flask, SQLAlchemy and marshmallow, and one indexed query to PostgreSQL for each request.

It answers less than we do: nothing about time, other regimes or sources. So the comparison favours it.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, abort, request
from flask_sqlalchemy_lite import SQLAlchemy
from marshmallow import Schema, fields
from sqlalchemy import Integer, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables of this app."""


class Requirement(Base):
    """What one destination asks of one passport, today."""

    __tablename__ = "usual_requirement"

    passport: Mapped[str] = mapped_column(Text, primary_key=True)
    destination: Mapped[str] = mapped_column(Text, primary_key=True)
    requirement: Mapped[str] = mapped_column(Text)
    stay_days: Mapped[int | None] = mapped_column(Integer)
    within_days: Mapped[int | None] = mapped_column(Integer)
    verification: Mapped[str | None] = mapped_column(Text)
    regime: Mapped[str | None] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)


class QuestionSchema(Schema):
    """The question."""

    passport = fields.String(required=True)
    destination = fields.String(required=True)


class RequirementSchema(Schema):
    """The answer."""

    passport = fields.String()
    destination = fields.String()
    requirement = fields.String()
    stay_days = fields.Integer()
    within_days = fields.Integer()
    verification = fields.String()
    regime = fields.String()
    sentence = fields.String()


app = Flask(__name__)
app.config["SQLALCHEMY_ENGINES"] = {"default": os.environ.get("BENCH_DATABASE_URL", "sqlite://")}
db = SQLAlchemy(app)
question_schema, requirement_schema = QuestionSchema(), RequirementSchema()


@app.get("/api/v1/requirements")
def requirements() -> Any:
    """One query, one answer."""
    question = question_schema.load(request.args.to_dict())
    pair = (Requirement.passport == question["passport"], Requirement.destination == question["destination"])
    found = db.session.scalar(select(Requirement).where(*pair))
    return requirement_schema.dump(found) if found else abort(404)
