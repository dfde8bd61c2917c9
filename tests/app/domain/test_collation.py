from __future__ import annotations

import pytest

from app.domain.collation import collation
from app.domain.names import natural_key


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("en_GB", "Ana Äpfel Azur Öl Zebra"),
        ("de", "Ana Äpfel Azur Öl Zebra"),
        ("sv_SE", "Ana Azur Olja Zebra Zz Ål Äpple Öl"),
        ("da", "Ana Zebra Ærø Øl Århus"),
        ("es-ES", "nada nube nzz ñandú oso"),
        ("cs", "cena czz čaj dům had hzz chata idea"),
        ("tr", "hzz ılık Işık ilk İzmir jale"),
        ("hu", "cukor czz csak dal"),
        ("sv", "rum 2 rum 10"),
    ],
)
def test_texts_sort_as_in_their_language(language: str, ordered: str) -> None:
    words = ordered.split(" ") if "rum" not in ordered else ["rum 2", "rum 10"]
    assert sorted({*words}, key=collation(language)) == words


def test_others_sort_as_names_do() -> None:
    assert collation("en_US") is natural_key
    assert collation("") is natural_key
