"""What others build on: the tree of errors, the sender's parameters, and that it sends once."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import ncpconsole.ncp
from ncpconsole.ncp import errors
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.interrupt import describe_request, interrupt
from ncpconsole.ncp.signing import Credentials, Secret

if TYPE_CHECKING:
    from ncpconsole.core.gateway import Gateway

ERRORS = {name: one for name, one in vars(errors).items() if inspect.isclass(one) and one.__module__ == errors.__name__}


def test_every_error_is_in_the_drawing_of_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn = {word for word in errors.__doc__.replace("├──", " ").replace("└──", " ").split() if word in ERRORS}
    assert drawn == set(ERRORS)


def test_every_error_has_the_one_base() -> None:
    assert all(issubclass(one, errors.NcpError) for one in ERRORS.values())


def test_the_client_is_a_gateway_of_the_rules() -> None:
    # The type checker proves the protocol; this keeps the line alive.
    gateway: Gateway = Client("https://ncloud.apigw.ntruss.com", Credentials("AK", Secret("SK")))
    assert gateway.base_url == "https://ncloud.apigw.ntruss.com"


def test_the_senders_parameters() -> None:
    assert list(inspect.signature(interrupt).parameters) == [
        "base_url",
        "credentials",
        "region_code",
        "server_no",
        "before_first_byte",
        "deadline",
        "method",
        "progress",
        "ssl_context",
    ]
    assert list(inspect.signature(describe_request).parameters) == ["base_url", "region_code", "server_no", "method"]
    assert inspect.signature(interrupt).parameters["method"].default == "POST"


def test_the_sender_holds_no_way_to_repeat() -> None:
    """No loop, no retry helper, no redirect: the sender's own modules read top to bottom, once."""
    for module in ("interrupt", "outcome"):
        source = (Path(ncpconsole.ncp.__path__[0]) / f"{module}.py").read_text("utf-8")
        tree = ast.parse(source)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.While | ast.AsyncFor)], module
        imported = {
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names
        }
        assert not imported & {"stamina", "tenacity"}, module
    sends = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(ncpconsole.ncp.interrupt)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "send"
    ]
    assert len(sends) == 1
