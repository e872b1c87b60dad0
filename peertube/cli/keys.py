"""``peertubectl keys``: the key pair by which friends know this pod."""

import hashlib

import click

from peertube.cli.console import EXIT_REFUSED, EXIT_UNAVAILABLE, Console, command_options
from peertube.errors import Invalid
from peertube.files.certs import PRIVATE_NAME
from peertube.files.certs import rotate as make_another
from peertube.signatures import keys as pairs

_LARGEST = 32 * 1024


@click.group()
@command_options
def keys() -> None:
    """The key pair by which friends know this pod.

    \b
    Example:
      peertubectl keys show
    """


@keys.command()
@command_options
@click.pass_obj
def rotate(console: Console) -> None:
    """Make a new key pair. Friends accept it because the old one signs it; the pod tells them when it is started next.

    Friends that speak only version 3 of the pods' protocol go on with the old key, which is kept beside the new one.
    The page Network names them; `peertubectl federation renew` makes the friendship anew with the new key.

    \b
    Example:
      peertubectl keys rotate && systemctl restart peertube
    """
    folder = console.load().settings.storage.certs
    try:
        fingerprint = make_another(folder)
    except OSError as error:
        console.fail(EXIT_UNAVAILABLE, "no_key", f"no key can be written to {folder.absolute()}: {error.strerror}")
    except Invalid as error:
        console.fail(EXIT_REFUSED, error.code, error.detail)
    console.answer({"fingerprint": fingerprint}, "The key was changed. Restart the pod: it tells its friends then.")


@keys.command()
@command_options
@click.pass_obj
def show(console: Console) -> None:
    """The host, the public key and its fingerprint (SHA-256 of peertube.pub), to compare with a friend by telephone.

    \b
    Examples:
      peertubectl keys show
      peertubectl keys show --json | jq -r .fingerprint
    """
    settings = console.load().settings
    path = settings.storage.certs / PRIVATE_NAME
    try:
        with path.open("rb") as file:
            private = pairs.load_private(file.read(_LARGEST))
    except OSError as error:
        reason = "start the pod once" if isinstance(error, FileNotFoundError) else error.strerror
        console.fail(EXIT_UNAVAILABLE, "no_key", f"there is no key at {path.absolute()}: {reason}")
    except Invalid as error:
        console.fail(EXIT_REFUSED, error.code, f"{path.absolute()}: {error.detail}")
    public = pairs.public_pem(private.public_key())
    fingerprint = hashlib.sha256(public.encode("ascii")).hexdigest()
    if not console.as_json:
        click.echo(public, nl=False)
    console.answer(
        {
            "host": settings.webserver.host,
            "fingerprint": fingerprint,
            "bits": private.key_size,
            "file": str(path.absolute()),
            **({"publicKey": public} if console.as_json else {}),
        },
        "Friends know this pod by this key.",
    )
