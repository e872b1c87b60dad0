"""Handles of accounts and channels: ``name`` for one of this pod, ``name@host`` for any."""

from attrs import frozen

from peertube.config.schema import WebServer
from peertube.errors import Invalid, NotFound
from peertube.model.accounts import LOCAL
from peertube.policy import names
from peertube.policy.hosts import normalise


@frozen
class Handles:
    """Reads handles as this pod understands them."""

    web: WebServer

    def split(self, handle: str) -> tuple[str, str]:
        """The host (LOCAL for this pod) and the name; `NotFound` when the host is none: nobody is called so."""
        name, host = names.split_handle(handle)
        if host is None:
            return LOCAL, name
        try:
            normal = normalise(host, https=self.web.https)
        except Invalid as error:
            raise NotFound("There is no such account or channel") from error
        return LOCAL if normal == self.web.host else normal, name
