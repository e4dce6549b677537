"""The keys of receipts: one signs, all verify, and none is lost however many processes use them."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey

from tests.conftest import MORNING
from visalookup.domain.errors import InvalidValue
from visalookup.services.receipts.keys import KeysAway, ReceiptKeys, receipt_keys_of
from visalookup.services.receipts.signing import is_signed_by, sign


def keys_in(folder: Path, *, create_if_missing: bool = True) -> ReceiptKeys:
    return ReceiptKeys(folder / "key.pem", create_if_missing=create_if_missing)


def signature(keys: ReceiptKeys) -> str:
    return sign(b"text", keys.signing_key())


def verifies(keys: ReceiptKeys, signed: str) -> bool:
    return any(is_signed_by(each.key, signed, b"text") for each in keys.public_keys())


def test_the_first_key_is_drawn_when_it_is_needed_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    keys = keys_in(tmp_path / "instance")
    assert not (tmp_path / "instance").exists()
    kid = keys.public_keys()[0].kid
    path = tmp_path / "instance" / "key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys_in(tmp_path / "instance").public_keys()[0].kid == kid
    assert list(path.parent.iterdir()) == [path]


def test_many_workers_that_begin_at_once_sign_with_one_key(tmp_path: Path) -> None:
    for attempt in range(5):
        with ThreadPoolExecutor(8) as pool:
            kids = pool.map(lambda folder: keys_in(folder).signing_key().thumbprint(), [tmp_path / str(attempt)] * 8)
        assert len(set(kids)) == 1


def test_the_name_of_a_key_is_its_thumbprint(tmp_path: Path) -> None:
    """RFC 8037, appendix A.3: the key of its example has this thumbprint."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    (tmp_path / "receipt-keys").mkdir()
    (tmp_path / "receipt-keys" / "any.json").write_text(json.dumps(jwk))
    assert keys_in(tmp_path).find("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k") is not None


def test_a_new_key_signs_at_once_in_every_process_and_the_old_one_goes_on_to_verify(tmp_path: Path) -> None:
    console, worker = keys_in(tmp_path), keys_in(tmp_path)
    first = signature(worker)
    made = console.replace(MORNING)
    second = signature(worker)
    assert worker.signing_key().thumbprint() == made.kid
    console.replace(MORNING + timedelta(days=1))
    assert verifies(worker, first)
    assert verifies(worker, second)
    listed = worker.public_keys()
    assert [each.retired_at for each in listed] == [None, MORNING + timedelta(days=1), MORNING]
    assert listed[1].kid == made.kid


def test_the_private_part_of_an_old_key_is_gone(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    secret = keys.signing_key().as_dict(private=True)["d"]
    keys.replace(MORNING)
    assert not any(str(secret) in path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    for path in (tmp_path / "receipt-keys").iterdir():
        assert "d" not in json.loads(path.read_text())
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


def test_keys_made_at_the_same_moment_are_all_known_afterwards(tmp_path: Path) -> None:
    keys_in(tmp_path).signing_key()
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: keys_in(tmp_path).replace(MORNING), range(6)))
    known = {each.kid for each in keys_in(tmp_path).public_keys()}
    assert {each.kid for each in made} < known
    assert len(known) == 7


def test_a_public_key_laid_into_the_folder_verifies_and_does_not_sign(tmp_path: Path) -> None:
    here, elsewhere = keys_in(tmp_path / "here"), keys_in(tmp_path / "elsewhere")
    signed = signature(elsewhere)
    assert not verifies(here, signed)
    other = elsewhere.public_keys()[0]
    here.folder.mkdir()
    (here.folder / "elsewhere.json").write_text(json.dumps(other.as_jwk()))
    assert verifies(here, signed)
    assert here.signing_key().thumbprint() != other.kid
    (here.folder / "elsewhere.json").unlink()
    assert here.find(other.kid) is None


def test_a_file_named_in_the_settings_is_never_made_by_signing(tmp_path: Path) -> None:
    """A folder that is not mounted yet must not get a key that nobody knows of."""
    keys = receipt_keys_of(tmp_path / "key.pem")
    with pytest.raises(KeysAway):
        keys.signing_key()
    assert list(tmp_path.iterdir()) == []
    made = keys.replace(MORNING)
    assert keys.signing_key().thumbprint() == made.kid


P256 = ECKey.generate_key("P-256").as_pem(private=True).decode()
X25519 = OKPKey.generate_key("X25519").as_pem(private=True).decode()
PUBLIC = OKPKey.generate_key("Ed25519").as_pem(private=False).decode()


@pytest.mark.parametrize("text", ["", "nonsense", P256, X25519, PUBLIC])
def test_what_is_no_key_of_ours_neither_signs_nor_is_replaced(tmp_path: Path, text: str) -> None:
    keys = keys_in(tmp_path)
    (tmp_path / "key.pem").write_text(text)
    with pytest.raises(KeysAway) as refusal:
        keys.signing_key()
    assert str(tmp_path) not in str(refusal.value)
    with pytest.raises(InvalidValue, match="RECEIPT_KEY_FILE"):
        keys.replace(MORNING)
    assert (tmp_path / "key.pem").read_text() == text


def test_where_the_old_key_cannot_be_kept_it_is_not_replaced(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    before = keys.signing_key().thumbprint()
    (tmp_path / "receipt-keys").write_text("not a folder")
    with pytest.raises(InvalidValue, match="No new key was generated"):
        keys.replace(MORNING)
    assert keys_in(tmp_path).signing_key().thumbprint() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "retired_at": 1}',
        "{}",
        '{"crv": "P-256"}',
        '{"crv": "Ed25519"}',
        '{"crv": "Ed25519", "x": 1}',
        "\\",
    ],
)
def test_other_files_in_the_folder_are_passed_over(tmp_path: Path, text: str) -> None:
    keys = keys_in(tmp_path)
    keys.replace(MORNING)
    keys.replace(MORNING)
    (tmp_path / "receipt-keys" / "other.json").write_text(text)
    assert len(keys.public_keys()) == 2
