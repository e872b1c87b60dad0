"""Real media files, made by the tests that need them."""

import subprocess
from pathlib import Path


def make(path: Path, *arguments: str) -> Path:
    """Run ffmpeg with `arguments`, writing to `path`."""
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(path)], check=True, timeout=60, capture_output=True
    )
    return path


def video(path: Path, *, size: str = "320x180", seconds: float = 1, audio: bool = True) -> Path:
    """A coloured test picture with a tone; the container follows the name's ending."""
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-shortest"] if audio else []
    return make(path, "-f", "lavfi", "-i", f"testsrc=size={size}:rate=25:duration={seconds}", *sound)
