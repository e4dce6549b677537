"""A cache of at most so many entries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from visalookup.services.bounded_cache import BoundedCache


def test_what_was_put_in_first_goes_first() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    for number, key in enumerate("abc"):
        assert cache.put(key, number) == number
    assert [cache.get(key) for key in "abc"] == [None, 1, 2]
    assert cache.values() == [1, 2]


def test_another_entry_of_the_same_key_takes_its_place_and_drops_nothing() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    for key, number in (("a", 1), ("b", 2), ("a", 3)):
        cache.put(key, number)
    assert (cache.get("a"), cache.get("b"), len(cache)) == (3, 2, 2)


def test_what_is_taken_out_is_gone_and_makes_room() -> None:
    cache: BoundedCache[str, int] = BoundedCache(1)
    cache.put("a", 1)
    assert (cache.pop("a"), cache.pop("a")) == (1, None)
    cache.put("b", 2)
    assert cache.values() == [2]


def test_threads_that_write_at_once_never_keep_too_many() -> None:
    cache: BoundedCache[int, int] = BoundedCache(10)

    def write(start: int) -> None:
        for number in range(start, start + 5_000):
            cache.put(number, number)
            cache.pop(number - 3)
            assert len(cache.values()) <= 10

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, range(0, 20_000, 5_000))) == [None] * 4
    assert len(cache) <= 10
