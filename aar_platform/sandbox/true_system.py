"""One served system of the made-up company, for the truth of its records (`true_records`)."""

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from aar_platform.sandbox.parts import Part


class System:
    """A system's part of the company, with its own ids and the person behind each contact."""

    def __init__(self, kind: str, part: Part, module: ModuleType, people: pd.DataFrame) -> None:
        self.kind, self.part = kind, part
        self._named = getattr(module, "IDS", {})
        rows = part.people["person"].to_numpy() if len(part.people) else np.array([], int)
        # The last one stands for nobody, whose number is -1.
        self._entities = np.append(people["entity"].to_numpy(object)[rows], "")
        self._contacts = np.append(self.ids("contacts", len(rows)), "")

    def ids(self, table: str, count: int) -> np.ndarray:
        """The record ids of the first `count` records of a core table."""
        return np.array([self._named[table](number) for number in range(count)], object)

    def table(self, record_id: Any, person: np.ndarray | None, **columns: Any) -> pd.DataFrame:
        """A table of records; of the contacts with these numbers, where it is of any."""
        table = {"source": self.kind, "record_id": record_id}
        if person is not None:
            table |= {"entity": self._entities[person], "contact_id": self._contacts[person]}
        return pd.DataFrame(table | columns)
