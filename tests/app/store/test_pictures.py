"""Photos of phones and first pages of PDFs: small pictures, and bounds on hostile ones."""

from __future__ import annotations

import io
from datetime import UTC
from pathlib import Path

import pytest
from PIL import Image

from app.store import images, pdf_page
from app.store.attachments import Attachments
from tests.app.store.replicas import replica

HEIC = Path(__file__).parent / "photo.heic"


def pdf(width: int = 600, height: int = 300, content: bytes = b"1 0 0 rg 0 0 300 300 re f") -> bytes:
    """A PDF of one page, its left half red."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R >>" % (width, height),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    body = b"%PDF-1.4\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1)
    )
    return body + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF\n"


def test_the_first_page_of_a_pdf_shows_at_once_and_stays_encrypted(tmp_path: Path) -> None:
    project = replica(tmp_path, 1, alone=True)
    files = Attachments(project, tmp_path / "p.files")
    issue, _ = project.create("issue", {"title": "Doors"})
    record, _ = files.add_bytes(issue, "Doors.pdf", pdf())
    small = files.thumbnail(record)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (512, 256)
        red, green, _ = image.getpixel((100, 100))  # type: ignore[misc]
        assert red > 200 > 60 > green
        assert image.getpixel((400, 100)) == (255, 255, 255)
    with files.open(record) as plain:
        assert plain.read() == pdf()


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.4", pdf()[:200], b"no pdf at all", pdf(10**9, 10**9), b"%PDF-1.7\n" + bytes(10_000)],
)
def test_a_pdf_that_cannot_be_drawn_has_no_picture(data: bytes) -> None:
    found = pdf_page.first_page(io.BytesIO(data), 256)
    assert found is None or len(found) < 100_000


def test_a_pdf_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_page, "SECONDS", 0.01)
    assert pdf_page.first_page(io.BytesIO(pdf()), 256) is None


def test_a_photo_of_a_phone_is_read(tmp_path: Path) -> None:
    with HEIC.open("rb") as source:
        small = images.thumbnail(source, 64)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (64, 48)
    with HEIC.open("rb") as source:
        assert images.large(source) is not None
    with HEIC.open("rb") as source:
        assert images.captured(source, UTC) == 1_772_807_520_000
    project = replica(tmp_path, 1, alone=True)
    files = Attachments(project, tmp_path / "p.files")
    record, _ = files.add(project.create("issue", {"title": "A"})[0], HEIC)
    assert files.file(record).is_image
    assert files.thumbnail(record) is not None


def test_damaged_photos_of_phones_have_no_picture() -> None:
    whole = HEIC.read_bytes()
    for cut in range(0, len(whole), 37):
        images.thumbnail(io.BytesIO(whole[:cut]), 64)
        images.thumbnail(io.BytesIO(whole[:cut] + b"\xff" * 8 + whole[cut + 8 :]), 64)
