"""Debian's Chromium, driven by Playwright, for tests that look at pages as people do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")

_SWITCHES = [
    "--no-sandbox",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person with a browser profile of their own; notes what the pages complain about."""

    def __init__(self, browser: Browser, **settings: Any) -> None:
        self.context = browser.new_context(**settings)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def sign_in(self, origin: str, password: str) -> None:
        """Through the login page, as root."""
        self.page.goto(f"{origin}/login")
        self.page.fill("input[name=username]", "root")
        self.page.fill("input[name=password]", password)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def player(self) -> dict[str, str]:
        """What the player says of itself."""
        found: dict[str, str] = self.page.eval_on_selector("#player", "element => ({...element.dataset})")
        return found

    def playing_time(self) -> float:
        """Where the video is, in seconds."""
        return float(self.page.eval_on_selector("#player video", "element => element.currentTime"))
