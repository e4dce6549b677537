"""What must hold within a data set before anybody is answered from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import BLOCS, WORLD, grant, milestone, regime
from tests.unit import real_data
from visalookup.domain.datasets.consistency import InconsistentData, check_consistency
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.lifecycle import build_timeline
from visalookup.domain.timelines import entries_in_order

WAIVER = grant("visa_free", "signed 2024-05", "in_force 2024-08-28", id_="waiver")
SOUND = DataSet(WORLD, BLOCS, (WAIVER.regime,), WAIVER.rules)


def refusal(data: DataSet) -> str:
    with pytest.raises(InconsistentData) as refused:
        check_consistency(data)
    return str(refused.value)


def test_the_data_we_ship_stand_together() -> None:
    check_consistency(SOUND)
    check_consistency(real_data.data())


def test_a_rule_does_not_outlive_its_regime() -> None:
    assert refusal(replace(SOUND, regimes=())) == "KAZ-ISR belongs to waiver, which is gone."


def test_a_rule_does_not_outlive_its_source_and_neither_does_a_step() -> None:
    message = refusal(replace(SOUND, regimes=(replace(WAIVER.regime, sources={}),)))
    assert "waiver: its rules cite the source 'gazette', which is gone." in message
    assert "waiver: signed 2024-05 cites the source 'gazette', which is gone." in message


def test_a_milestone_does_not_outlive_its_source() -> None:
    timeline = build_timeline((), [milestone("ratified", "2024-06-20")])
    data = DataSet(regimes=(regime("waiver", timeline=timeline, sources={}),))
    assert refusal(data) == "waiver: ratified 2024-06-20 cites the source 'gazette', which is gone."


@pytest.mark.parametrize("gone", ["KAZ", "ISR"])
def test_a_rule_does_not_outlive_its_places(gone: str) -> None:
    left = tuple(place for place in WORLD if place.code != gone)
    assert refusal(replace(SOUND, places=left)) == "waiver: KAZ-ISR names a place that is gone."


def test_a_timeline_is_read_with_its_milestones_in_order_of_time() -> None:
    party_steps = [milestone("ratified", "2024-06-20"), milestone("notified", "2024-09")]
    timeline = build_timeline(WAIVER.regime.timeline.events, party_steps)
    entries = entries_in_order(replace(WAIVER.regime, timeline=timeline))
    assert [each.key for each in entries] == [
        *("signed 2024-05", "ratified 2024-06-20", "in_force 2024-08-28", "notified 2024-09")
    ]
