"""Settings, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_DATABASE_URL = f"sqlite:///{ROOT / 'instance' / 'visalookup.sqlite'}"
LARGEST_BODY = 5 * 1024 * 1024
"""The largest request body, in bytes: room for ten thousand questions and to spare."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs."""

    database_url: str = DEFAULT_DATABASE_URL
    data_folder: Path = ROOT / "data"
    log_level: str = "INFO"
    log_format: str = "text"


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read DATABASE_URL, DATA_FOLDER, LOG_LEVEL and LOG_FORMAT (`text` or `json`); each may be left out."""
    usual = Settings()
    return Settings(
        database_url=environment.get("DATABASE_URL") or usual.database_url,
        data_folder=Path(environment.get("DATA_FOLDER") or usual.data_folder),
        log_level=(environment.get("LOG_LEVEL") or usual.log_level).upper(),
        log_format=environment.get("LOG_FORMAT") or usual.log_format,
    )
