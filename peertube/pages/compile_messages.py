"""``python -m peertube.pages.compile_messages``: make the ``messages.mo`` of each language from its ``messages.po``."""

from babel.messages.mofile import write_mo

from peertube.pages.messages import languages, read


def main() -> None:
    """Compile every catalogue."""
    for path in languages():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))


if __name__ == "__main__":
    main()
