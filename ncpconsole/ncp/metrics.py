"""Which series of Cloud Insight are asked for, as values; importing this costs nothing.

Source: the metric page of Server (VPC), type ``svr``. An agent inside the guest sends these every minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple


class Metric(StrEnum):
    """A series of one server, by the name that Cloud Insight gives it."""

    CPU = "avg_cpu_used_rto"
    """In per cent. The time of its last point is the guest's last sign of life: there is no other heartbeat."""
    MEMORY = "mem_usert"
    """In per cent."""
    NETWORK_IN = "avg_rcv_bps"
    """In bits per second."""
    NETWORK_OUT = "avg_snd_bps"
    """In bits per second."""
    DISK_READ = "avg_read_byt_cnt"
    """In bytes per second."""
    DISK_WRITE = "avg_write_byt_cnt"
    """In bytes per second."""


class Interval(StrEnum):
    """How far the points of a series lie apart."""

    MINUTE = "Min1"
    FIVE_MINUTES = "Min5"


class Condition(NamedTuple):
    """One series: a server's number and what is asked of it."""

    server_no: str
    metric: Metric


MOST_CONDITIONS = 20
"""How many series one call may ask for, as the API page says."""

RawPoints = Sequence[object]
"""Points as they came, ``[[milliseconds since the epoch, value], …]`` at best: anything may stand among them."""

MetricAnswer = Mapping[Condition, RawPoints]
"""What came for the conditions of one call; a series without points may be missing or empty."""
