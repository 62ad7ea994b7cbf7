"""One-time codes: the vectors of the RFCs, clocks that differ, and text that is no code."""

from base64 import b32encode

import pytest

from talome.accounts.factors.totp import code_at, matching_step, new_secret, setup_uri

RFC = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(at_s: int, code: str) -> None:
    assert code_at(RFC, at_s // 30, digits=8) == code


def test_the_vectors_of_rfc_4226() -> None:
    codes = " ".join(code_at(RFC, count) for count in range(10))
    assert codes == "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"


def test_a_clock_may_differ_by_one_period_and_no_more() -> None:
    now = 100_000 * 30 + 14
    assert [matching_step(RFC, code_at(RFC, 100_000 + drift), now) for drift in (-2, -1, 0, 1, 2)] == [
        None, 99_999, 100_000, 100_001, None,
    ]  # fmt: skip
    spaced = code_at(RFC, 100_000)
    assert matching_step(RFC, f" {spaced[:3]} {spaced[3:]} ", now) == 100_000


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "٠١٢٣٤٥", "\x00" * 6, "-12345", "9" * 500]
)
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert matching_step(RFC, typed, 1234567890) is None


def test_the_address_for_the_qr_code_takes_any_name() -> None:
    secret = new_secret()
    assert len(secret) == 32
    uri = setup_uri(secret, "a&b:c ü", "box.local:4000")
    assert uri.startswith("otpauth://totp/Talome%20box.local%204000:a%26b%3Ac%20%C3%BC?secret=" + secret)
    assert uri.endswith("&issuer=Talome%20box.local%204000&algorithm=SHA1&digits=6&period=30")
