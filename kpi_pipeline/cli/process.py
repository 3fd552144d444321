"""The process that a `kpi` command is."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from kpi_pipeline.cli.app import main


def command() -> None:
    """`main`, and then the end of the process at once, with its exit code.

    Python would first take apart all that was loaded, object by object: a fifth of the time of a short command, two
    seconds of a demo. What has to happen at an end (atexit) does, and a thread that still works is waited for, as ever.
    """
    code: str | int | None = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    if isinstance(code, str) or _is_anybody_at_work():
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # whoever read us has gone: `kpi … | head`
        code = code or 1
    os._exit(code or 0)


def _is_anybody_at_work() -> bool:
    return any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
