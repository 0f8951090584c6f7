"""Decides how one request is answered, without waiting: its account, its operation, its faults."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from urllib.parse import urlencode

from ncpconsole.simulator import activities, insight
from ncpconsole.simulator.account_state import AccountState
from ncpconsole.simulator.accounts import (
    ACCESS_KEY_HEADER,
    IDENTITY_PATH,
    Account,
    Key,
    authenticated_key,
    identity_record,
    signing_key,
)
from ncpconsole.simulator.fault_effects import BYTES, CARRIED_OUT, INSTEAD, NOT_CARRIED_OUT, SAYS
from ncpconsole.simulator.faults import Faults
from ncpconsole.simulator.fleet import Fleet, ServerKind
from ncpconsole.simulator.http_server import Reply, Request, Response
from ncpconsole.simulator.operations import OPERATIONS, Call, Operation, Parameters
from ncpconsole.simulator.recorder import ReceivedInterrupt, ReceivedRequest, Recorder
from ncpconsole.simulator.responses import (
    Document,
    ErrorResponse,
    Format,
    encode_document,
    encode_error,
    encode_json,
    gateway_error,
    permission_denied,
)

COUNTS_PATH = "/simulator/counts"
SIBLINGS = {activities.PATH: "activities", IDENTITY_PATH: "identity", **dict.fromkeys(insight.PATHS, "insight")}
"""The services beside the server API, which speak JSON alone, by path."""
THIS_MACHINE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)


@dataclass(slots=True)
class _Handling:
    """What is known of a request while it is handled.

    ``faults`` are those it meets, with their values; ``code`` is the code of the response to be.
    """

    request: Request
    now: float
    faults: dict[str, str]
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
        rules: str,
        agents: bool,
    ) -> None:
        self._holders = {key.access_key: (account, key) for account in accounts for key in account.keys}
        self._accounts = {account.name: account for account in accounts}
        self._regions = tuple(regions)
        self._faults = faults
        self._recorder = recorder
        self._clock = clock
        self._interrupt_seconds = interrupt_seconds
        self._latency = latency
        self._rules = rules
        self._agents = agents
        self._started = clock()
        self._states: dict[tuple[str, str], AccountState] = {}

    def state(self, account_name: str, variant: str = "") -> AccountState:
        """The servers of an account; ``variant`` is the name of a fault that shows other servers."""
        key = (account_name, variant)
        if key not in self._states:
            account = self._accounts[account_name]
            fleet = Fleet(
                0 if variant == "empty-account" else account.servers,
                account.seed,
                regions=self._regions,
                name_prefix=account.name_prefix,
                only=ServerKind.XEN_LINUX if variant == "no-eligible" else None,
            )
            self._states[key] = AccountState(fleet, self._interrupt_seconds)
        return self._states[key]

    def reply(self, request: Request) -> Reply:
        """Handle one request: decide, carry out, record."""
        if not THIS_MACHINE.fullmatch(request.headers.get("host", "")):
            # A page in a browser may have its own name resolved to this machine, and then speak to it.
            return Reply(Response(421, [], b""))
        if request.path == COUNTS_PATH:
            body = encode_json(self._recorder.counts())
            return Reply(_complete(Response(200, [], body), self._clock(), Format.JSON))
        operation = OPERATIONS.get(request.path)
        scope = operation.scope if operation else SIBLINGS.get(request.path, "")
        faults = self._faults.match(scope)
        now = self._clock() + float(faults.get("clock-skew", "0")) * 60
        parameters = Parameters(request.query, request.headers.get("content-type", ""), request.body)
        asked_format = Format.JSON if request.path in SIBLINGS else parameters.format
        body_format = Format.XML if "as-xml" in faults else asked_format
        handling = _Handling(request, now, faults, parameters, body_format)
        prevented = [NOT_CARRIED_OUT[name] for name in faults if name in NOT_CARRIED_OUT]
        response = Response(0, [], b"") if prevented else self._respond(handling, operation)
        spoilt = prevented or [CARRIED_OUT[name] for name in faults if name in CARRIED_OUT]
        self._record(handling, scope, response.status)
        delay = self._latency + float(faults.get("slow", "0"))
        return Reply(response, spoilt[0] if spoilt else None, faults.get("dripped", ""), delay)

    def _respond(self, handling: _Handling, operation: Operation | None) -> Response:
        faults = handling.faults
        try:
            response = self._instead(handling) or self._perform(handling, operation)
        except ErrorResponse as error:
            handling.code = error.code
            response = Response(error.status, [], encode_error(error, handling.body_format))
        if "error-429" in faults and response.status == 429:
            response.headers.append(("Retry-After", faults["error-429"]))
        _complete(response, handling.now, handling.body_format)
        for name in faults:
            if name in BYTES:
                BYTES[name](response)
        return response

    def _instead(self, handling: _Handling) -> Response | None:
        for name, value in handling.faults.items():
            if name in INSTEAD:
                response = INSTEAD[name](value)
                if isinstance(response, ErrorResponse):
                    raise response
                handling.code = str(response.status)
                return response
        return None

    def _perform(self, handling: _Handling, operation: Operation | None) -> Response:
        request = handling.request
        account, key = self._authenticated(handling)
        handling.account = account.name
        variant = next((name for name in ("empty-account", "no-eligible") if name in handling.faults), "")
        state = self.state(account.name, variant)
        state.settle(handling.now)
        if request.path == activities.PATH and request.method == "POST":
            window = activities.read_window(request.body, handling.now)
            mine = [one for one in self._recorder.interrupts if one.account == account.name]
            acts = [one for one in self._recorder.acts if one.account == account.name]
            handling.code = "0"
            return Response(200, [], encode_json(activities.activities(state.fleet, mine, acts, window)))
        if insight.PATHS.get(request.path) == request.method:
            if not key.reads_metrics:
                raise permission_denied("NCP_CLOUD_INSIGHT_VIEWER is required.")
            signs = insight.Signs(state, self._started, self._agents)
            handling.code = "0"
            body = insight.answer(request.path, request.body, signs, handling.now)
            shape = insight.SHAPES.get(handling.faults.get("wrong-shape", ""))
            return Response(200, [], shape(body) if shape and request.method == "POST" else body)
        if request.path == IDENTITY_PATH and request.method == "GET":
            handling.code = "0"
            return Response(200, [], encode_json(identity_record(key)))
        if operation is None or request.method not in {"GET", "POST"}:
            raise gateway_error(404, "300", "There is no such API.")
        body = _document(handling, operation, Call(handling.parameters, state, key, handling.now, self._rules))
        return Response(200, [], body)

    def _authenticated(self, handling: _Handling) -> tuple[Account, Key]:
        request = handling.request
        access_key = authenticated_key(request.method, request.target, request.headers, self._secret_of, handling.now)
        account, key = self._holders[access_key]
        if key.allowed_from and request.peer not in key.allowed_from:
            raise permission_denied("The sub account may not be used from this address.")
        return account, key

    def _is_signed(self, request: Request) -> bool:
        """Whether a key signed it, in time or not: others cannot have interrupted anything."""
        try:
            signing_key(request.method, request.target, request.headers, self._secret_of)
        except ErrorResponse:
            return False
        return True

    def _secret_of(self, access_key: str) -> str | None:
        holder = self._holders.get(access_key)
        return holder[1].secret_key if holder else None

    def _sub_account_of(self, request: Request) -> str:
        holder = self._holders.get(request.headers.get(ACCESS_KEY_HEADER, ""))
        return holder[1].holder.sub_account_no if holder else ""

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
        if scope == "interrupt" and self._is_signed(request):
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
                sub_account_no=self._sub_account_of(request),
                source_ip=request.peer,
            )
        self._recorder.add(received, interrupt)


def _document(handling: _Handling, operation: Operation, call: Call) -> bytes:
    faults = handling.faults
    if "duplicate-pages" in faults:
        handling.parameters.values["pageNo"] = "1"
    document = operation.perform(call)
    altering = [name for name in faults if name in SAYS]
    if "overlapping-pages" in faults:
        _overlap(document, operation, call)
        altering.append("overlapping-pages")
    for name in altering:
        if name in SAYS:
            SAYS[name](document, faults[name])
    if altering:
        document.encoded = None
    handling.code = str(document.return_code)
    return encode_document(document, operation.root, handling.body_format)


def _overlap(document: Document, operation: Operation, call: Call) -> None:
    page = call.parameters.page()
    if page.number == 1:
        return
    before = {**call.parameters.values, "pageNo": str(page.places.start), "pageSize": "1"}
    rows = operation.perform(replace(call, parameters=Parameters(urlencode(before)))).rows() + document.rows()
    document.rows = lambda: rows


def _complete(response: Response, now: float, body_format: Format) -> Response:
    """Add the headers that the gateway puts on every response."""
    headers = [
        ("Date", formatdate(now, usegmt=True)),
        ("x-ncp-apigw-request-id", str(uuid.uuid4())),
        ("x-ncp-trace-id", uuid.uuid4().hex),
    ]
    if not any(name == "Content-Type" for name, _ in response.headers):
        headers.append(("Content-Type", body_format.value))
    response.headers[:0] = headers
    return response
