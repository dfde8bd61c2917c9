"""Headless Chromium, driven over its debugging pipe: JSON messages with a zero byte after each, both ways."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    # Only pages of ours are loaded, and a sandbox needs rights that a container rarely gives.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1000,800",
)


def chromium() -> str | None:
    """The path of the browser; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class PageError(Exception):
    """Something in the page failed; the text is the page's own."""


class Browser:
    """One browser with one page. ``profile`` is an empty folder for what it writes; ``flags`` are further ones."""

    def __init__(self, program: str, profile: Path, page: Path, flags: Sequence[str] = ()) -> None:
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        # The browser wants the pipe at the numbers 3 and 4, which only a shell gives without code between fork
        # and exec.
        arrange = f'exec "$@" 3<&{to_read} 4>&{from_write}'
        self._process = subprocess.Popen(
            [
                "bash",
                "-c",
                arrange,
                "bash",
                program,
                *_FLAGS,
                *flags,
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_read, from_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(from_write)
        self._out, self._in = to_write, from_read
        self._buffer = bytearray()
        self._number = 0
        self._session = ""
        self.errors: list[str] = []
        """What the page threw outside of any call."""
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Runtime.enable")
        self.call("Page.enable")
        self.call("Page.navigate", url=page.as_uri())
        self.run(
            "new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, page: Path) -> None:
        """Load a page anew."""
        self.call("Page.navigate", url=page.as_uri())
        self.run(
            "new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))"
        )

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        with suppress(PageError, OSError):
            self.call("Browser.close")
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call the browser by its protocol, and wait for the answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._receive(method)
            if answer.get("id") == self._number:
                break
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(_told(answer["params"]["exceptionDetails"]))
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        found: dict[str, Any] = answer["result"]
        return found

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited if it is a promise. Raises PageError if it throws."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise PageError(_told(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def ask(self, function: str, *arguments: Any) -> Any:
        """Call a function of the page with JSON arguments."""
        return self.run(f"{function}({', '.join(json.dumps(each) for each in arguments)})")

    def press(self, key: str, code: int, text: str = "", modifiers: int = 0) -> None:
        """Press and release one key. ``code`` is its Windows virtual key code; modifiers: 2 Ctrl, 8 Shift."""
        same: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        if text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **same)
        else:
            self.call("Input.dispatchKeyEvent", type="rawKeyDown", **same)
        self.call("Input.dispatchKeyEvent", type="keyUp", **same)

    def type(self, text: str) -> None:
        """Type letters, digits and spaces, and Enter for a newline."""
        for each in text:
            if each == "\n":
                self.press("Enter", 13, "\r")
            else:
                self.press(each, ord(each.upper()), each)

    def _receive(self, method: str) -> dict[str, Any]:
        end = time.monotonic() + _SECONDS
        while (at := self._buffer.find(0)) < 0:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                state = "ended" if ready else f"said nothing for {_SECONDS} s"
                raise PageError(f"the browser {state} ({method})")
            self._buffer += data
        message: dict[str, Any] = json.loads(self._buffer[:at])
        del self._buffer[: at + 1]
        return message


def _told(details: dict[str, Any]) -> str:
    thrown = details.get("exception", {})
    return str(thrown.get("description") or details.get("text"))
