"""Acme: a small company with one KPI, three channels and a rota."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Parameters


class NoParams(Parameters):
    pass


def acme() -> Company:
    return Company.model_validate(
        {
            "id": "acme",
            "name": "Acme",
            "zone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "nl",
            "sources": {},
            "people": {
                "ann": {"name": "Ann", "role": "Product", "email": "ann@acme.example", "channels": ["slack", "mail"]},
                "bob": {"name": "Bob", "role": "Sales", "email": "bob@acme.example", "channels": ["slack", "mail"]},
                "cas": {"name": "Cas", "role": "Engineering", "channels": ["teams"]},
            },
            "rotas": {
                "duty": {"name": "On duty", "members": ["ann", "cas"], "turn": "7 days", "starts": date(2026, 3, 2)}
            },
            "channels": {
                "slack": {"kind": "slack", "url": "ACME_SLACK"},
                "teams": {"kind": "teams", "url": "ACME_TEAMS"},
                "mail": {"kind": "mail", "url": "ACME_SMTP", "sender": "kpi@acme.example"},
            },
            "kpis": {
                "conversion": {
                    "id": "conversion",
                    "company": "acme",
                    "name": {"nl": "Conversie <&> co", "en": "Conversion"},
                    "kind": "ratio",
                    "params": NoParams(),
                    "window": "rolling 30 days",
                    "unit": "percent",
                    "better": "higher",
                    "target": ">= 32",
                    "warning": "< 28",
                    "critical": "< 24",
                    "owners": ["ann", "bob"],
                    "cadence": "daily",
                    "origin": "row 1",
                    "file": "acme/kpis.yaml",
                    "line": 1,
                }
            },
        }
    )
