"""The database that is measured on, and the questions that are asked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench.apps.usual import Base, Requirement
from bench.servers import Server
from visalookup.config import ROOT
from visalookup.domain.places import Places
from visalookup.formats.data_folder import read_data
from visalookup.services.clock import system_clock
from visalookup.services.datasets.load_data import LoadOrder, load_data
from visalookup.services.datasets.matrix import matrix
from visalookup.services.lookup.rulebook_store import newest_rulebook
from visalookup.storage.engine import make_engine
from visalookup.storage.migrations import upgrade

PAIRS = 6_000
_FILLING = "x" * 1_500
"""Makes an answer of the usual way about as long as one of ours."""


def set_up(url: str) -> Places:
    """Migrate a database, load the world, and create the table of the usual way."""
    engine = make_engine(url)
    upgrade(engine)
    with Session(engine) as session:
        load_data(session, read_data(ROOT / "data"), LoadOrder("bench", "The data files"), system_clock())
        session.commit()
        rulebook = newest_rulebook(session)
        rows = [{**row._asdict(), "sentence": _FILLING} for row in matrix(rulebook, None, system_clock())]
        Base.metadata.create_all(engine)
        session.execute(insert(Requirement), rows)
        session.commit()
    engine.dispose()
    return rulebook.places


def pairs(places: Places) -> Iterator[tuple[str, str]]:
    """Random pairs from the whole world, the same on every run."""
    draw = random.Random(20261124)  # noqa: S311 - nothing secret
    passports, destinations = places.passports, places.destinations
    for _ in range(PAIRS):
        yield draw.choice(passports).code, draw.choice(destinations).code


def lookup_path(passport: str, destination: str) -> str:
    """The address of one question."""
    return f"/api/v1/requirements?passport={passport}&destination={destination}"


def write_questions(path: Path, lines: Iterator[str] | list[str]) -> Path:
    """The file that wrk's script reads."""
    path.write_text("\n".join(lines))
    return path


def with_etags(server: Server, paths: list[str]) -> Iterator[str]:
    """Each path with the current ETag of its answer."""
    for path in paths:
        yield f"{path}\tIf-None-Match: {server.get(path)[1]['ETag']}"


def write_history(url: str, versions: int) -> int:
    """Add at least this many superseded versions of rules, as years of work would; return how many were added."""
    engine = make_engine(url)
    written = 0
    with engine.begin() as connection:
        number = connection.scalar(text("SELECT max(number) FROM revision")) or 0
        while written < versions:
            number += 1
            revision = (
                "INSERT INTO revision (number, recorded_at, actor, origin, reason)"
                " SELECT :number, recorded_at + interval '1 hour', actor, origin, 'bench'"
                " FROM revision WHERE number = :number - 1"
            )
            connection.execute(text(revision), {"number": number})
            written += connection.execute(text(_NEW_VERSION_OF_EVERY_RULE), {"number": number}).rowcount
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return written


_NEW_VERSION_OF_EVERY_RULE = """
INSERT INTO rule_version
  (regime_id, key, passport, destination, passport_group, destination_group, terms_digest,
   version, supersedes_id, revision, retracted, reason)
SELECT regime_id, key, passport, destination, passport_group, destination_group, terms_digest,
   version + 1, id, :number, false, NULL
FROM rule_version old
WHERE NOT retracted AND NOT EXISTS (SELECT 1 FROM rule_version newer WHERE newer.supersedes_id = old.id)
"""
