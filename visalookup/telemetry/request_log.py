"""Logging: structlog for events, and one very cheap line per request."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

import orjson
import structlog

from visalookup.config import Settings

_LOGGER = "visalookup"
_MAX_BUFFERED_CHARACTERS = 262_144
"""Above this many characters, buffered lines are written without waiting for the next flush."""


class BufferedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes log records; it may buffer request lines for a moment, to write many of them at once.

    Other records are written after the lines that precede them, and nothing stays buffered at exit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_buffering = False
        self._buffer_lock = threading.Lock()
        self._buffer: list[str] = []
        self._length = 0

    def write(self, line: str) -> None:
        """Write a whole line, including its newline, or buffer it."""
        with self._buffer_lock:
            self._buffer.append(line)
            self._length += len(line)
            if not self.is_buffering or self._length > _MAX_BUFFERED_CHARACTERS:
                self._write_buffer()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the buffered lines, then the record."""
        self.flush()
        super().emit(record)

    def flush(self) -> None:
        """Write the buffered lines."""
        with self._buffer_lock:
            self._write_buffer()

    def _write_buffer(self) -> None:
        lines, self._buffer, self._length = self._buffer, [], 0
        if lines:
            self.stream.write("".join(lines))
        self.stream.flush()


class RequestLog:
    """One line per request, in the configured format: text or JSON."""

    def __init__(self, log_format: str) -> None:
        self._line = _json_line if log_format == "json" else _text_line
        self._logger = logging.getLogger(_LOGGER)
        self._cached_second = (0, "")

    def write(self, method: str, path: str, status: int, seconds: float, id_: str) -> None:
        """Log a request and its duration."""
        if not self._logger.isEnabledFor(logging.INFO):
            return
        line = self._line(self._timestamp(), method, path, status, round(seconds * 1000, 2), id_)
        for handler in self._logger.handlers:
            if isinstance(handler, BufferedHandler):
                handler.write(line)

    def _timestamp(self) -> str:
        """Return the current time to the microsecond; the formatted second is cached."""
        microseconds = time.time_ns() // 1000
        second = microseconds // 1_000_000
        cached_second, text = self._cached_second
        if cached_second != second:
            text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._cached_second = second, text
        return f"{text}.{microseconds % 1_000_000:06}Z"

    def start_buffering(self) -> None:
        """Buffer lines from now on; `flush` must then be called regularly."""
        for handler in self._logger.handlers:
            if isinstance(handler, BufferedHandler):
                handler.is_buffering = True

    def flush(self) -> None:
        """Write the buffered lines."""
        for handler in self._logger.handlers:
            handler.flush()


def _text_line(moment: str, method: str, path: str, status: int, milliseconds: float, id_: str) -> str:
    printable_path = path if path.isascii() and path.isprintable() and " " not in path else repr(path)
    return (
        f"{moment} [info     ] {'request':30} method={method} milliseconds={milliseconds} path={printable_path}"
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
