"""`python -m kpi_pipeline` is the `kpi` command."""

from kpi_pipeline.cli import main

main()
