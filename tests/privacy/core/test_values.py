"""Points, squares and blobs: what they hold is reachable by name, and by no accident."""

import copy
import dataclasses
import json
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.errors import BadCell
from privacy.core.grid import EUROPE
from privacy.core.values import Cell, ExactPoint, Sealed

LON, LAT = 2.3522, 48.8566
TRACES = ("2.3522", "48.8566", "2889000", "3760500", "73656372")


def point() -> ExactPoint:
    return ExactPoint(LON, LAT)


def cell() -> Cell:
    return Cell(500, 2_889_000, 3_760_500)


class TestExactPoint:
    def test_it_holds_what_it_was_given(self) -> None:
        assert (point().lon, point().lat) == (LON, LAT)
        assert point() == point()
        assert point() != ExactPoint(LON, LAT + 1e-9)

    def test_no_text_of_it_tells_where(self) -> None:
        for text in (repr(point()), str(point()), repr([point()]), repr({"p": point()}), f"{point()!r}"):
            assert "ExactPoint" in text
            assert not any(trace in text for trace in TRACES)

    def test_formatting_it_fails(self) -> None:
        with pytest.raises(TypeError):
            f"{point()}"
        with pytest.raises(TypeError):
            "{}".format(point())  # noqa: UP032

    def test_a_log_line_does_not_tell_where(self, caplog: pytest.LogCaptureFixture) -> None:
        logging.getLogger("test").warning("met at %s, %r", point(), cell())
        assert "met at ExactPoint" in caplog.text
        assert not any(trace in caplog.text for trace in TRACES)

    def test_a_traceback_with_locals_does_not_tell_where(self) -> None:
        def fail(place: ExactPoint, square: Cell) -> None:
            raise ValueError

        with pytest.raises(ValueError) as caught:
            fail(point(), cell())
        text = "".join(
            traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
        )
        assert "place = ExactPoint" in text
        assert not any(trace in text for trace in TRACES)

    @pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash, vars])
    def test_no_way_out(self, way: object) -> None:
        with pytest.raises(TypeError):
            way(point())  # type: ignore[operator]

    def test_it_is_no_dataclass_and_has_no_dict(self) -> None:
        assert not dataclasses.is_dataclass(ExactPoint)
        assert not hasattr(point(), "__dict__")

    def test_it_does_not_change(self) -> None:
        place = point()
        for name in ("lon", "_lon", "note"):
            with pytest.raises(AttributeError):
                setattr(place, name, 0.0)
        with pytest.raises(AttributeError):
            del place._lon
        assert place == point()

    @pytest.mark.parametrize(
        ("lon", "lat"),
        [(181, 0), (0, 91), (float("nan"), 0), (0, float("inf")), (True, 0), ("2.3", 48.8), (None, None)],
    )
    def test_it_refuses_what_is_no_place(self, lon: float, lat: float) -> None:
        with pytest.raises(BadCell) as caught:
            ExactPoint(lon, lat)
        assert str(caught.value) == "bad-cell"


class TestCell:
    def test_identifier_there_and_back(self) -> None:
        assert cell().id == "CRS3035RES500mN2889000E3760500"
        assert Cell.parse(cell().id) == cell()
        assert hash(Cell.parse(cell().id)) == hash(cell())

    @given(
        st.sampled_from(EUROPE.ladder),
        st.integers(900_000 // 250, 5_499_750 // 250),
        st.integers(900_000 // 250, 7_399_750 // 250),
    )
    def test_every_square_has_one_spelling(self, size: int, row: int, column: int) -> None:
        square = Cell(size, row * 250 // size * size, column * 250 // size * size)
        assert Cell.parse(square.id) == square

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "CRS3035RES500mN2889000E3760500 ",
            "CRS3035RES500mN2889000E3760500\n",
            "CRS3035RES500mN02889000E3760500",
            "CRS3035RES1000mN0900000E3760000",
            "CRS3035RES500mN2889000E3760501",
            "CRS3035RES500mN2889250E3760500",
            "CRS3035RES200mN2889000E3760400",
            "CRS3035RES100mN2889000E3760500",
            "CRS3035RES0mN2889000E3760500",
            "CRS4326RES500mN2889000E3760500",
            "crs3035res500mn2889000e3760500",
            "CRS3035RES500mN2889000E",
            "CRS3035RES500mE3760500N2889000",
            "CRS3035RES500mN-500E3760500",
            "CRS3035RES500mN٢٨٨٩٠٠٠E3760500",
            "CRS3035RES1000mN5500000E3760000",
            "CRS3035RES1000mN2889000E899000",
            "NL_CRS3035RES1000mN3150000E3858000",
        ],
    )
    def test_other_spellings_are_refused(self, text: str) -> None:
        with pytest.raises(BadCell):
            Cell.parse(text)

    @given(st.text())
    def test_no_text_breaks_the_parser(self, text: str) -> None:
        with pytest.raises(BadCell):
            Cell.parse(text)

    @pytest.mark.parametrize("text", [None, 5, b"CRS3035RES500mN2889000E3760500"])
    def test_other_types_are_refused(self, text: str) -> None:
        with pytest.raises(BadCell):
            Cell.parse(text)

    @pytest.mark.parametrize(
        "numbers", [(500.0, 2_889_000, 3_760_500), (500, 2_889_000.0, 3_760_500), (True, 0, 0)]
    )
    def test_whole_numbers_only(self, numbers: tuple[int, int, int]) -> None:
        with pytest.raises(BadCell):
            Cell(*numbers)

    def test_no_text_of_it_tells_where(self) -> None:
        for text in (repr(cell()), str(cell()), f"{cell()}"):
            assert text == "Cell(500 m, …)"


class TestSealed:
    def test_bytes_are_asked_for_by_name(self) -> None:
        sealed = Sealed(b"secret")
        assert bytes(sealed) == b"secret"
        assert len(sealed) == 6
        assert sealed == Sealed(b"secret")
        assert sealed != Sealed(b"other")
        assert {sealed: 1}[Sealed(b"secret")] == 1

    def test_no_text_of_it_tells_what(self) -> None:
        for text in (repr(Sealed(b"secret")), str(Sealed(b"secret")), f"{Sealed(b'secret')}"):
            assert text == "Sealed(6 bytes)"

    def test_it_is_inert(self) -> None:
        sealed = Sealed(b"secret")
        with pytest.raises(TypeError):
            pickle.dumps(sealed)
        with pytest.raises(TypeError):
            json.dumps(sealed)
        with pytest.raises(TypeError):
            sealed[0]  # type: ignore[index]
        with pytest.raises(AttributeError):
            sealed._blob = b"other"

    def test_it_keeps_its_own_bytes(self) -> None:
        source = bytearray(b"secret")
        sealed = Sealed(source)  # type: ignore[arg-type]
        source[0] = 0
        assert bytes(sealed) == b"secret"
