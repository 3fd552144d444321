"""Unit tests of alert rules, as people write them in YAML: what is measured and done, and what must be told."""
