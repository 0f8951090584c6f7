"""What is known about a server beyond its own record: earlier interrupts, and names it could be taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.cautions import Circumstances
from ncpconsole.core.earlier import Earlier, earlier_interrupts
from ncpconsole.core.journal.words import holder_sentence
from ncpconsole.core.listing import Surroundings, identity
from ncpconsole.core.names import same_name_key, skeleton
from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.errors import NcpError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Gateway
    from ncpconsole.ncp.models import Server


def circumstances(
    server_no: str,
    intents: Iterable[Intent],
    *,
    now: datetime,
    cooldown: float,
    namesakes: int = 0,
    lookalikes: int = 0,
) -> Circumstances:
    """The circumstances of one server; ``intents`` are its gateway's, ``cooldown`` is in seconds."""
    earlier = earlier_interrupts(intents, now, cooldown).get(server_no, Earlier())
    return Circumstances(
        now=now,
        cooldown=cooldown,
        recent=earlier.recent,
        recent_outcome=earlier.outcome,
        unresolved=earlier.unresolved,
        under_way=earlier.under_way,
        namesakes=namesakes,
        lookalikes=lookalikes,
    )


def locks(earlier: Iterable[Intent]) -> tuple[str, ...]:
    """Why a claim would be refused, as far as a server's earlier interrupts tell."""
    return tuple(holder_sentence(one) for one in earlier if one.is_unresolved)


def interrupted_meanwhile(intents: Iterable[Intent]) -> tuple[str, ...]:
    """One sentence for each interrupt that may have reached the server since the operator looked."""
    return tuple(
        f"It was interrupted at {one.time:%H:%M:%S} UTC by {safe_text(one.origin.user)} on "
        f"{safe_text(one.origin.host)}, while this was being confirmed."
        for one in intents
        if one.may_have_reached
    )


async def count_namesakes(
    gateway: Gateway, region_code: str, server: Server, surroundings: Surroundings
) -> tuple[int, tuple[str, ...]]:
    """How many other servers bear this server's name, and a caution when that could not be looked up.

    The region is asked once more, beside what its list said.
    """
    bearers = surroundings.same_names(server)
    cautions: tuple[str, ...] = ()
    if server.server_name.strip():
        doubts: list[str] = []
        try:
            # The API's name filter may match more than equal names.
            found = await gateway.servers(region_code, server_name=server.server_name, on_short=doubts.append)
            bearers |= Surroundings(tuple(found)).same_names(server)
        except NcpError as error:
            doubts.append(safe_text(error.sentence))
        cautions = tuple(
            f"Whether another server has this name could not be looked up: {said}" for said in doubts
        )
    return len(bearers - {identity(server)}), cautions


def count_lookalikes(name: str, others: Iterable[str]) -> int:
    """How many of the other names could be taken for this one, though they are not it."""
    key, exact = skeleton(name), same_name_key(name)
    return sum(skeleton(other) == key for other in others if same_name_key(other) != exact)
