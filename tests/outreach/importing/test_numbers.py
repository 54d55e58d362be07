"""Coordinates as people and tools write them, in cells of their own or in one; what cannot be sure is not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.importing import numbers

PARIS = (2.3483, 48.8611)


@pytest.mark.parametrize(
    "text",
    ["48.8611", "48,8611", "+48.8611", "48.8611°", "48.8611 °N", "48,8611\u00a0°\u202fN", "N48.8611", "48.8611n",
     " 48.8611 ", "4.88611e1", "48°51'39.96\"N", "48° 51′ 39,96″ N", "N 48°51'39.96\"", "48°51.666' N", "48°51,666'", "'48.8611",
     "48°51’39.96”N"],
)  # fmt: skip
def test_a_latitude(text: str) -> None:
    assert numbers.degrees(text, "lat") == pytest.approx(48.8611, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    ["-1.5536", "−1.5536", "1.5536 W", "1,5536° O", "W1.5536", "1°33'12.96\"W", "-1°33'12.96\"", "'-1.5536"],
)
def test_a_longitude_west_of_greenwich(text: str) -> None:
    assert numbers.degrees(text, "lon") == pytest.approx(-1.5536, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "nan",
        "inf",
        "0x2",
        "48.8611 E",
        "-48.8611 N",
        "48°61'N",
        "48°51.666'10\"",
        "-48°51'N",
        "4 8.8.6",
        "１",
        "1234.5",
        "N",
        "°",
    ],
)
def test_what_is_no_latitude(text: str) -> None:
    with pytest.raises(ValueError):
        numbers.degrees(text, "lat")


@pytest.mark.parametrize(
    "text",
    ["48.8611,2.3483", "48.8611, 2.3483", "48.8611 2.3483", "48.8611;2.3483", "48.8611 / 2.3483", "48.8611|2.3483",
     "48.8611 2.3483 0 0", "48.8611 2.3483 1035.5 4.9", "48.8611,2.3483,35,5", "48,8611 2,3483", "48,8611; 2,3483",
     "48,8611, 2,3483", "48,8611,2,3483", "(48.8611, 2.3483)", "[48.8611, 2.3483]", "48.8611° N, 2.3483° E",
     "48.8611 N 2.3483 E", "48.8611\u00a0;\u00a02.3483", "48.8611\t2.3483", "48.8611 ,2.3483", "N48.8611 E2.3483",
     "N 48.8611 E 2.3483", "N 48° 51.666' E 2° 20.898'", "N48° 51' 39.96\" / E2° 20' 53.88\"",
     "N 48°51'39.96\" E 2°20'53.88\"", "48°51.666' N, 2°20.898' E", "48°51'39.96\" 2°20'53.88\"", "'48.8611,2.3483"],
)  # fmt: skip
def test_latitude_and_longitude_in_one_cell(text: str) -> None:
    assert numbers.pair(text, lat_first=True) == pytest.approx(PARIS)


@pytest.mark.parametrize(
    "text", ["2.3483,48.8611", "[2.3483, 48.8611]", "2,3483 48,8611", "2.3483 E, 48.8611 N"]
)
def test_longitude_first_when_the_mapping_says_so(text: str) -> None:
    assert numbers.pair(text, lat_first=False) == pytest.approx(PARIS)


@pytest.mark.parametrize(
    "text",
    ["POINT(2.3483 48.8611)", "MULTIPOINT ((2.3483 48.8611))", "multipoint(2.3483 48.8611)",
     "POINT Z (2.3483 48.8611 35)", "SRID=4326;POINT (2.3483 48.8611)",
     '{"lon": 2.3483, "lat": 48.8611}', '{"Latitude": "48.8611", "Longitude": "2.3483"}',
     '{"type": "Point", "coordinates": [2.3483, 48.8611]}'],
)  # fmt: skip
@pytest.mark.parametrize("lat_first", [True, False])
def test_what_names_its_parts_is_read_by_their_names(text: str, lat_first: bool) -> None:
    assert numbers.pair(text, lat_first=lat_first) == pytest.approx(PARIS)


@pytest.mark.parametrize(
    "text",
    ["", "48.8611", "48.8611,", "gare du Nord", "48.8611,2.3483,est", "a,b", "1,2,3,4,5", "48.8049,2,1204",
     "2.3483 E, 48.8611 N", "{",
     "{}", '{"lon": 2}', "POINT EMPTY", "MULTIPOINT (2 48, 3 49)", "POINT ((2 48)", "POINT (2 48))",
     '{"lat": 48.8, "lat": 2.3, "lon": 2.3}', '{"lat": 48.8, "LAT": 2.3, "lon": 2.3}',
     "LINESTRING(2 48, 3 49)", "48.8611 2.3483 0 0 0"],
)  # fmt: skip
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError):
        numbers.pair(text, lat_first=True)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_pair_that_a_program_writes_comes_back(lat: float, lon: float) -> None:
    assert numbers.pair(f"{lat:.6f},{lon:.6f}", lat_first=True) == pytest.approx((lon, lat), abs=1e-6)
    assert numbers.pair(f"{lat!r} {lon!r} 0 0", lat_first=True) == pytest.approx((lon, lat))


@given(st.text(max_size=40))
def test_any_text_is_a_pair_or_a_value_error(text: str) -> None:
    for read in (lambda: numbers.pair(text, lat_first=True), lambda: numbers.degrees(text, "lon")):
        try:
            assert read()  # a pair, or a number that is not zero
        except ValueError:
            continue
        except AssertionError:
            assert numbers.degrees(text, "lon") == 0
