"""Nothing that opens a door or names a person is said."""

from __future__ import annotations

import pytest

from kpi_pipeline.connectors.redact import Redactor


@pytest.mark.parametrize(
    "secret",
    [
        "rk_live_51Habcdefghijk",
        "sk_test_4eC39HqLyjWDarjt",
        "sk_live_****************abcd",
        "pat-eu1-11111111-2222-3333-4444-555555555555",
        "tfp_AbCdEf0123_456-xyz",
        "u1234567-0123456789abcdef01234567",
        "lin_api_0123456789abcdef",
        "github_pat_11ABCDEFG0abcdefghij_KLMNOP",
        "ghp_0123456789abcdefABCDEF0123456789abcd",
        "key-0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef-01234567-89abcdef",
        "ya29.a0AfH6SMBx-y_z.0123456789",
        "ann.lee+kpi@mail.example.org",
        "ann%40example.org",
    ],
)
def test_keys_and_addresses_are_known_by_their_shape(secret: str) -> None:
    said = Redactor()(f"Invalid key '{secret}' given.")
    assert secret not in said
    assert said.startswith("Invalid key '***")
    assert said.endswith("' given.")


@pytest.mark.parametrize("text", ["Authorization: Bearer abc.def", "http://me:pass1@host/x", "/x?a=1&api_key=abc.def"])
def test_and_by_where_they_stand(text: str) -> None:
    said = Redactor()(text)
    assert "abc.def" not in said
    assert "pass1" not in said


def test_our_own_key_is_found_in_every_spelling() -> None:
    spellings = "s3cret/with+signs== s3cret%2Fwith%2Bsigns%3D%3D czNjcmV0L3dpdGgrc2lnbnM9PQ=="
    assert Redactor(["s3cret/with+signs=="])(spellings) == "*** *** ***"


def test_ids_counts_and_paths_stay_readable() -> None:
    text = "GET /v1/invoices/in_1Pgc6tB7WZ01zgkWu9fdqL6I: HTTP 500: request req_0123456789abcd, deal 21678228008"
    assert Redactor()(text) == text


def test_long_answers_are_cut() -> None:
    assert len(Redactor()("x " * 5000)) == 400


def test_a_cut_leaves_no_half_of_a_secret() -> None:
    for addresses in range(1, 110):
        assert "rk_live" not in Redactor()("ann@example.org " * addresses + "rk_live_51Habcdefghijk " * 20)
