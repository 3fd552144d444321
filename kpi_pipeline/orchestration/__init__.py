"""The pipeline as Dagster sees it: assets, checks, partitions, jobs, schedules and sensors. No rule of its own."""
