"""A program of its own, run in the sandbox: an image on standard input, JPEGs of it on standard output.

``python -I picture_program.py FORMAT[,FORMAT…] WAY WIDTHxHEIGHT:BYTES…`` where the formats are Pillow's names of what
is accepted, and each size has the most bytes that its file may have. WAY ``whole`` keeps upright images whole before a
blurred copy of themselves; ``cover`` cuts what stands out. Output: for each size, in that order, four bytes with the
length of the file (big-endian), then the file. An image that is none, or that is too large to look at, ends it with
exit code 65 (`sysexits.h`: data error) and a sentence on standard error.
"""

import io
import sys
import warnings

from PIL import Image, ImageFilter, ImageOps

MAXIMUM_INPUT_BYTES = 20 * 2**20
MAXIMUM_PIXELS = 60_000_000
DATA_ERROR = 65

_QUALITIES = (85, 78, 70, 60, 50, 40, 30, 20, 10, 5)


def main(arguments: list[str]) -> int:
    """Read, make every picture, write."""
    Image.MAX_IMAGE_PIXELS = MAXIMUM_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    content = sys.stdin.buffer.read(MAXIMUM_INPUT_BYTES + 1)
    if len(content) > MAXIMUM_INPUT_BYTES:
        print("The image is too large", file=sys.stderr)  # noqa: T201  standard error is how this program answers
        return DATA_ERROR
    try:
        formats, way, *sizes = arguments
        wanted = [_size(size) for size in sizes]
        image = _open(content, formats.split(","), wanted)
        fit = _fitted if way == "whole" else _covering
        pictures = [(fit(image, size), most) for size, most in wanted]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        print("The image has too many pixels", file=sys.stderr)  # noqa: T201
        return DATA_ERROR
    except Exception as error:  # whatever a decoder makes of hostile bytes; this process ends either way
        print(f"Not an image: {type(error).__name__}", file=sys.stderr)  # noqa: T201
        return DATA_ERROR
    for picture, most in pictures:
        made = _jpeg(picture, most)
        sys.stdout.buffer.write(len(made).to_bytes(4, "big") + made)
    return 0


def _size(text: str) -> tuple[tuple[int, int], int]:
    size, _, most = text.partition(":")
    width, _, height = size.partition("x")
    return (int(width), int(height)), int(most)


def _open(content: bytes, formats: list[str], wanted: list[tuple[tuple[int, int], int]]) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(content), formats=formats)
    image.draft("RGB", (max(width for (width, _), _ in wanted) * 2, max(height for (_, height), _ in wanted) * 2))
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen.getchannel("A"))
    return image.convert("RGB")


def _covering(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of `image`, filling `size`."""
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` filling `size`: a wide one cut at the edges, an upright one whole before a blurred copy of itself."""
    filled = _covering(image, size)
    if image.width > image.height:
        return filled
    whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    filled = filled.filter(ImageFilter.GaussianBlur(size[1] / 12))
    filled.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return filled


def _jpeg(image: Image.Image, maximum_bytes: int) -> bytes:
    """A JPEG of at most `maximum_bytes`, as good as that allows."""
    content = b""
    for quality in _QUALITIES:
        written = io.BytesIO()
        image.save(written, "JPEG", quality=quality, optimize=True, progressive=False)
        content = written.getvalue()
        if len(content) <= maximum_bytes:
            break
    return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
