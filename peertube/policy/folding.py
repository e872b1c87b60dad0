"""One spelling for texts that are compared when someone searches: without case and without accents."""

import unicodedata

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)


def fold(text: str) -> str:
    """`text` in lower case, without accents, with single blanks between words: ``Élan  VITAL`` gives ``elan vital``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(plain.casefold().translate(_LETTERS_WITHOUT_DECOMPOSITION).split())
