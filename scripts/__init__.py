"""What `make` runs: bare Python from 3.11 and its standard library are enough."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - these scripts run on whatever python3 the machine has
    sys.exit("Python 3.11 or newer is needed; name it with `make PYTHON=/path/to/python3.11 ...`.")
