"""A page as a tree, strict about what browsers forgive: every element is closed, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class NotWellFormed(Exception):
    """A page that a browser has to mend."""


@dataclass(slots=True)
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all within it, in order."""
        yield self
        for each in self.content:
            if isinstance(each, Element):
                yield from each.walk()

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """The elements of these tags with these attributes; `class_` is one of an element's classes."""
        return [each for each in self.walk() if each.tag in tags and each._has(attributes)]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, **attributes)
        if len(found) != 1:
            raise LookupError(f"{len(found)} elements {tag} {attributes}, not one")
        return found[0]

    def without(self, *unwanted: Element) -> Element:
        """A copy that leaves some elements out."""
        kept = [
            each.without(*unwanted) if isinstance(each, Element) else each
            for each in self.content
            if not any(each is gone for gone in unwanted)
        ]
        return Element(self.tag, self.attributes, kept)

    @property
    def text(self) -> str:
        """The text, with single spaces."""
        return " ".join(" ".join(self._pieces()).split())

    @property
    def id(self) -> str | None:
        return self.attributes.get("id")

    def _has(self, wanted: dict[str, str]) -> bool:
        classes = self.attributes.get("class", "").split()
        return all(
            value in classes if name == "class_" else self.attributes.get(name) == value
            for name, value in wanted.items()
        )

    def _pieces(self) -> Iterator[str]:
        for each in self.content:
            if isinstance(each, str):
                yield each
            else:
                yield from each._pieces()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) != len(attrs):
            raise NotWellFormed(f"an attribute stands twice in {self.get_starttag_text()}")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            raise NotWellFormed(f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parse(text: str) -> Element:
    """The page as a tree; raise NotWellFormed where a browser would have to mend it."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    if len(builder.open) > 1:
        raise NotWellFormed(f"<{builder.open[-1].tag}> is never closed")
    return builder.root


def page_of(response: TestResponse, status: int = 200) -> Element:
    """The page in a response."""
    text = response.get_data(as_text=True)
    assert response.status_code == status, text[:400]
    assert response.mimetype == "text/html"
    assert response.mimetype_params["charset"] == "utf-8"
    return parse(text)
