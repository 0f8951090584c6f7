"""The real command, with the real sender, killed at any moment of its work: what is recorded is the truth."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE

ROUNDS = 10
LONGEST = 0.12
"""Seconds from the first look at the server, at most, until the kill: about as long as an interrupt takes."""
TRUE_COUNTS = {None: {0}, "not_sent": {0}, "unknown": {0, 1}, "accepted": {1}}


def kill_one(gateway: Simulation, name: str, number: str, dice: random.Random) -> None:
    """Begin an interrupt, and kill the program once it has begun to read."""
    before = gateway.requests
    with subprocess.Popen(
        [CONSOLE, "interrupt", number, "--confirm", name],
        env=dict(os.environ) | gateway.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        gateway.await_request(after=before)
        time.sleep(dice.uniform(0, LONGEST))
        running.send_signal(signal.SIGKILL)


def test_after_every_kill_the_record_says_no_more_and_no_less_than_happened() -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    with simulation("--servers", "400") as gateway:
        listed = json.loads(gateway.console("servers", "--filter", "name:web-", "--json").stdout)
        servers = [server for server in listed if not server["cautions"]][:ROUNDS]
        assert len(servers) == ROUNDS
        for server in servers:
            kill_one(gateway, server["serverName"], server["serverInstanceNo"], dice)

        records = json.loads(gateway.console("history", "--json").stdout)
        outcomes = {record["serverInstanceNo"]: record["outcome"] for record in records}
        assert len(outcomes) == len(records), f"seed {seed}"
        arrived = gateway.counts()["by_server"]
        for server in servers:
            number = server["serverInstanceNo"]
            outcome, count = outcomes.get(number), arrived.get(number, 0)
            assert count in TRUE_COUNTS[outcome], f"seed {seed}: {number} is {outcome}, {count} arrived"
        assert gateway.console("history", "--verify").returncode == 0

        # Nothing is sent again for what is unknown.
        unknown = [server for server in servers if outcomes.get(server["serverInstanceNo"]) == "unknown"]
        for server in unknown[:2]:
            number = server["serverInstanceNo"]
            assert gateway.console("interrupt", number, "--confirm", number).returncode == 3
        assert gateway.counts()["by_server"] == arrived
        print(f"seed {seed}: {outcomes}, {arrived}")
