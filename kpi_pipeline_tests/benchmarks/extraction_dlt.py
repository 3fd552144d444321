"""The peer: dlt's `rest_api` source into Parquet files, as a dlt user would write it for this list.

dlt does more than we: it infers a schema, unnests child tables and keeps state; we land the columns that a model names.
`python extraction_dlt.py URL FOLDER FIRST END WINDOWS`: with more than one window each is a resource of its own, all
`.parallelize()`d with a worker each.
"""

from __future__ import annotations

import os
import sys


def main(url: str, folder: str, first: int, end: int, windows: int) -> None:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["EXTRACT__WORKERS"] = str(windows)
    os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"
    os.environ["DLT_DATA_DIR"] = folder
    import dlt
    from dlt.sources.rest_api import rest_api_source

    width = -(-(end - first) // windows)
    paginator = {
        "type": "cursor",
        "cursor_path": "data[-1].id",
        "cursor_param": "starting_after",
        "has_more_path": "has_more",
    }
    source = rest_api_source(
        {
            "client": {"base_url": url, "auth": {"type": "bearer", "token": "sk_test_bench"}, "paginator": paginator},
            "resource_defaults": {"primary_key": "id", "write_disposition": "append"},
            "resources": [
                {
                    "name": f"subscriptions_{number}",
                    "table_name": "subscriptions",
                    "endpoint": {
                        "path": "v1/subscriptions",
                        "data_selector": "data",
                        "params": {
                            "limit": 100,
                            "created[gte]": first + number * width,
                            "created[lt]": min(end, first + (number + 1) * width),
                        },
                    },
                }
                for number in range(windows)
            ],
        }
    )
    if windows > 1:
        for resource in source.resources.values():
            resource.parallelize()
    pipeline = dlt.pipeline(
        "extraction",
        pipelines_dir=f"{folder}/pipelines",
        destination=dlt.destinations.filesystem(bucket_url=f"file://{folder}/landed"),
        dataset_name="bench",
    )
    pipeline.run(source, loader_file_format="parquet")
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(counts["subscriptions"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
