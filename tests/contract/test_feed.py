"""The Atom feed of policy changes, as a reader takes it (RFC 4287)."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def feed(client: FlaskClient) -> ET.Element:
    response = client.get("/changes.atom")
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml")
    return ET.fromstring(response.data)  # noqa: S314 - our own document


def text(element: ET.Element, tag: str) -> str:
    found = element.findall(f"{ATOM}{tag}")
    assert len(found) == 1, tag
    assert found[0].text
    return found[0].text


def test_has_what_every_feed_must_have(feed: ET.Element) -> None:
    assert text(feed, "id").startswith("urn:uuid:")
    assert text(feed, "title") == "Visa Lookup: changes of visa policy"
    assert datetime.fromisoformat(text(feed, "updated")).tzinfo
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}


def test_every_entry_has_an_id_of_its_own_a_page_and_its_source(client: FlaskClient, feed: ET.Element) -> None:
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 100
    assert len({text(entry, "id") for entry in entries}) == 100
    for entry in entries[:10]:
        links = {link.get("rel"): link.get("href", "") for link in entry.findall(f"{ATOM}link")}
        assert client.get(links["alternate"]).status_code == 200
        assert links["via"].startswith("http")
        assert text(entry, "summary")


def test_says_the_same_as_the_json_feed_the_newest_first(client: FlaskClient, feed: ET.Element) -> None:
    changes = []
    cursor, more = "0", True
    while more:
        page = client.get("/api/v1/changes", query_string={"since": cursor, "limit": "500"}).get_json()
        changes += page["changes"]
        cursor, more = page["cursor"], page["more"]
    newest = [change["href"] for change in reversed(changes)][:100]
    shown = [
        link.get("href")
        for entry in feed.findall(f"{ATOM}entry")
        for link in entry.findall(f"{ATOM}link")
        if link.get("rel") == "alternate"
    ]
    assert [href.rpartition("/")[2] for href in newest] == [str(href).rpartition("/")[2] for href in shown]


def test_every_page_names_it(client: FlaskClient) -> None:
    assert b'href="/changes.atom" type="application/atom+xml"' in client.get("/").data


def test_can_be_had_for_some_places_only_as_a_feed_of_its_own(client: FlaskClient, feed: ET.Element) -> None:
    response = client.get("/changes.atom?passport=KAZ&destination=ISR")
    own = ET.fromstring(response.data)  # noqa: S314 - our own document
    assert text(own, "id") != text(feed, "id")
    assert text(own, "title") == "Visa Lookup: changes of visa policy for passports of KAZ at ISR"
    (self_link,) = (link for link in own.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert self_link.get("href") == "/changes.atom?passport=KAZ&destination=ISR"
    query = {"passport": "KAZ", "destination": "Israel", "limit": "500"}
    changes = client.get("/api/v1/changes", query_string=query).get_json()["changes"]
    assert 0 < len(changes) == len(own.findall(f"{ATOM}entry"))
    assert "kaz-isr-2026" in {change["regime"]["id"] for change in changes}


def test_a_place_that_is_none_gets_a_page_that_says_so(client: FlaskClient) -> None:
    response = client.get("/changes.atom?passport=Kazakstann")
    assert (response.status_code, response.mimetype) == (422, "text/html")
    assert "did you mean" in response.get_data(as_text=True)
