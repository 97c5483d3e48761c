"""Starts the program with its window."""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from emdesk.errors import UsageProblem
from emdesk.texts import say

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

SWITCH_INTERVAL = 0.001
"""Seconds after which a busy thread of Python must let the window's thread go on."""


def main(arguments: Sequence[str] = ()) -> int:
    """Open the window, with a file or `--sample ID` on the desk; returns the exit status when it is closed."""
    try:
        path, sample = _read(list(arguments))
    except UsageProblem as problem:
        sys.stderr.write(problem.sentence + "\n")
        return problem.exit_status
    if arguments and arguments[0] == "--self-test":
        from emdesk.gui.self_test import main as self_test

        return self_test(list(arguments[1:]))
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = make_application()
    from PySide6.QtCore import QSettings

    from emdesk.app import commands
    from emdesk.gui.garbage import Collector
    from emdesk.gui.main_window import MainWindow
    from emdesk.gui.window_deeds import REPLAY_QUICK_FITS

    window = MainWindow()
    wanted = bool(QSettings().value(REPLAY_QUICK_FITS, True, type=bool))
    window.store.do(commands.replay_quick_fits, wanted)
    install_hooks(window.dialogs.show_crash)
    window.show()
    collector = Collector()
    gc.freeze()  # what is there now stays: later collections need not look at it
    if sample is not None:
        window.files.open_sample(sample)
    elif path is not None:
        window.files.open(path)
    status = app.exec()
    collector.stop()
    sys.excepthook = sys.__excepthook__
    return status


def _read(words: list[str]) -> tuple[Path | None, str | None]:
    """The file or the sample to begin with."""
    if not words or words[0] == "--self-test":
        return None, None
    if words[0] == "--sample":
        if len(words) != 2:
            raise UsageProblem(say("start.sample_needs_name"), remedy=say("start.usage"))
        from emdesk.app.samples import sample

        return None, sample(words[1]).id
    if words[0].startswith("-"):
        raise UsageProblem(say("start.unknown_option", word=words[0]), remedy=say("start.usage"))
    if len(words) > 1:
        raise UsageProblem(say("start.one_file"), remedy=say("start.usage"))
    return Path(words[0]), None


def make_application() -> QApplication:
    """The QApplication with its name, icon and theme; the one there is, if there is one."""
    from PySide6.QtCore import QCoreApplication, QSettings, Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication as Application

    from emdesk import __version__
    from emdesk.gui.icons import window_icon
    from emdesk.gui.theme import Mode, theme

    QCoreApplication.setOrganizationName("EMDesk")
    QCoreApplication.setApplicationName("EMDesk")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("org.emdesk.EMDesk")
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = Application.instance() or Application(sys.argv[:1])
    assert isinstance(app, Application)
    _keep_blas_single()
    chosen = str(QSettings().value("theme", Mode.SYSTEM.value))
    theme().mode = Mode(chosen) if chosen in list(Mode) else Mode.SYSTEM
    theme().increase_contrast = bool(QSettings().value("contrast", False, type=bool))
    theme().apply(app)
    app.setWindowIcon(window_icon())
    return app


@lru_cache(maxsize=1)
def _keep_blas_single() -> object:
    """One BLAS thread for each of ours, from before the first thread to the end of the program.

    Setting the limit while another thread is inside BLAS can be lost, and two fits with two BLAS threads each on two
    processors do nothing but wait for each other.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    assert np.__version__  # its BLAS must be loaded before it can be limited
    return threadpool_limits(1, user_api="blas")


def install_hooks(show: object) -> None:
    """Show what nobody expected in the crash dialog instead of losing it; in other threads too."""
    from PySide6.QtCore import QObject, Qt, Signal

    class _Relay(QObject):
        crashed = Signal(str)

    relay = _Relay()
    relay.crashed.connect(show, Qt.ConnectionType.QueuedConnection)

    def hook(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        report = "".join(traceback.format_exception(kind, value, trace))
        sys.stderr.write(report)
        if issubclass(kind, Exception):
            relay.crashed.emit(report)

    def thread_hook(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            hook(told.exc_type, told.exc_value, told.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook
