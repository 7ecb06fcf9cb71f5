"""The commands `serve` and `console`. What serves is loaded when it is asked for: every other command would wait for it."""

import typer

from console.terminal import Data, settings_of


def serve_command(context: typer.Context, data: Data = None) -> None:
    """Serve the HTTP API, for reading, where JALKI_API says: who may ask what is given with `jalki access`."""
    from console.api.serving import serve

    serve(settings_of(context, data))


def console_command(context: typer.Context, data: Data = None) -> None:
    """Serve the console for browsers where JALKI_CONSOLE says: who may sign in, and as what, is given with `jalki users`.

    It reads, and keeps what is decided. What is decided is carried out by workers or, without Kafka, by `jalki case watch`.
    """
    from console.web.serving import serve

    serve(settings_of(context, data))
