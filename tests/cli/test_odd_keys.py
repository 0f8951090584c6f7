"""Quotes and blanks that came along with a key: what can be seen is said, and nothing of the key is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.cli.operator import Operator
from tests.simulator.threaded import ThreadedSimulator, running_simulator

ODD = {
    "quotes around both": ('"{access}"', '"{secret}"', ("The access key begins and ends with a quote",)),
    "quotes around the secret": ("{access}", "'{secret}'", ("The secret key begins and ends with a quote",)),
    "a blank behind the secret": ("{access}", "{secret} ", ("The secret key ends with a blank",)),
    "a blank that does not break": ("{access}", "\u00a0{secret}", ("The secret key begins with a blank",)),
    "nothing to be seen": ("{access}", "{secret}\u200b", ("The secret key ends with an invisible character",)),
    "a comment": ("{access}", "{secret} # prod", ("The secret key holds a blank",)),
    "one quote": ("{access}", "{secret}\u201d", ("The secret key ends with a quote",)),
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


def told(gateway: ThreadedSimulator, access: str, secret: str, *words: str) -> tuple[int, str]:
    pair = {
        "NCLOUD_ACCESS_KEY": access.format(access=gateway.access_key),
        "NCLOUD_SECRET_KEY": secret.format(secret=gateway.secret_key),
    }
    environment = dict(os.environ) | {"NCLOUD_API_GW": gateway.url}
    ran = Operator(environment).run(*words, **pair)
    text = " ".join((ran.out + ran.err).split())
    assert gateway.secret_key not in text
    assert gateway.access_key not in text
    return ran.code, text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ODD)
def test_the_sentence_of_a_refused_key_says_what_can_be_seen(gateway: ThreadedSimulator, kind: str) -> None:
    access, secret, seen = ODD[kind]
    code, text = told(gateway, access, secret, "servers")
    assert code == 4
    for words in seen:
        assert words in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ODD)
def test_doctor_says_it_too(gateway: ThreadedSimulator, kind: str) -> None:
    access, secret, seen = ODD[kind]
    code, text = told(gateway, access, secret, "doctor")
    assert code == 1
    for words in seen:
        assert text.count(words) == 2, text


def test_of_a_key_like_any_other_nothing_is_said(gateway: ThreadedSimulator) -> None:
    code, text = told(gateway, "{access}", "{secret}x", "servers")
    assert code == 4
    for word in ("quote", "blank", "invisible"):
        assert word not in text
