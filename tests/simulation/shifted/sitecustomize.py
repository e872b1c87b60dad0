"""For processes of the simulation: the clock of the whole process is wrong by SIMULATE_CLOCK_SHIFT seconds."""

import os
import time

_shift = float(os.environ.get("SIMULATE_CLOCK_SHIFT") or 0)
if _shift:
    _right = time.time
    time.time = lambda: _right() + _shift
