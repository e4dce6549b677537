"""The log: lines of structlog for what happens, and one line for each request that costs next to nothing."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

import orjson
import structlog

from visalookup.config import Settings

_LOGGER = "visalookup"
_MAX_HELD_CHARACTERS = 262_144
"""So many characters of held lines are written without waiting for the next flush."""


class BufferedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes what is logged; the lines of requests it may hold for a moment, so that many are one write.

    Lines are never held back from what is logged after them, and nothing is held at exit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.holds = False
        self._holding = threading.Lock()
        self._held: list[str] = []
        self._length = 0

    def write(self, line: str) -> None:
        """Write a whole line, with the newline at its end."""
        with self._holding:
            self._held.append(line)
            self._length += len(line)
            if not self.holds or self._length > _MAX_HELD_CHARACTERS:
                self._write_held()

    def emit(self, record: logging.LogRecord) -> None:
        """Write what is held, then the record."""
        self.flush()
        super().emit(record)

    def flush(self) -> None:
        """Write what is held."""
        with self._holding:
            self._write_held()

    def _write_held(self) -> None:
        held, self._held, self._length = self._held, [], 0
        if held:
            self.stream.write("".join(held))
        self.stream.flush()


class RequestLog:
    """One line for each request, in the form of all others: text or JSON."""

    def __init__(self, form: str) -> None:
        self._line = _json_line if form == "json" else _text_line
        self._logger = logging.getLogger(_LOGGER)
        self._second = (0, "")

    def write(self, method: str, path: str, status: int, seconds: float, id_: str) -> None:
        """Log a request that took so long."""
        if not self._logger.isEnabledFor(logging.INFO):
            return
        line = self._line(self._moment(), method, path, status, round(seconds * 1000, 2), id_)
        for handler in self._logger.handlers:
            if isinstance(handler, BufferedHandler):
                handler.write(line)

    def _moment(self) -> str:
        """The present moment to the microsecond; of it only the second is worth formatting once."""
        microseconds = time.time_ns() // 1000
        second = microseconds // 1_000_000
        known, text = self._second
        if known != second:
            text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second, text
        return f"{text}.{microseconds % 1_000_000:06}Z"

    def hold(self) -> None:
        """From now on hold lines until `flush`, which somebody must call again and again."""
        for handler in self._logger.handlers:
            if isinstance(handler, BufferedHandler):
                handler.holds = True

    def flush(self) -> None:
        """Write what is held."""
        for handler in self._logger.handlers:
            handler.flush()


def _text_line(moment: str, method: str, path: str, status: int, milliseconds: float, id_: str) -> str:
    shown = path if path.isascii() and path.isprintable() and " " not in path else repr(path)
    return (
        f"{moment} [info     ] {'request':30} method={method} milliseconds={milliseconds} path={shown}"
        f" request_id={id_} status={status}\n"
    )


def _json_line(moment: str, method: str, path: str, status: int, milliseconds: float, id_: str) -> str:
    return orjson.dumps(
        {
            "event": "request",
            "method": method,
            "path": path,
            "status": status,
            "milliseconds": milliseconds,
            "request_id": id_,
            "level": "info",
            "timestamp": moment,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    ).decode()


def configure_logging(settings: Settings) -> None:
    """Send log lines to standard error, as text or as JSON."""
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = BufferedHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger(_LOGGER)
    root.handlers = [handler]
    root.propagate = False
    root.setLevel(settings.log_level)
