"""Some 30,000 answers to an interrupt: status × shape × code × what the answer names, against one plain rule.

The rule is written here a second time and from the other end: by what was put into an answer, and not by
reading it. An answer that is accepted or rejected must be so by that rule; none is *not sent*.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.ncp.outcome import classify
from ncpconsole.ncp.responses import Response
from ncpconsole.ncp.results import Outcome
from tests.ncp.raw_gateway import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "30000099"
STATUSES = [100, 200, 201, 202, 203, 204, 206, 226, 299, 301, 307, 400, 401, 403, 404, 408, 409, 413, 429, 451]
STATUSES += [499, 500, 502, 503, 504, 599, 600, 999]

ZEROS = ("0", 0)
PLAIN_NO = ("25013", 25013, "210", "1401", "800", "25017", "9", "100")
MAY_HAVE_RUN = ("1000", 1000, "3000100", 3000100, "500", 500, "510", "900", 900)
NO_CODE: tuple[Any, ...] = (
    *("00", "0.0", "-0", "+0", " 0", "0 ", "<b>0</b>", "&#48;", "０", "٠", "", " ", "null", "false", "success"),
    *("025013", "500.0", "0500", "５００", "<b>500</b>", "<i>210</i>", "210 ", "21O", "2e2", "0x0", "9" * 400),
    *(0.0, -0.0, 210.0, 1.5, True, False, None, [], ["0"], {}, {"code": "0"}, [0], -1, 10**20),
)

ONE = {"serverInstanceNo": TARGET}
NAMES_THE_TARGET: tuple[dict[str, Any], ...] = (
    {},
    {"serverInstanceList": None},
    {"serverInstanceList": [ONE]},
    {"totalRows": 1, "serverInstanceList": [{**ONE, "serverName": "web", "uptime": "2025"}]},
    {"serverInstanceNoList": [TARGET]},
    {"serverInstanceNoList": [int(TARGET)]},
    {"serverInstanceNoList": {"serverInstanceNo": TARGET}},
    {"serverInstanceNo": TARGET},
    {"serverInstanceList": {"serverInstance": [ONE]}},
    {"totalRows": "1", "serverInstanceNoList": TARGET, "requestId": "r"},
)
NAMES_ANOTHER: tuple[dict[str, Any], ...] = (
    {"serverInstanceNo": OTHER},
    {"serverInstanceNo": int(OTHER)},
    {"serverInstanceNo": f"{TARGET}.0"},
    {"serverInstanceNo": float(TARGET)},
    {"serverInstanceNo": f"0{TARGET}"},
    {"serverInstanceNo": True},
    {"ServerInstanceNo": OTHER},
    {"server_instance_no": OTHER},
    {"server-instance-no": OTHER},
    {"SERVERINSTANCENO": OTHER},
    {"ｓerverInstanceNo": OTHER},
    {"serverInstanceList": [ONE, {"serverInstanceNo": OTHER}]},
    {"serverInstanceList": [{**ONE, "deep": [{"er": {"serverInstanceNo": OTHER}}]}]},
    {"serverInstanceList": {"serverInstance": [{"serverInstanceNo": OTHER}]}},
    {"serverInstanceList": OTHER},
    {"serverInstanceNoList": [TARGET, OTHER]},
    {"serverInstanceNoList": OTHER},
    {"serverInstanceNoList": {"serverInstanceNo": [TARGET, OTHER]}},
    {"serverInstanceNoList": f"{TARGET},{OTHER}"},
    {"serverInstanceNoList.1": OTHER},
    {"result": {"serverInstanceNo": OTHER}},
    {"totalRows": 1, "other": [[[{"serverInstanceNoList": [[OTHER]]}]]]},
)
NAMES_NONE: tuple[dict[str, Any], ...] = (
    {"totalRows": 0},
    {"totalRows": "0"},
    {"totalRows": 0.0},
    {"totalRows": "00"},
    {"TotalRows": 0},
    {"total_rows": 0},
    {"totalRows": 0, "serverInstanceList": [ONE]},
    {"serverInstanceList": []},
    {"serverInstanceList": {}},
    {"serverInstanceList": ""},
    {"serverInstanceList": [{}]},
    {"serverInstanceList": [None]},
    {"serverInstanceList": [{"serverInstanceNo": None}]},
    {"serverInstanceList": [{"serverInstanceNo": ""}]},
    {"serverInstanceNoList": []},
    {"serverInstanceNoList": [""]},
    {"server_instance_list": []},
    {"deep": {"serverInstanceNoList": []}},
)
NAMED = [
    *((one, "target") for one in NAMES_THE_TARGET),
    *((one, "another") for one in NAMES_ANOTHER),
    *((one, "none") for one in NAMES_NONE),
]


@dataclass(frozen=True)
class Synthetic:
    """One answer and what was put into it: which kinds of codes, in results and errors, and whom it names."""

    status: int
    body: bytes
    results: tuple[Any, ...] = ()
    errors: tuple[Any, ...] = ()
    named: str = "target"
    is_ours: bool = True
    about: str = field(default="", compare=False)

    @property
    def may_be(self) -> set[Outcome]:
        """What such an answer may prove, at best."""
        proven = {Outcome.UNKNOWN}
        codes = (*self.results, *self.errors)
        if len({str(code) for code in codes}) != 1 or not self.is_ours:
            return proven
        (code, *_) = codes
        if isinstance(code, bool) or not isinstance(code, str | int):
            return proven
        is_done = self.status in (200, 201, 202)
        if self.results and not self.errors and code in ZEROS and is_done and self.named == "target":
            proven.add(Outcome.ACCEPTED)
        refusing = is_done or (self.errors and 400 <= self.status < 500 and self.status != 408)
        if str(code) in PLAIN_NO and refusing and not (self.results and self.errors):
            proven.add(Outcome.REJECTED)
        return proven


def as_xml(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(inner, one) for inner, one in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(as_xml('item', one) for one in value)}</{name}>"
    text = "" if value is None else str(value)
    return f"<{name}>{text.replace('&', '&amp;').replace('<', '&lt;')}</{name}>"


def encoded(document: dict[str, Any], form: str) -> bytes:
    if form == "json":
        return json.dumps(document).encode()
    (name, value) = next(iter(document.items()))
    return as_xml(name, value).encode()


def results() -> Iterator[Synthetic]:
    codes = (*ZEROS, *PLAIN_NO, *MAY_HAVE_RUN, *NO_CODE)
    for status, code in itertools.product(STATUSES, codes):
        for form, wrapped in (("json", True), ("json", False), ("xml", True)):
            if form == "xml" and not isinstance(code, str | int):
                continue
            inner = {"returnCode": code, "returnMessage": "x", "requestId": "r"}
            document = {"interruptServerInstanceResponse": inner} if wrapped else inner
            said = str(code).strip() if form == "xml" else code
            if form == "xml" and said == "0":
                said = "0"
            yield Synthetic(status, encoded(document, form), results=(said,), about=f"{form} {wrapped}")
    for status, (named, whom), code in itertools.product((200, 201, 202, 206, 400, 500), NAMED, ("0", 0, "210")):
        inner = {"returnCode": code, **named}
        for document in ({"interruptServerInstanceResponse": inner}, inner):
            yield Synthetic(status, encoded(document, "json"), results=(code,), named=whom)
        yield Synthetic(
            status,
            json.dumps({"interruptServerInstanceResponse": {"returnCode": code}, **named}).encode(),
            results=(code,),
            named=whom,
        )
    for status, name in itertools.product(STATUSES, ("stopServerInstancesResponse", "Response", "result", "")):
        yield Synthetic(status, encoded({name: {"returnCode": "0"}}, "json"), results=("0",), is_ours=False)


SHAPES = (
    ("error", "errorCode", "message"),
    ("Error", "errorCode", "message"),
    ("responseError", "returnCode", "returnMessage"),
    ("ResponseError", "returnCode", "returnMessage"),
    ("responseError", "responseCode", "responseMessage"),
    ("error", "returnCode", "returnMessage"),
)


def refusals() -> Iterator[Synthetic]:
    codes = (*ZEROS, *PLAIN_NO, *MAY_HAVE_RUN, *NO_CODE)
    for status, code, (root, name, message) in itertools.product(STATUSES, codes, SHAPES):
        document = {root: {name: code, message: "Some <b>words</b>"}}
        yield Synthetic(status, encoded(document, "json"), errors=(code,), about=root)
        if isinstance(code, str | int):
            yield Synthetic(status, encoded(document, "xml"), errors=(str(code).strip(),), about=root)


def contradictions() -> Iterator[Synthetic]:
    """Two codes in one answer, wherever the second stands."""
    for status, one, other in itertools.product((200, 201, 400), ("0", "25013", 210, "500"), ("0", 0, "25013", 210)):
        both = {
            "outside": {"returnCode": one, "interruptServerInstanceResponse": {"returnCode": other}},
            "inside": {"interruptServerInstanceResponse": {"returnCode": one, "x": {"returnCode": other}}},
            "error": {"error": {"errorCode": one}, "interruptServerInstanceResponse": {"returnCode": other}},
            "two": {"error": {"errorCode": one}, "responseError": {"returnCode": other}},
        }
        for about, document in both.items():
            errors = (one, *((other,) if about == "two" else ())) if about in {"error", "two"} else ()
            found = () if about == "two" else (other,) if about == "error" else (one, other)
            yield Synthetic(status, json.dumps(document).encode(), found, errors, about=about)
        twice = b'{"interruptServerInstanceResponse":{"returnCode":%s,"returnCode":%s}}' % (
            json.dumps(one).encode(),
            json.dumps(other).encode(),
        )
        yield Synthetic(status, twice, (one, other), is_ours=False, about="twice")
        siblings = (
            "<interruptServerInstanceResponse>"
            f"<returnCode>{one}</returnCode><returnCode>{other}</returnCode></interruptServerInstanceResponse>"
        )
        yield Synthetic(status, siblings.encode(), (one, other), is_ours=False, about="siblings")
    for status in (200, 201):
        for numbers in ((OTHER, TARGET), (TARGET, OTHER)):
            twice = (
                b'{"interruptServerInstanceResponse":'
                b'{"returnCode":"0","serverInstanceNo":"%s","serverInstanceNo":"%s"}}'
            )
            first, second = (number.encode() for number in numbers)
            yield Synthetic(status, twice % (first, second), ("0",), named="another", about="twice")
            inside = "".join(f"<serverInstanceNo>{number}</serverInstanceNo>" for number in numbers)
            for around in ("{}", "<serverInstanceList><serverInstance>{}</serverInstance></serverInstanceList>"):
                body = f"<interruptServerInstanceResponse><returnCode>0</returnCode>{around.format(inside)}"
                body += "</interruptServerInstanceResponse>"
                yield Synthetic(status, body.encode(), ("0",), named="another", about="siblings")


ALL = {"results": results, "refusals": refusals, "contradictions": contradictions}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_no_answer_proves_more_than_was_put_into_it(kind: str) -> None:
    seen: Counter[Outcome] = Counter()
    for one in ALL[kind]():
        outcome = classify(Response(one.status, {}, one.body), TARGET, "POST", now=0).outcome
        assert outcome in one.may_be, (one, outcome)
        seen[outcome] += 1
    assert seen[Outcome.NOT_SENT] == 0
    assert seen[Outcome.UNKNOWN] > 0


def test_what_is_plainly_said_is_taken() -> None:
    """The rule the other way round, so that a classifier that knows nothing would not pass."""
    proven = [one for kind in ALL.values() for one in kind() if len(one.may_be) > 1]
    told = Counter(
        classify(Response(one.status, {}, one.body), TARGET, "POST", now=0).outcome is not Outcome.UNKNOWN
        for one in proven
    )
    assert told[True] > 1_500
    assert told[False] == 0


def test_there_are_some_thirty_thousand() -> None:
    assert sum(1 for kind in ALL.values() for _ in kind()) > 25_000
