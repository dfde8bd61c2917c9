"""The real table of cases where it is at hand, else a made one of the same form."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

from tests.e2e.program import ROOT

REAL = ROOT.parent / "shared" / "data" / "code-enforcement" / "cases.csv"
_WORDS = (
    "paint",
    "peeling",
    "roof",
    "garage",
    "leaking",
    "permit",
    "window",
    "electrical",
    "debris",
    "fence",
)
_COLUMNS = "case_number,description,address,district,opened,last_inspected,inspection_type,latitude,longitude"
_KINDS = ("Follow-up Site Inspection", "Pre-Citation Inspection", "Initial Inspection")


def cases(folder: Path) -> Path:
    """The path of a table of cases."""
    return REAL if REAL.exists() else made(folder / "cases.csv")


def made(path: Path, count: int = 60) -> Path:
    """A made table."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS.split(","))
        for index in range(count):
            opened = date(2014, 1, 1) + timedelta(chance.randrange(1000))
            place = (33.7 + chance.random() / 10, -118.2 + chance.random() / 10)
            coordinates = [f"{each:.3f}" for each in place] if index % 3 else ["", ""]
            writer.writerow(
                [
                    f"CEAC{214_000 + index}",
                    f'{" ".join(chance.sample(_WORDS, 5)).upper()}, "{chance.choice(_WORDS)}" {index}',
                    f"{chance.randrange(1, 90)}00 block {chance.choice(_WORDS).upper()} AVE",
                    chance.randrange(1, 7),
                    opened.strftime("%m/%d/%Y"),
                    (opened + timedelta(90)).strftime("%m/%d/%Y") if index % 5 else "",
                    _KINDS[index % 3],
                    *coordinates,
                ]
            )
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
