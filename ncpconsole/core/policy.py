"""What this console allows itself on a profile, and how long things may take. Light: the first frame needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """What this console allows itself on this profile; the defaults of every profile. Times are in seconds.

    ``send_deadline`` ends every wait of one send; a server is watched ``watch_for`` after its interrupt.
    ``vitals``: Cloud Insight is asked for vital signs.
    """

    read_only: bool = False
    read_only_because: str = ""
    protected: bool = False
    require_reason: bool = False
    cooldown: float = 30 * 60
    send_deadline: float = 30
    interrupt_method: str = "POST"
    refresh_every: float = 30
    watch_every: float = 5
    watch_for: float = 15 * 60
    vitals: bool = True


DEFAULTS = Policy()
