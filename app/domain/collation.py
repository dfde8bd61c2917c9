"""The order of texts in a language: where its alphabet puts letters that others take for accented ones.

Numbers are in natural order, case and other accents are ignored, as in ``app.domain.names.natural_key``. Which
letters stand by themselves follows the tailorings of the Unicode CLDR for each language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from app.domain.names import natural_key

_AFTER = "\U0010fff0"
"""After all letters, so that what follows its base letter comes behind everything that begins with that."""

# The letters that stand by themselves, behind the one that they follow.
_NORDIC = "z: å ä æ ö ø"
_DANISH = "z: æ ä ø ö å"
_TAILORED: dict[str, tuple[str, ...]] = {
    "sv": ("z: å ä æ ö ø",),
    "fi": (_NORDIC,),
    "da": (_DANISH,),
    "nb": (_DANISH,),
    "nn": (_DANISH,),
    "no": (_DANISH,),
    "is": ("a: á", "d: ð", "e: é", "i: í", "o: ó", "u: ú", "y: ý", "z: þ æ ö å"),
    "es": ("n: ñ",),
    "pl": ("a: ą", "c: ć", "e: ę", "l: ł", "n: ń", "o: ó", "s: ś", "z: ź ż"),
    "cs": ("c: č", "h: ch", "r: ř", "s: š", "z: ž"),
    "sk": ("a: ä", "c: č", "h: ch", "o: ô", "s: š", "z: ž"),
    "hr": ("c: č ć", "d: dž đ", "l: lj", "n: nj", "s: š", "z: ž"),
    "sl": ("c: č ć", "d: đ", "s: š", "z: ž"),
    "hu": ("c: cs", "d: dz dzs", "g: gy", "l: ly", "n: ny", "o: ö", "s: sz", "t: ty", "u: ü", "z: zs"),
    "ro": ("a: ă â", "i: î", "s: ș ş", "t: ț ţ"),
    "tr": ("c: ç", "g: ğ", "h: ı", "o: ö", "s: ş", "u: ü"),
    "az": ("c: ç", "e: ə", "g: ğ", "h: x ı", "o: ö", "s: ş", "u: ü"),
    "et": ("s: š z ž", "w: õ ä ö ü"),
    "lv": ("c: č", "g: ģ", "k: ķ", "l: ļ", "n: ņ", "s: š", "z: ž"),
    "lt": ("c: č", "s: š", "z: ž"),
    "cy": ("c: ch", "d: dd", "f: ff", "l: ll", "p: ph", "r: rh", "t: th"),
}


@lru_cache(maxsize=8)
def collation(language: str) -> Callable[[str], str]:
    """The key that texts of a language are sorted by; ``language`` is a code such as ``sv`` or ``sv_SE``.

    A language that needs nothing of its own has ``natural_key``.
    """
    tailored = _TAILORED.get(re.split(r"[-_.@]", language.lower())[0])
    if tailored is None:
        return natural_key
    places: dict[str, str] = {}
    for row in tailored:
        base, _, letters = row.partition(": ")
        for place, letter in enumerate(letters.split(" ")):
            places[letter] = f"{base}{_AFTER}{chr(0x10FF00 + place)}"
    # The longest first: “dzs” is not “dz” and an s.
    pattern = re.compile("|".join(sorted(map(re.escape, places), key=len, reverse=True)))
    turkic = "ı" in places

    def key(text: str) -> str:
        lowered = unicodedata.normalize("NFC", text)
        lowered = (lowered.replace("I", "ı").replace("İ", "i") if turkic else lowered).lower()
        return natural_key(pattern.sub(lambda match: places[match.group()], lowered))

    return key
