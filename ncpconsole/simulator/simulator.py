"""The simulated gateway: starts, tells what it received, and stops."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from ncpconsole.simulator.accounts import ACCESS_KEY, SECRET_KEY, Account, default_accounts
from ncpconsole.simulator.activities import INTERRUPTED
from ncpconsole.simulator.faults import Faults
from ncpconsole.simulator.fleet import SITE_REGIONS
from ncpconsole.simulator.http_server import HOST, HttpServer
from ncpconsole.simulator.operations import RULES
from ncpconsole.simulator.recorder import ColleaguesAct, ReceivedInterrupt, ReceivedRequest, Recorder
from ncpconsole.simulator.service import Service

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from ncpconsole.simulator.account_state import AccountState
    from ncpconsole.simulator.fleet import Fleet


class Simulator:
    """A NAVER Cloud gateway on loopback, inside the running event loop.

    ``servers`` is the size of the first region; further regions hold a quarter, an eighth, … as many.
    ``latency_ms`` delays every answer. ``faults`` are written in the language of `faults`. ``clock`` gives
    seconds since the epoch; signatures are checked and interrupted servers come back by it, after
    ``interrupt_seconds``. ``rules`` says which servers may be interrupted: those of the founding document, or of
    the page of 2026-10. With ``agents``, the guests send their metrics to Cloud Insight, some have been silent for
    minutes, and a few have no agent; without, none has. Raises ValueError for a fleet, site, fault or rules that do not
    exist.
    """

    def __init__(
        self,
        *,
        servers: int = 128,
        seed: int = 1,
        site: str = "public",
        latency_ms: float = 0,
        faults: Sequence[str] = (),
        port: int = 0,
        clock: Callable[[], float] = time.time,
        interrupt_seconds: float = 8,
        access_key: str = ACCESS_KEY,
        secret_key: str = SECRET_KEY,
        accounts: Sequence[Account] = (),
        rules: str = "xen-windows",
        agents: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if rules not in RULES:
            raise ValueError(f"There are no rules {rules!r}; choose {', '.join(RULES)}.")
        if site not in SITE_REGIONS:
            raise ValueError(f"There is no site {site!r}; choose {', '.join(SITE_REGIONS)}.")
        self._accounts = tuple(accounts) or default_accounts(servers, seed, access_key, secret_key)
        self._regions = SITE_REGIONS[site]
        self._clock = clock
        self._port = port
        self._tls = tls
        self.faults = Faults(*faults, seed=seed)
        self.recorder = Recorder()
        self._service = Service(
            accounts=self._accounts,
            regions=self._regions,
            faults=self.faults,
            recorder=self.recorder,
            clock=clock,
            interrupt_seconds=interrupt_seconds,
            latency=latency_ms / 1000,
            rules=rules,
            agents=agents,
        )
        self._server = HttpServer(self._service.reply)
        for account in self._accounts:
            self._service.state(account.name)

    async def __aenter__(self) -> Self:
        """Listen. Raises OSError when the port cannot be used."""
        self._port = await self._server.start(self._port, self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port; before the start, the one asked for."""
        return self._port

    @property
    def url(self) -> str:
        """The base URL, of the server API, the activity tracer, Cloud Insight and STS alike."""
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._port}"

    @property
    def access_key(self) -> str:
        """The access key of the first account's first key pair."""
        return self._accounts[0].keys[0].access_key

    @property
    def secret_key(self) -> str:
        """The secret key of the first account's first key pair."""
        return self._accounts[0].keys[0].secret_key

    @property
    def region(self) -> str:
        return self._regions[0]

    @property
    def regions(self) -> tuple[str, ...]:
        return self._regions

    @property
    def fleet(self) -> Fleet:
        """The first account's servers as they were made."""
        return self.state().fleet

    def state(self, account: str = "") -> AccountState:
        """An account's servers as they are now; without a name, the first account's."""
        return self._service.state(account or self._accounts[0].name)

    @property
    def interrupts(self) -> list[ReceivedInterrupt]:
        """Every interrupt request received, accepted or not, in order."""
        return self.recorder.interrupts

    def colleague(
        self, server_no: str, action: str = INTERRUPTED, *, seconds_ago: float = 0, sub_account_no: str = "70455"
    ) -> None:
        """Have somebody else do something to a server of the first account: the activity log tells it.

        ``action`` is the log's name of it. An interrupt sets the server up anew, as every accepted one does.
        """
        account, moment = self._accounts[0].name, self._clock() - seconds_ago
        self.recorder.acts.append(ColleaguesAct(moment, account, server_no, action, sub_account_no, "203.0.113.45"))
        if action == INTERRUPTED:
            self.state().interrupted(server_no, moment)

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests received, in order; of very many, the latest."""
        return list(self.recorder.requests)

    def counts(self) -> dict[str, Any]:
        """What ``GET /simulator/counts`` tells."""
        return self.recorder.counts()

    async def interrupt_received(self, within: float = 10) -> ReceivedInterrupt:
        """The next interrupt, each handed out once; raises TimeoutError after ``within`` seconds."""
        return await self.recorder.next_interrupt(within)

    async def wait_until(self, condition: Callable[[Simulator], bool], within: float = 10) -> None:
        """Wait until a condition holds, looked at after every request; raises TimeoutError."""
        await self.recorder.wait_until(lambda: condition(self), within)
