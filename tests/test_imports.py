"""Importing the package, and analysing with it, changes nothing that belongs to the whole program."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

_LOOK = """
    import contextlib, decimal, io, json, locale, logging, multiprocessing, os, pathlib, random, signal, socket, sys
    import threading, warnings
    import numpy as np
    import sklearn.base, scipy.sparse, joblib, tqdm  # what they change is theirs

    def state():
        root = logging.getLogger()
        return {{
            "locale": locale.setlocale(locale.LC_ALL),
            "random": repr(random.getstate()),
            "numpy random": repr(np.random.get_state(legacy=False)),
            "warnings": repr(warnings.filters),
            "showwarning": warnings.showwarning is shown,
            "logging": repr((root.handlers, root.level, logging.raiseExceptions, logging.root.manager.disable)),
            "errstate": repr(np.geterr()),
            "printing": repr(np.get_printoptions()),
            "environment": repr(sorted(os.environ.items())),
            "signals": repr([signal.getsignal(number) for number in sorted(signal.valid_signals())]),
            "start method": multiprocessing.get_start_method(allow_none=True),
            "path": repr(sys.path),
            "hooks": repr((sys.excepthook, sys.displayhook, threading.excepthook, sys.meta_path, sys.path_hooks)),
            "streams": repr((sys.stdout, sys.stderr, sys.stdin)),
            "recursion": sys.getrecursionlimit(),
            "folder": os.getcwd(),
            "mask": repr(signal.pthread_sigmask(signal.SIG_BLOCK, [])) if hasattr(signal, "pthread_sigmask") else "",
            "files": sorted(os.listdir(".")),
            "home": sorted(str(path) for path in pathlib.Path.home().rglob("*")),
            "threads": sorted(thread.name for thread in threading.enumerate()),
            "children": len(multiprocessing.active_children()),
            "timeout": socket.getdefaulttimeout(),
            "decimals": repr(decimal.getcontext()),
            "switches": sys.getswitchinterval(),
        }}

    shown = warnings.showwarning
    before = state()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        {action}
    after = state()
    changed = {{name: [before[name], after[name]] for name in before if before[name] != after[name]}}
    if printed.getvalue():
        changed["printed"] = printed.getvalue()
    print(json.dumps(changed))
"""

_EVERYTHING = "import framing; [getattr(framing, name) for name in framing.__all__]"
_ANALYSE = "import framing; framing.analyze('Officials said the dam held.').to_json()"


@pytest.mark.parametrize("action", ["import framing", _EVERYTHING, _ANALYSE], ids=["import", "all names", "analyze"])
def test_nothing_that_belongs_to_the_whole_program_changes(tmp_path, action):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    script = textwrap.dedent(_LOOK).format(action=action)
    path = os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=120, check=False, cwd=here,
        env=os.environ | {"HOME": str(home), "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == "{}"
    assert done.stderr == b""
