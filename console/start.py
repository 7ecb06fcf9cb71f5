"""Where the program begins: as little as can be, so that an interrupt is quiet from the first moment on."""

import signal


def main() -> None:
    """Load the program and run it. An interrupt while it loads ends the process, with nothing begun."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from console.cli import main as program

    signal.signal(signal.SIGINT, before)
    try:
        program()
    finally:
        # All is done and said: an interrupt comes too late, and must not make a finished run look like a broken one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
