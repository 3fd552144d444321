"""How the process that workers are forked from loads and ends. Imported by it alone, before all that it loads."""

from __future__ import annotations

import atexit
import os
import sys
from multiprocessing import forkserver

from kpi_pipeline.garbage import collect_seldom


def _end_at_once() -> None:
    """Python would first take apart all that was loaded, for a second in which the pipe that a command wrote to stays
    open: whoever reads its output to the end waits."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if getattr(sys.modules["__main__"], "main", None) is forkserver.main:
    collect_seldom()
    atexit.register(_end_at_once)
