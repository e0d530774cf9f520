"""When an app has nothing left to do: what a pilot waits for after every key, seen in its event loop.

Textual's own wait takes a process that used no CPU for 20 ms for an idle one: most of these tests' time, and wrong
where other processes have the CPU.
"""

from __future__ import annotations

import asyncio
import time

import textual.app
import textual.pilot
import textual.screen

LOOK = 0.004  # seconds between two looks, and between two paints
SOON = 0.02  # a timer that ends sooner is waited for


def nothing_due() -> bool:
    """No task of the running loop may go on, and no timer that was set ends soon."""
    loop = asyncio.get_running_loop()
    soon = loop.time() + SOON
    timers = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    return not loop._ready and all(timer.when() > soon for timer in timers)  # type: ignore[attr-defined]


async def wait_for_idle(min_sleep: float = 0.02, max_sleep: float = 1.0) -> None:
    """Until neither the loop nor a thread of this process has worked between two looks; ``max_sleep`` at most."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < max_sleep:
        before = time.process_time()
        await asyncio.sleep(LOOK)
        quiet = time.process_time() - before < LOOK / 20
        if quiet and waited + LOOK > min_sleep and nothing_due():
            return


def install() -> None:
    """For every pilot of this process."""
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = wait_for_idle
    textual.screen.UPDATE_PERIOD = LOOK  # type: ignore[misc]
