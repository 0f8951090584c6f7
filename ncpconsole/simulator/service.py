"""Decides, at once and without waiting, what becomes of one request: who asks, for what, and which faults."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from ncpconsole.simulator import activities
from ncpconsole.simulator.account_state import AccountState
from ncpconsole.simulator.accounts import ACCESS_KEY_HEADER, authenticated_key
from ncpconsole.simulator.fault_effects import BYTES, INSTEAD, SAYS
from ncpconsole.simulator.fleet import Fleet, ServerKind
from ncpconsole.simulator.http_server import AFTER, BEFORE, Answer, Reply, Request
from ncpconsole.simulator.operations import OPERATIONS, Call, Document, Operation, Parameters
from ncpconsole.simulator.recorder import ReceivedInterrupt, ReceivedRequest, Recorder
from ncpconsole.simulator.responses import (
    Envelope,
    Format,
    Refusal,
    encode_envelope,
    encode_json,
    encode_refusal,
    encode_rows,
    gateway_refusal,
    permission_denied,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ncpconsole.simulator.accounts import Account, Key
    from ncpconsole.simulator.faults import Faults

COUNTS_PATH = "/simulator/counts"


@dataclass(slots=True)
class _Handling:
    """What is known of a request while it is handled; ``code`` is what it will be answered with."""

    request: Request
    now: float
    strikes: dict[str, str]
    parameters: Parameters
    body_format: Format
    account: str = ""
    code: str = ""


class Service:
    """The gateway and the services behind it, without any socket."""

    def __init__(
        self,
        *,
        accounts: Sequence[Account],
        regions: Sequence[str],
        faults: Faults,
        recorder: Recorder,
        clock: Callable[[], float],
        interrupt_seconds: float,
        latency: float,
    ) -> None:
        self._holders = {key.access_key: (account, key) for account in accounts for key in account.keys}
        self._accounts = {account.name: account for account in accounts}
        self._regions = tuple(regions)
        self._faults = faults
        self._recorder = recorder
        self._clock = clock
        self._interrupt_seconds = interrupt_seconds
        self._latency = latency
        self._estates: dict[tuple[str, str], AccountState] = {}

    def estate(self, account_name: str, variant: str = "") -> AccountState:
        """The servers of an account; ``variant`` is the name of a fault that shows other servers."""
        key = (account_name, variant)
        if key not in self._estates:
            account = self._accounts[account_name]
            fleet = Fleet(
                0 if variant == "empty-account" else account.servers,
                account.seed,
                regions=self._regions,
                name_prefix=account.name_prefix,
                only=ServerKind.XEN_LINUX if variant == "no-eligible" else None,
            )
            self._estates[key] = AccountState(fleet, self._interrupt_seconds)
        return self._estates[key]

    def reply(self, request: Request) -> Reply:
        """Handle one request: decide, carry out, record."""
        if request.path == COUNTS_PATH:
            return Reply(self._plain(self._clock(), encode_json(self._recorder.counts())))
        operation = OPERATIONS.get(request.path)
        scope = operation.scope if operation else "activities" if request.path == activities.PATH else ""
        strikes = self._faults.strike(scope)
        now = self._clock() + float(strikes.get("clock-skew", "0")) * 60
        parameters = Parameters(request.query, request.headers.get("content-type", ""), request.body)
        asked_format = Format.JSON if scope == "activities" else parameters.format
        body_format = Format.XML if "as-xml" in strikes else asked_format
        handling = _Handling(request, now, strikes, parameters, body_format)
        manner = next((BEFORE[name] for name in strikes if name in BEFORE), "")
        if manner:
            answer = Answer(0, [], b"")
        else:
            answer = self._answer(handling, operation)
            manner = next((AFTER[name] for name in strikes if name in AFTER), "whole")
        self._record(handling, scope, answer.status)
        delay = self._latency + float(strikes.get("slow", "0"))
        return Reply(answer, manner, strikes.get("dripped", ""), delay)

    def _answer(self, handling: _Handling, operation: Operation | None) -> Answer:
        try:
            answer = self._instead(handling) or self._performed(handling, operation)
        except Refusal as refusal:
            handling.code = refusal.code
            answer = Answer(refusal.status, [], encode_refusal(refusal, handling.body_format))
        if "error-429" in handling.strikes and answer.status == 429:
            answer.headers.append(("Retry-After", handling.strikes["error-429"]))
        answer.headers = self._headers(handling.now, handling.body_format, answer)
        for name in handling.strikes:
            if name in BYTES:
                BYTES[name](answer)
        return answer

    def _instead(self, handling: _Handling) -> Answer | None:
        for name, value in handling.strikes.items():
            if name in INSTEAD:
                answer = INSTEAD[name](value)
                if isinstance(answer, Refusal):
                    raise answer
                handling.code = str(answer.status)
                return answer
        return None

    def _performed(self, handling: _Handling, operation: Operation | None) -> Answer:
        account, key = self._authenticated(handling)
        handling.account = account.name
        variant = next((name for name in ("empty-account", "no-eligible") if name in handling.strikes), "")
        estate = self.estate(account.name, variant)
        estate.settle(handling.now)
        if handling.request.path == activities.PATH and handling.request.method == "POST":
            window = activities.read_window(handling.request.body, handling.now)
            mine = [one for one in self._recorder.interrupts if one.account == account.name]
            handling.code = "0"
            return Answer(200, [], encode_json(activities.activities(estate.fleet, mine, window)))
        if operation is None or handling.request.method not in {"GET", "POST"}:
            raise gateway_refusal(404, "300", "There is no such API.")
        return self._document(handling, operation, Call(handling.parameters, estate, key, handling.now))

    def _document(self, handling: _Handling, operation: Operation, call: Call) -> Answer:
        strikes = handling.strikes
        if "duplicate-pages" in strikes:
            handling.parameters.values["pageNo"] = "1"
        document = operation.perform(call)
        if "overlapping-pages" in strikes:
            _overlap(document, operation, call)
        struck = [name for name in strikes if name in SAYS]
        for name in struck:
            SAYS[name](document, strikes[name])
        handling.code = str(document.return_code)
        if document.encoded is None or struck or "overlapping-pages" in strikes:
            rows = encode_rows(document.rows(), document.list_name, handling.body_format)
        else:
            rows = document.encoded(handling.body_format)
        message = "success" if handling.code == "0" else "Please <strong>try again</strong> later.<br>"
        envelope = Envelope(
            operation.root,
            document.list_name,
            document.total,
            str(uuid.uuid4()),
            document.return_code,
            message,
        )
        return Answer(200, [], encode_envelope(envelope, rows, handling.body_format))

    def _authenticated(self, handling: _Handling) -> tuple[Account, Key]:
        request = handling.request
        access_key = authenticated_key(
            request.method, request.target, request.headers, self._secret_of, handling.now
        )
        account, key = self._holders[access_key]
        if key.allowed_from and request.peer not in key.allowed_from:
            raise permission_denied("The sub account may not be used from this address.")
        return account, key

    def _secret_of(self, access_key: str) -> str | None:
        holder = self._holders.get(access_key)
        return holder[1].secret_key if holder else None

    def _headers(self, now: float, body_format: Format, answer: Answer) -> list[tuple[str, str]]:
        headers = [
            ("Date", formatdate(now, usegmt=True)),
            ("x-ncp-apigw-request-id", str(uuid.uuid4())),
            ("x-ncp-trace-id", uuid.uuid4().hex),
        ]
        if not any(name == "Content-Type" for name, _ in answer.headers):
            headers.append(("Content-Type", body_format.value))
        return headers + answer.headers

    def _plain(self, now: float, body: bytes) -> Answer:
        answer = Answer(200, [], body)
        answer.headers = self._headers(now, Format.JSON, answer)
        return answer

    def _record(self, handling: _Handling, scope: str, status: int) -> None:
        request, parameters = handling.request, handling.parameters
        received = ReceivedRequest(
            time=handling.now,
            method=request.method,
            target=request.target,
            headers=request.headers,
            body=request.body,
            scope=scope,
            parameters=dict(parameters.values),
            account=handling.account,
            status=status,
            connection=request.connection,
        )
        interrupt = None
        if scope == "interrupt":
            interrupt = ReceivedInterrupt(
                time=handling.now,
                method=request.method,
                server_no=parameters.text("serverInstanceNo"),
                region=parameters.text("regionCode") or self._regions[0],
                account=handling.account,
                access_key=request.headers.get(ACCESS_KEY_HEADER, ""),
                accepted=handling.code == "0",
                code=handling.code,
                connection=request.connection,
            )
        self._recorder.add(received, interrupt)


def _overlap(document: Document, operation: Operation, call: Call) -> None:
    page = call.parameters.page()
    if page.number == 1:
        return
    before = {**call.parameters.values, "pageNo": str(page.start), "pageSize": "1"}
    last = operation.perform(Call(Parameters.of(before), call.estate, call.key, call.now)).rows()
    rows = last + document.rows()
    document.rows = lambda: rows
