"""How long the window's thread is ever kept waiting while a million rows are fitted.

A timer beats every 10 ms in the window's thread; the delay of each beat is measured while the real window follows the
run of 1,000,000 x 5 rows, five components. Run it with `python tests/benchmarks/heartbeat.py [--seconds N] [--rows N]`,
in a real display, under xvfb-run, or with QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

P99_MS, WORST_MS = 50.0, 150.0
BEAT_MS = 10


def measure(rows: int, seconds: float) -> tuple[np.ndarray, int]:
    """Delays of the beats in milliseconds, and how many iterations were made meanwhile."""
    from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer

    from emdesk.app import commands
    from emdesk.app.samples import sample, sample_dataset, sample_spec
    from emdesk.gui.application import SWITCH_INTERVAL, make_application

    folder = Path(tempfile.mkdtemp())
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = make_application()
    from emdesk.gui.main_window import MainWindow

    window = MainWindow(recent=folder / "recent.json")
    window.show()
    chosen = sample("large")
    assert chosen.simulation is not None
    chosen = replace(chosen, simulation=replace(chosen.simulation, rows=rows))
    spec = sample_spec(chosen, window.store.state.catalogue)
    for name, value in (("starts", 1), ("tolerance", 0.0), ("max_iterations", 100_000)):
        spec = spec.with_setting(name, value)
    window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)
    end = time.perf_counter() + 60
    while window.store.state.shown is None and time.perf_counter() < end:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    delays: list[float] = []
    last = [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        delays.append(1000 * (now - last[0]) - BEAT_MS)
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(BEAT_MS)
    timer.timeout.connect(beat)
    window.run()
    last[0] = time.perf_counter()
    timer.start()
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
    timer.stop()
    live = window.store.state.live
    done = live.iteration if live is not None else 0
    window.close_without_asking()
    return np.maximum(np.array(delays), 0.0), done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    given = parser.parse_args()
    delays, iterations = measure(given.rows, given.seconds)
    p50, p99, worst = np.percentile(delays, 50), np.percentile(delays, 99), delays.max()
    print(f"{given.rows} rows x 5, K = 5: {len(delays)} beats, {iterations} iterations")
    print(f"delay of a beat: median {p50:.1f} ms, p99 {p99:.1f} ms, worst {worst:.1f} ms")
    print(f"reach: p99 below {P99_MS:.0f} ms, worst below {WORST_MS:.0f} ms")
    return 0 if p99 < P99_MS and worst < WORST_MS else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main())
