"""The NAVER Cloud Platform API: signed requests, typed answers, errors. Without rules and screens."""

import sys

# Where click and rich are there, httpx 0.28 loads its own command line: 60 modules, 10 ms behind a screen and 40 ms
# without one, and nothing here uses it. None is what a failed import is to the import system.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
