"""The same seed makes the same fleet; a fleet of the demonstration's size holds what an operator may meet."""

from __future__ import annotations

from collections import Counter

import pytest

from ncpconsole.simulator.fleet import ODD_NAMES, SITE_REGIONS, Fleet, Machine, ServerKind


def everything(fleet: Fleet, region: str = "KR") -> list[Machine]:
    found = [fleet.machine(number) for number in fleet.slice(region, 0, fleet.size(region))]
    assert None not in found
    return [machine for machine in found if machine is not None]


def test_a_seed_makes_one_fleet() -> None:
    assert everything(Fleet(300, 5)) == everything(Fleet(300, 5))
    assert everything(Fleet(300, 5)) != everything(Fleet(300, 6))


def test_a_larger_fleet_begins_with_the_smaller() -> None:
    assert everything(Fleet(1000))[:128] == everything(Fleet(128))


def test_numbers_addresses_and_zones_follow_from_the_place() -> None:
    machine = Fleet(128).machine("142300012")
    assert machine is not None
    assert (machine.name, machine.private_ips[0], machine.zone) == ("web-00012", "10.0.0.13", "KR-1")
    assert machine.kind is ServerKind.XEN_WINDOWS


def test_regions_of_the_sites() -> None:
    assert Fleet(128).size("KR") == 128
    assert Fleet(128).size("SGN") == 32
    assert Fleet(128).size("JPN") == 16
    assert Fleet(128).size("FKR") == 0
    for regions in SITE_REGIONS.values():
        fleet = Fleet(64, regions=regions)
        for region in regions:
            assert {machine.region for machine in everything(fleet, region)} == {region}


def test_numbers_and_private_addresses_are_unique_over_all_regions() -> None:
    fleet = Fleet(70_000)
    machines = [machine for region in fleet.regions for machine in everything(fleet, region)]
    assert len({machine.number for machine in machines}) == len(machines)
    addresses = [ip for machine in machines for ip in machine.private_ips if ip.startswith("10.")]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(
    "number", ["142300000", "142300129", "29999999", "152300033", "90000001", "", "web", "３0000001", "030000001"]
)
def test_numbers_that_are_nobodys(number: str) -> None:
    assert Fleet(128).machine(number) is None


def test_the_demonstration_has_every_kind_and_enough_to_interrupt() -> None:
    kinds = Counter(machine.kind for machine in everything(Fleet(128)))
    assert set(kinds) == set(ServerKind)
    assert 43 <= kinds[ServerKind.XEN_WINDOWS] <= 80


def test_the_first_screenful_is_well_behaved() -> None:
    machines = everything(Fleet(128))
    for machine in machines[:60]:
        assert machine.name.isprintable()
        assert machine.name.endswith(f"-{machine.index:05d}")
    assert [machine.kind for machine in machines[:4]] == [ServerKind.XEN_WINDOWS] * 4
    # In an order of names too, what comes first can be read.
    assert all(machine.name.isprintable() for machine in sorted(machines, key=lambda m: m.name)[:20])


def test_names_for_the_demonstration_are_their_servers_alone() -> None:
    names = Counter(machine.name for machine in everything(Fleet(128)))
    assert names["web-00012"] == 1
    assert {name for name, times in names.items() if times > 1} == {"erp-00020", "결제-00031"}


def test_odd_names_belong_to_servers_that_could_be_interrupted() -> None:
    fleet = Fleet(max(ODD_NAMES))
    for index, name in ODD_NAMES.items():
        machine = fleet.machine(fleet.number("KR", index))
        assert machine is not None
        assert (machine.name, machine.kind) == (name, ServerKind.XEN_WINDOWS)


@pytest.mark.parametrize("count", [-1, 1_000_001])
def test_sizes_that_no_fleet_has(count: int) -> None:
    with pytest.raises(ValueError, match="A fleet has"):
        Fleet(count)
