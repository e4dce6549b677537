"""The one answer that needs no rule: everybody may enter their own country."""

from __future__ import annotations

from datetime import date

from visalookup.domain.sources import Source, SourceKind, Verification, VerificationLevel

RIGHT_TO_ENTER = Source(
    key="iccpr-article-12",
    kind=SourceKind.OFFICIAL,
    publisher="United Nations, Office of the High Commissioner for Human Rights",
    title="International Covenant on Civil and Political Rights, article 12(4)",
    url="https://www.ohchr.org/en/instruments-mechanisms/instruments/international-covenant-civil-and-political-rights",
)

RIGHT_TO_ENTER_VERIFIED = Verification(VerificationLevel.SECONDARY, date(2026, 11, 23))
"""Article 12(4) was read in copies of the Covenant, not on the page of the Office itself."""
