"""Checks of the account: the signature, and the permission to list."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ncpconsole.config.login import check_pair, explained
from ncpconsole.core.errors import CredentialsError
from ncpconsole.doctor.findings import Finding, failure, ok

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ncpconsole.config.profiles import Profile
    from ncpconsole.ncp.signing import Credentials

STEP_SECONDS = 10.0
NO_SERVER_IS_CALLED = "ncpconsole-doctor-looks-for-no-server"
TRY_LATER = "Try again in a moment."


async def account(profile: Profile, credentials: Credentials) -> AsyncIterator[Finding]:
    """All checks of this room."""
    try:
        async with asyncio.timeout(STEP_SECONDS):
            checked = await check_pair(profile.base_url, credentials)
    except CredentialsError as error:
        yield failure("signature", str(error), error.remedy)
        return
    except TimeoutError:
        yield failure("signature", f"The gateway did not answer within {STEP_SECONDS:.0f} s.", TRY_LATER)
        return
    yield ok("signature", f"accepted; regions {', '.join(checked.regions) or 'none'}")
    for region in profile.regions or checked.regions[:1]:
        yield await may_list(profile, credentials, region)


async def may_list(profile: Profile, credentials: Credentials, region: str) -> Finding:
    """Whether the key may list servers. Asks for a name that no server has, so that the answer is short."""
    from ncpconsole.ncp.client import Client
    from ncpconsole.ncp.errors import NcpError

    client = Client(profile.base_url, credentials, connect_timeout=5, read_timeout=8, attempts=2)
    try:
        async with asyncio.timeout(STEP_SECONDS):
            await client.servers(region, server_name=NO_SERVER_IS_CALLED)
    except NcpError as error:
        told = explained(error, credentials)
        return failure("permission to list", f"{region}: {told}", told.remedy)
    except TimeoutError:
        return failure("permission to list", f"{region}: no answer within {STEP_SECONDS:.0f} s.", TRY_LATER)
    finally:
        await client.aclose()
    return ok(
        "permission to list",
        f"{region}; the permission to interrupt (NCP_VPC_SERVER_MANAGER) shows only when one is sent",
    )
