"""Invented people. Mail addresses use the reserved domain example.nl and reach nobody."""

from __future__ import annotations

from random import Random

from kpi_pipeline.sandbox.world.model import Person

FIRST = (
    "Anouk", "Bas", "Bram", "Carlijn", "Daan", "Demi", "Eva", "Fatima", "Femke", "Finn", "Floor", "Guus", "Hanna",
    "Ilse", "Jasper", "Jelle", "Joost", "Kim", "Koen", "Lars", "Lieke", "Lotte", "Luuk", "Maartje", "Mees", "Mila",
    "Mohammed", "Naomi", "Niels", "Noor", "Olaf", "Pim", "Puck", "Quinten", "Roos", "Ruben", "Sanne", "Sem",
    "Sofie", "Stijn", "Tess", "Thijs", "Tim", "Tygo", "Vera", "Wouter", "Yara", "Youssef", "Zoë", "Zeynep",
)  # fmt: skip
LAST = (
    "Bakker", "Bos", "Brouwer", "Dekker", "Dijkstra", "El-Amrani", "Groot", "Hendriks", "Hoekstra", "Huisman",
    "Jacobs", "Jansen", "Kaya", "Koster", "Kramer", "Kuiper", "Maas", "Meijer", "Mol", "Mulder", "Peters",
    "Postma", "Prins", "Schouten", "Smits", "Timmermans", "Veenstra", "Verbeek", "Visser", "Vos", "Willems",
    "Yilmaz",
)  # fmt: skip
CITIES = (
    "Amsterdam", "Rotterdam", "Utrecht", "Den Haag", "Eindhoven", "Groningen", "Tilburg", "Almere", "Breda",
    "Nijmegen", "Haarlem", "Arnhem", "Zwolle", "Leiden",
)  # fmt: skip
BUSINESSES = (
    "Atelier", "Brouwerij", "Bureau", "Café", "Congres", "Festival", "Golfclub", "Hotel", "Kantoor", "Landgoed",
    "Museum", "School", "Studio", "Theater",
)  # fmt: skip


def person(r: Random, country: str = "NL") -> Person:
    first, last = FIRST[int(r.random() * len(FIRST))], LAST[int(r.random() * len(LAST))]
    digits = int(r.random() * 100_000_000)
    return Person(
        first_name=first,
        last_name=last,
        email=f"{first}.{last}.{digits % 10_000:04d}@example.nl".lower(),
        phone=f"+316{digits:08d}" if country == "NL" else f"+447{digits:09d}",
        city=CITIES[digits % len(CITIES)] if country == "NL" else "London",
        country=country,
    )


def business(r: Random) -> tuple[str, str]:
    """Name and web domain of an organisation."""
    kind, last = r.choice(BUSINESSES), r.choice(LAST)
    return f"{kind} {last}", f"{kind}-{last}-{int(r.random() * 10_000):04d}.example.nl".lower().replace("é", "e")
