"""Secrets that the database keeps: read again with the key they were sealed under, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visalookup.services.sealing import Seal, SealBroken

SEAL = Seal("a long random text", "webhook secrets")


@given(st.text())
def test_what_is_sealed_is_read_again_and_does_not_show(secret: str) -> None:
    sealed = SEAL.encrypt(secret)
    assert SEAL.decrypt(sealed) == secret
    assert not secret or len(secret) < 4 or secret not in sealed


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert SEAL.encrypt("whsec") != SEAL.encrypt("whsec")


def test_another_process_with_the_same_key_reads_it() -> None:
    assert Seal("a long random text", "webhook secrets").decrypt(SEAL.encrypt("whsec")) == "whsec"


@pytest.mark.parametrize(
    "other", [Seal("another key", "webhook secrets"), Seal("a long random text", "one-time codes")]
)
def test_another_key_or_purpose_does_not_open_it(other: Seal) -> None:
    with pytest.raises(SealBroken, match="SECRET_KEY"):
        other.decrypt(SEAL.encrypt("whsec"))


def test_what_was_altered_is_not_opened() -> None:
    for altered in ("", "nonsense", SEAL.encrypt("whsec")[:-4] + "AAA="):
        with pytest.raises(SealBroken, match="SECRET_KEY"):
            SEAL.decrypt(altered)
