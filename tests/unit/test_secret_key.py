"""The key that signs cookies, where none is given: one for all processes, readable by its owner alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from visalookup.domain.errors import InvalidValue
from visalookup.staff.accounts.secret_key import load_or_create_key


def test_a_key_is_drawn_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "secret-key"
    key = load_or_create_key(path)
    assert len(key) >= 43
    assert load_or_create_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_two_services_have_two_keys(tmp_path: Path) -> None:
    assert load_or_create_key(tmp_path / "one") != load_or_create_key(tmp_path / "other")


def test_many_that_begin_at_once_get_the_same_key(tmp_path: Path) -> None:
    for attempt in range(10):
        path = tmp_path / str(attempt)
        with ThreadPoolExecutor(16) as pool:
            keys = list(pool.map(load_or_create_key, [path] * 16))
        assert len(set(keys)) == 1
        assert path.read_text() == keys[0]
    assert len(list(tmp_path.iterdir())) == 10


def test_where_no_file_can_be_written_it_says_which_setting_to_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InvalidValue, match="SECRET_KEY"):
        load_or_create_key(tmp_path / "file" / "secret-key")
