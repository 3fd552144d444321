"""`python -m kpi_pipeline` is the `kpi` command."""

from kpi_pipeline.cli.process import command

if __name__ == "__main__":
    command()
