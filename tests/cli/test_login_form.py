"""What the login screen calls: the same test and the same keyring as the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import keyring.core
import pytest
from keyring.backends import SecretService as SecretServiceBackend

from ncpconsole.config.keyring_store import load
from ncpconsole.config.login import GatewaySilent, PairRefused, explained, log_in_with_form
from ncpconsole.config.paths import console_paths
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.ncp.errors import AuthenticationFailed, InvalidBaseUrl
from ncpconsole.ncp.signing import Credentials, Secret
from tests.cli.operator import form

if TYPE_CHECKING:
    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service


@pytest.fixture(autouse=True)
def here(secret_service: SecretService, monkeypatch: pytest.MonkeyPatch) -> SecretService:
    """The keyring of this very process is the test's own."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", secret_service.address)
    monkeypatch.setattr(keyring.core, "_keyring_backend", SecretServiceBackend.Keyring())  # type: ignore[no-untyped-call]  # keyring's constructors have no types
    return secret_service


async def test_a_pair_that_works_is_kept(gateway: ThreadedSimulator) -> None:
    sentence = await log_in_with_form(form(gateway))
    assert sentence.startswith("The key of profile prod works (regions: KR")
    assert sentence.endswith("is kept in Secret Service.")
    stored = await load("prod")
    assert stored is not None
    assert (stored.credentials.access_key, stored.base_url) == (gateway.access_key, gateway.url)
    assert read_settings(console_paths().config_file).profiles["prod"].api_url == gateway.url


async def test_a_key_in_the_environment_is_mentioned(
    gateway: ThreadedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCLOUD_ACCESS_KEY", "another")
    assert "it is looked at first" in await log_in_with_form(form(gateway))


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("Not valid signature.", "the secret key is not the one that belongs to it"),
        ("Unknown access key.", "does not know the access key"),
        ("The request timestamp has expired.", "clock is 5 minutes or more off"),
        ("Invalid authentication information.", "does not say which"),
    ],
)
def test_words_of_ncp_that_say_more_are_heeded(message: str, sentence: str) -> None:
    pair = Credentials("AKTEST", Secret("a-secret-key"))
    assert sentence in str(explained(AuthenticationFailed("Refused.", ncp_message=message), pair))


async def test_a_pair_that_does_not_work_is_not_kept(gateway: ThreadedSimulator, here: SecretService) -> None:
    with pytest.raises(PairRefused, match="or the secret key does not belong to it"):
        await log_in_with_form(form(gateway, secret_key="canary-secret-of-no-key-at-all"))
    with pytest.raises(PairRefused, match="longer than the secret key") as swapped:
        await log_in_with_form(form(gateway, access_key="A" * 41, secret_key="canary"))
    assert "swapped" in swapped.value.remedy
    with pytest.raises(GatewaySilent, match="could not be tested"):
        await log_in_with_form(form(gateway, api_url="http://127.0.0.1:9"))
    assert here.items() == []
    assert not console_paths().config_file.exists()


async def test_an_address_typed_into_the_form_is_not_called_an_option(gateway: ThreadedSimulator) -> None:
    with pytest.raises(InvalidBaseUrl, match=r"for this machine alone\.$"):
        await log_in_with_form(form(gateway, api_url="http://gateway.example"))
