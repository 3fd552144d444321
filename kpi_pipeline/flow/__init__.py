"""The way from a vendor to a notice, step by step; Dagster and the command line only call these steps."""
