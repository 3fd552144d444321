"""The files that declare a company, kept in history by content: an old report can be made again by what stood there."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.chain import canonical, sha256
from kpi_pipeline.history.declarations import save_files


def declared(workspace: Workspace, company: Company) -> str:
    """Fingerprint of the company's YAML files as they stand; history keeps them under it."""
    files = yaml_files(workspace, company)
    fingerprint = sha256(canonical(files))
    save_files(workspace.history, company.id, fingerprint, files, workspace.now)
    return fingerprint


def yaml_files(workspace: Workspace, company: Company) -> Mapping[str, str]:
    """Path below the company's folder → text, of every YAML file in it."""
    folder = workspace.settings.companies_root / company.id
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))
    }
