"""The soak runs, sees faults, and finds no descriptor and no task left behind."""

from __future__ import annotations

import subprocess
import sys


def test_a_short_soak_leaves_nothing_open() -> None:
    """Memory has its bar in the long run alone."""
    command = [sys.executable, "-m", "tools.soak", "--refreshes", "120"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    first, *lines = ran.stdout.splitlines()
    assert first.startswith("120 refreshes of 300 servers")
    growth = {line.partition(",")[0]: line for line in lines if "growth over the second half" in line}
    assert set(growth) == {"memory", "descriptors", "tasks"}
    assert growth["descriptors"].endswith("met")
    assert growth["tasks"].endswith("met")
