"""Reads and judges companies/: what exists, what it is called, who owns it, what is good and what is not."""

from kpi_pipeline.catalogue.load import inspect, load
from kpi_pipeline.catalogue.model import Catalogue, Company, Kpi, Threshold, in_force

__all__ = ["Catalogue", "Company", "Kpi", "Threshold", "in_force", "inspect", "load"]
