"""What the options take, and where they may stand."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "0", "601", "soon"])
def test_a_deadline_is_a_number_of_seconds(number: str) -> None:
    ran = CliRunner().invoke(root, ["servers", f"--timeout={number}"])
    assert ran.exit_code == 2
    assert "--timeout" in ran.stderr


@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_a_delay_is_a_number_of_milliseconds(number: str) -> None:
    # The list of faults ends the command where the number is taken, which would else serve for ever.
    ran = CliRunner().invoke(root, ["simulate", "--fault", "help", f"--latency={number}"])
    assert ran.exit_code == 2
    assert "--latency" in ran.stderr


@pytest.mark.parametrize(
    ("words", "environment", "source"),
    [
        (("servers",), {"NCLOUD_API_GW": "http://gateway.example"}, "NCLOUD_API_GW"),
        (("servers", "--api-url", "http://gateway.example"), {}, "--api-url"),
    ],
)
def test_a_refused_address_is_traced_to_who_named_it(
    words: tuple[str, ...], environment: dict[str, str], source: str
) -> None:
    ran = CliRunner().invoke(root, words, env=environment)
    assert ran.exit_code == 2
    assert "plain http is for this machine alone" in ran.stderr
    assert f"It was named by {source}." in ran.stderr


@pytest.mark.parametrize("head", ["abc", "", "g" * 64, "0" * 63, "0" * 65])
def test_a_mistyped_head_accuses_nobody(head: str) -> None:
    ran = CliRunner().invoke(root, ["history", "--verify", f"--expect-head={head}"])
    assert ran.exit_code == 2
    assert "A head is 64 digits" in ran.stderr
    assert "altered" not in ran.stderr


def test_a_head_may_be_pasted_with_space_and_in_capitals() -> None:
    ran = CliRunner().invoke(root, ["history", "--verify", f"--expect-head= {'A' * 64}\n"])
    assert ran.exit_code == 1
    assert "the expected head is not in the chain" in ran.stderr
