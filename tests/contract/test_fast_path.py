"""The fast path before Flask answers as Flask does: thousands of requests, compared to the byte.

The application is asked twice, as it is served and with the fast path left out. All that a client can see must be
the same; the request id is given by the client, since a drawn one differs each time.
"""

from __future__ import annotations

import gzip
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import brotli
import pytest
import zstandard
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import MORNING, NEVER, UNLIMITED, FixedClock, MakeDatabase
from tests.contract.conftest import close_app
from visalookup import create_app
from visalookup.api.v1.lookup.plain_answers import plain_answers_of
from visalookup.config import Settings
from visalookup.domain.documents import DocumentType
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate
from visalookup.extensions import db, rulebook_store_of
from visalookup.fast_path import PATH, FastPath
from visalookup.http.response_cache import response_cache_of
from visalookup.rate_limits.allowances import Allowance
from visalookup.rate_limits.hooks import meter_of
from visalookup.services.changes.add_event import NewEvent, add_event

ID = "agency-00000001"


@dataclass(frozen=True, slots=True)
class Answered:
    """All that a client sees of a response."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class Ways:
    """One application and the two ways through it."""

    app: Flask
    clock: FixedClock

    @property
    def short_cut(self) -> FastPath:
        found = self.app.wsgi_app
        assert isinstance(found, FastPath)
        return found

    def ask(self, query: str, method: str = "GET", **environ: str) -> tuple[Answered, Answered]:
        """The answer as it is served, and the answer of Flask alone."""
        self.ready()
        served = called(self.app.wsgi_app, query, method, environ)
        return served, called(self.short_cut._through_flask, query, method, environ)

    def visit(self, path: str, query: str = "", **environ: str) -> tuple[Answered, Answered]:
        """The same for another address, which is rendered before it is served."""
        self.ask(query, PATH_INFO=path, **environ)
        assert self.is_cut_short(query, PATH_INFO=path, **environ)
        return self.ask(query, PATH_INFO=path, **environ)

    def is_cut_short(self, query: str, **environ: str) -> bool:
        """Whether Flask is not asked at all."""
        self.ready()
        through, asked = self.short_cut._through_flask, []

        def note(*arguments: Any) -> Any:
            asked.append(arguments)
            return through(*arguments)

        self.short_cut._through_flask = note
        called(self.app.wsgi_app, query, "GET", environ)
        self.short_cut._through_flask = through
        return not asked

    def ready(self) -> None:
        """The library knows that it holds the newest volume, as it does in a worker that is watched."""
        with self.app.app_context():
            rulebook_store_of(self.app).current(db.session)
        meter_of(self.app)._allowances.put("address 192.0.2.1", unending_lot())


def unending_lot() -> Allowance:
    """A lot that never ends nor shrinks, so that both ways tell the same of it."""
    return Allowance(UNLIMITED, 0, NEVER, itertools.repeat(41))


def called(application: Any, query: str, method: str, environ: dict[str, str]) -> Answered:
    seen: list[Any] = []
    response = application(
        {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": PATH,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_X_REQUEST_ID": ID,
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **environ,
        },
        lambda status, headers, _error=None: seen.append((status, headers)),
    )
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    ((status, headers),) = seen
    return Answered(status, tuple(sorted(headers)), body)


def ways_of(url: str) -> Ways:
    clock = FixedClock(MORNING)
    settings = Settings(database_url=url, log_level="WARNING", rate_limit_anonymous=UNLIMITED)
    return Ways(create_app(settings, clock), clock)


@pytest.fixture(scope="module")
def ways(loaded_sqlite_url: str) -> Iterator[Ways]:
    found = ways_of(loaded_sqlite_url)
    yield found
    close_app(found.app)


@pytest.fixture
def own_ways(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[Ways]:
    """On a database of its own, that may be written to."""
    found = ways_of(make_sqlite(loaded_sqlite_template))
    yield found
    close_app(found.app)


def codes(ways: Ways) -> list[str]:
    ways.ready()
    loaded = rulebook_store_of(ways.app).last_known
    assert loaded is not None
    return sorted(loaded.rulebook.places.by_code)


def test_every_pair_of_the_world_by_turns(ways: Ways) -> None:
    """Four thousand pairs, spread over all passports and destinations, each asked twice: made, then kept."""
    listed = codes(ways)
    pairs = [(passport, destination) for passport in listed for destination in listed]
    for passport, destination in pairs[:: max(len(pairs) // 4_000, 1)]:
        query = f"passport={passport}&destination={destination}"
        served, flask = ways.ask(query)
        assert served == flask
        again, _ = ways.ask(query)
        assert again == flask


SOME_CODES = (
    "KAZ",
    "ISR",
    "GBR",
    "FRA",
    "USA",
    "CHN",
    "MAR",
    "AZE",
    "XXA",
    "ABW",
    "KZ",
    "D",
    "UNO",
    "QQQ",
    "kaz",
    "XXB",
)
DAYS = (
    "2026-11-23",
    "2027-01-01",
    "2024-08-28",
    "2016-02-29",
    "2027-02-29",
    "0001-01-01",
    "9999-12-31",
    "2026-1-1",
)
ODD = (
    "",
    " ",
    "%20",
    "Israel",
    "Côte d'Ivoire",
    "now",
    "0",
    "-1",
    "3650",
    "3651",
    "007",
    "ordinary",
    "DIPLOMATIC",
)


def values(*likely: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(likely), st.sampled_from(ODD), st.text(max_size=4))


PARTS = st.one_of(
    st.tuples(st.just("passport"), values(*SOME_CODES)),
    st.tuples(st.just("destination"), values(*SOME_CODES)),
    st.tuples(st.just("on"), values(*DAYS, "2026-11-23T09:00:00Z")),
    st.tuples(st.just("document"), values(*map(str, DocumentType))),
    st.tuples(st.just("stay_days"), values("1", "30", "90", "400")),
    st.tuples(st.sampled_from(("as_of", "lang", "receipt", "q")), values("en", "2026-11-23T08:00:00Z", "true")),
)
QUERIES = st.builds(
    lambda passport, destination, more: [("passport", passport), ("destination", destination), *more],
    st.sampled_from(SOME_CODES),
    st.sampled_from(SOME_CODES),
    st.lists(PARTS, max_size=3),
).flatmap(st.permutations)


@settings(max_examples=1_500, deadline=None)
@given(pairs=QUERIES, method=st.sampled_from(("GET", "GET", "GET", "HEAD", "POST", "OPTIONS")))
def test_any_question_well_formed_or_not(ways: Ways, pairs: list[tuple[str, str]], method: str) -> None:
    served, flask = ways.ask("&".join(f"{name}={quote(value)}" for name, value in pairs), method)
    assert served == flask


@settings(max_examples=600, deadline=None)
@given(query=st.text(alphabet="passportdeinKAZISR=&;%+?# é0123456789-", max_size=60))
def test_any_text_as_a_query(ways: Ways, query: str) -> None:
    served, flask = ways.ask(query.encode().decode("latin-1"))
    assert served == flask


KAZ_ISR = "passport=KAZ&destination=ISR"


@pytest.mark.parametrize("held", ["{}", "W/{}", '"other", {}', "*", '"another"', "junk", '""', "{}x", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests(ways: Ways, held: str, method: str) -> None:
    etag = dict(ways.ask(KAZ_ISR)[0].headers)["ETag"]
    served, flask = ways.ask(KAZ_ISR, method, HTTP_IF_NONE_MATCH=held.format(etag))
    assert served == flask
    assert served.status.startswith("304") == ((etag in held.format(etag) and not held.endswith("x")) or held == "*")


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_RANGE": "bytes=0-9"},
        {"HTTP_IF_MATCH": '"x"'},
        {"HTTP_AUTHORIZATION": "Bearer nonsense"},
        {"HTTP_X_REQUEST_ID": "short"},
        {"HTTP_X_REQUEST_ID": "with space and more"},
        {"HTTP_ACCEPT_ENCODING": "gzip, br"},
        {"HTTP_ACCEPT": "text/html"},
        {"CONTENT_LENGTH": "0"},
        {"HTTP_IF_MODIFIED_SINCE": "Mon, 23 Nov 2026 09:00:00 GMT"},
    ],
)
def test_headers_of_the_request(ways: Ways, environ: dict[str, str]) -> None:
    served, flask = ways.ask(KAZ_ISR, **environ)
    drawn = "HTTP_X_REQUEST_ID" in environ
    assert without_id(served) == without_id(flask) if drawn else served == flask


def without_id(answered: Answered) -> Answered:
    headers = tuple(each for each in answered.headers if each[0] != "X-Request-Id")
    assert len(headers) == len(answered.headers) - 1
    return replace(answered, headers=headers)


def test_plain_questions_are_cut_short_and_others_are_not(ways: Ways) -> None:
    assert ways.is_cut_short(KAZ_ISR)
    assert ways.is_cut_short("destination=ISR&passport=KZ&on=2027-01-01&document=diplomatic&stay_days=30")
    assert ways.is_cut_short(KAZ_ISR, HTTP_IF_NONE_MATCH='"0123456789abcdef0123456789abcdef"')
    for query in (
        "",
        "passport=KAZ",
        f"{KAZ_ISR}&passport=USA",
        f"{KAZ_ISR}&as_of=2026-11-23",
        f"{KAZ_ISR}&receipt=true",
        f"{KAZ_ISR}&receipt=false",
        "passport=kaz&destination=ISR",
    ):
        assert not ways.is_cut_short(query)


def test_days_and_what_grows_stale_as_time_goes_on(own_ways: Ways) -> None:
    """The day of travel is today at the destination, and what is kept today is not what is told next year."""
    for hours in (0, 3, 3, 3, 3, 3, 3, 24 * 200, 24 * 200):
        own_ways.clock.move(hours=hours)
        for query in (KAZ_ISR, "passport=KAZ&destination=NZL", "passport=KAZ&destination=USA&on=2027-01-01"):
            served, flask = own_ways.ask(query)
            assert served == flask


def test_a_new_revision_changes_what_it_changes_and_the_edition_of_the_rest(own_ways: Ways) -> None:
    queries = (
        KAZ_ISR,
        "passport=ISR&destination=KAZ",
        "passport=USA&destination=FRA",
        "passport=FRA&destination=FRA",
    )
    before = [own_ways.ask(query) for query in queries]
    with own_ways.app.app_context():
        source = next(iter(rulebook_store_of(own_ways.app).last_known.rulebook.regimes["kaz-isr-2026"].sources))  # type: ignore[union-attr]
        step = NewEvent("kaz-isr-2026", EffectiveDate.parse("2026-11-01"), source, Status.SIGNED)
        add_event(db.session, step, "tests", own_ways.clock.move(minutes=1))
        db.session.commit()
        rulebook_store_of(own_ways.app).renew(db.session)
    for query, (served_before, _) in zip(queries, before, strict=True):
        served, flask = own_ways.ask(query)
        assert served == flask
        assert served != served_before
        assert own_ways.is_cut_short(query)
    assert b'"status":"signed"' in own_ways.ask(KAZ_ISR)[0].body


def test_what_is_kept_is_bounded(own_ways: Ways) -> None:
    plain = plain_answers_of(own_ways.app)
    plain._lasting._most = plain.prepared._kept._most = 10
    for passport in codes(own_ways)[:30]:
        served, flask = own_ways.ask(f"passport={passport}&destination=ISR")
        assert served == flask
    assert len(plain.prepared._kept) == len(plain._lasting) == 10


def test_while_the_database_is_away_flask_answers_and_tells_the_age(own_ways: Ways) -> None:
    rulebook_store = rulebook_store_of(own_ways.app)
    own_ways.ready()
    rulebook_store.is_watched = True
    assert own_ways.is_cut_short(KAZ_ISR)
    rulebook_store._confirmed_at -= timedelta(seconds=60).total_seconds()
    served, flask = own_ways.ask(KAZ_ISR)
    assert served == flask
    assert 60 <= int(dict(served.headers)["Age"]) < 120


RENDERED = ("/visa/KAZ/ISR", "/api/v1/passports/KAZ/requirements", "/api/v1/destinations/ISR/requirements")


@pytest.mark.parametrize("path", RENDERED)
@pytest.mark.parametrize("accepted", ["", "gzip", "br", "zstd", "gzip, deflate, br, zstd", "gzip;q=0", "*"])
def test_what_is_rendered_is_served_in_every_encoding(ways: Ways, path: str, accepted: str) -> None:
    served, flask = ways.visit(path, HTTP_ACCEPT_ENCODING=accepted)
    assert served == flask
    plain, _ = ways.visit(path)
    encoding = dict(served.headers).get("Content-Encoding", "identity")
    assert UNPACK[encoding](served.body) == plain.body
    assert encoding == "identity" or len(served.body) < len(plain.body) / 2


UNPACK = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.mark.parametrize("path", RENDERED)
@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_rendered_is_conditional_too(ways: Ways, path: str, accepted: str, method: str) -> None:
    served, _ = ways.visit(path, HTTP_ACCEPT_ENCODING=accepted)
    for held in (dict(served.headers)["ETag"], '"another"'):
        environ = {"HTTP_ACCEPT_ENCODING": accepted, "HTTP_IF_NONE_MATCH": held, "PATH_INFO": path}
        again, flask = ways.ask("", method, **environ)
        assert again == flask
        assert again.status.startswith("200" if held == '"another"' else "304")


def test_a_rendering_holds_for_one_revision_and_one_quarter_of_an_hour(own_ways: Ways) -> None:
    before, _ = own_ways.visit("/visa/KAZ/NZL")
    own_ways.clock.move(minutes=14)
    assert own_ways.is_cut_short("", PATH_INFO="/visa/KAZ/NZL")
    own_ways.clock.move(hours=3)
    assert not own_ways.is_cut_short("", PATH_INFO="/visa/KAZ/NZL")
    after, flask = own_ways.visit("/visa/KAZ/NZL")
    assert after == flask
    assert after.body != before.body  # in New Zealand the next day has begun


def test_renderings_take_only_so_much_room(own_ways: Ways) -> None:
    renderings = response_cache_of(own_ways.app)
    renderings._most_bytes = 200_000
    for passport in codes(own_ways)[:40]:
        own_ways.ask("", PATH_INFO=f"/visa/{passport}/ISR")
    assert 0 < renderings._bytes <= 200_000
    assert 1 < len(renderings._kept) < 40


def try_respond(app: Any, **environ: str) -> Answered | None:
    """What the worker is told of a request in its main loop; None where it is declined."""
    begun: list[Any] = []
    asked = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1", "PATH_INFO": PATH, "QUERY_STRING": KAZ_ISR}
    body = app.try_respond({**asked, **environ}, lambda *arguments: begun.append(arguments))
    if body is None:
        assert begun == []
        return None
    ((status, headers),) = begun
    return Answered(status, tuple(sorted(headers)), b"".join(body))


def test_what_is_at_hand_is_answered_at_once(ways: Ways) -> None:
    served, _ = ways.ask(KAZ_ISR)
    assert try_respond(ways.app, HTTP_X_REQUEST_ID=ID) == served


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.99"},
        {"REQUEST_METHOD": "POST"},
        {"QUERY_STRING": "passport=kaz&destination=ISR"},
        {"QUERY_STRING": f"{KAZ_ISR}&as_of=2026-11-01"},
        {"QUERY_STRING": f"{KAZ_ISR}&receipt=true"},
        {"PATH_INFO": "/visa/NOWHERE/ISR"},
        {"PATH_INFO": "/healthz"},
        {"HTTP_AUTHORIZATION": "Bearer vla_x"},
    ],
)
def test_what_could_wait_is_declined(ways: Ways, environ: dict[str, str]) -> None:
    """The first address has no lot of questions yet: to draw one, Redis is asked."""
    ways.ready()
    assert try_respond(ways.app, **environ) is None


def test_while_the_database_is_away_everything_is_declined(own_ways: Ways) -> None:
    own_ways.ready()
    rulebook_store_of(own_ways.app).is_watched = True
    assert try_respond(own_ways.app) is not None
    rulebook_store_of(own_ways.app)._confirmed_at -= 60
    assert try_respond(own_ways.app) is None


def test_behind_a_proxy_what_is_answered_at_once_is_counted_for_the_client(loaded_sqlite_url: str) -> None:
    changed = Settings(database_url=loaded_sqlite_url, log_level="WARNING", trusted_proxies=1)
    app = create_app(changed, FixedClock(MORNING))
    with app.app_context():
        rulebook_store_of(app).current(db.session)
    meter_of(app)._allowances.put("address 192.0.2.7", Allowance(UNLIMITED, 0, NEVER, iter([0])))
    assert try_respond(app, HTTP_X_FORWARDED_FOR="203.0.113.1, 192.0.2.7") is not None
    assert try_respond(app, HTTP_X_FORWARDED_FOR="203.0.113.1, 192.0.2.7") is None
    close_app(app)
