"""Where a fact comes from, and how well that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from visalookup.domain.moments import PartialDate


class SourceKind(StrEnum):
    """What a source is: an authority's own word, a retelling of it, or news."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    PRESS = "press"


@dataclass(frozen=True, slots=True)
class Source:
    """A published text.

    `accessed_on` is the day it was read; None if it has not been read yet. `state_on` is the date of the state that
    was read, where it was not the text of that very day: an archived copy, an older consolidation.
    """

    key: str
    kind: SourceKind
    publisher: str
    title: str
    url: str
    published_on: PartialDate | None = None
    accessed_on: date | None = None
    state_on: PartialDate | None = None

    @property
    def text_of(self) -> date | None:
        """The day from which on the text that was read speaks; None if nobody has read it.

        A date as vague as a month or a year counts as late as it can mean, but never later than it was read.
        """
        shown = self.state_on or self.published_on
        if self.accessed_on is None or shown is None:
            return self.accessed_on
        return min(shown.last_day, self.accessed_on)


class VerificationLevel(StrEnum):
    """How well a rule was checked against its source."""

    OFFICIAL = "official"
    """The official text was read."""
    SECONDARY = "secondary"
    """A secondary source was read."""
    UNVERIFIED = "unverified"
    """No source has been read yet; the URL only shows where to look."""


LIMIT_OF_AGE = {
    VerificationLevel.OFFICIAL: timedelta(days=365),
    VerificationLevel.SECONDARY: timedelta(days=180),
    VerificationLevel.UNVERIFIED: timedelta(0),
}
"""How long a check stays fresh; after it, the answer says that it is stale."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The level reached and the day it was reached; the day is None where nothing was read."""

    level: VerificationLevel
    verified_on: date | None = None

    def state_read(self, source: Source) -> date | None:
        """The day whose state was read: reading an old state of a text makes no fresh check."""
        if self.verified_on is None or source.state_on is None:
            return self.verified_on
        return min(self.verified_on, source.state_on.first_day)

    def is_stale(self, today: date, source: Source) -> bool:
        """Whether the check is older on `today` than its level allows; what was never read is always stale."""
        state = self.state_read(source)
        return state is None or today - state > LIMIT_OF_AGE[self.level]
