"""The platform as assets see it: settings, landing and warehouse of one aar.yaml."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from aar_platform.landing.store import Landing
from aar_platform.resources.warehouse import Warehouse, WarehouseUnavailable
from aar_platform.settings.loading import Settings, empty_settings, load_settings


def open_warehouse(settings: Settings, *, read_only: bool = False) -> Warehouse:
    """The warehouse that aar.yaml names. Raises SecretMissing where its key is not set."""
    url = settings.warehouse.url.reveal()
    if not url.startswith("duckdb://"):
        raise WarehouseUnavailable("warehouse.url: only duckdb:// works; see docs/engines.md")
    place = url.removeprefix("duckdb://")
    key = settings.warehouse.encryption_key
    return Warehouse(Path(place), key.reveal() if key else None, read_only=read_only)


def open_landing(settings: Settings) -> Landing:
    """The landing that aar.yaml names, encrypted with the warehouse's key."""
    key = settings.warehouse.encryption_key
    return Landing(settings.landing, key.reveal() if key else None)


class Platform(dg.ConfigurableResource):
    """Settings, landing and warehouse, which is opened at first use and closed with the run."""

    config_path: str

    _settings: Settings = PrivateAttr()
    _landing: Landing | None = PrivateAttr(default=None)
    _warehouse: Warehouse | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Platform"]:
        """Read the settings for a run, and let go of the warehouse after it."""
        path = Path(self.config_path)
        self._settings = load_settings(path) if path.is_file() else empty_settings()
        try:
            yield self
        finally:
            if self._warehouse is not None:
                self._warehouse.close()

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self._settings

    @property
    def landing(self) -> Landing:
        """Records as received."""
        if self._landing is None:
            self._landing = open_landing(self._settings)
        return self._landing

    @property
    def warehouse(self) -> Warehouse:
        """The tables."""
        if self._warehouse is None:
            self._warehouse = open_warehouse(self._settings)
        return self._warehouse
