"""The running stand-in, and how the parts of the judge check something."""

import json
import time
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

PATIENCE = 20  # seconds
counted = 0


def check(what, got, wanted):
    """Counts a check; ends with a sentence when it does not hold."""
    global counted
    counted += 1
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def refused(what, code, call, **arguments):
    try:
        call(**arguments)
    except SlackApiError as error:
        check(what, error.response["error"], code)
        return error.response
    raise AssertionError(f"{what}: not refused")


class Town:
    """The running stand-in."""

    def __init__(self, line):
        self.__dict__.update(line)
        self.web = WebClient(token=self.bot_token, base_url=self.api)

    def inject(self, kind, **fields):
        body = json.dumps({"type": kind, **fields}).encode()
        request = urllib.request.Request(
            self.inject_url, body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def state(self):
        return self.inject("state")

    def sockets(self):
        return self.state()["sockets"]

    def opened(self):
        """How many sockets there were so far."""
        return self.state()["opened"]

    def seen(self, user="ann", channel="#general", **more):
        """Waits until somebody sees a message: with `contains`, `since`, `thread_ts`, `ephemeral` …"""
        answer = self.inject("wait", user=user, channel=channel, seconds=PATIENCE, **more)
        if not answer["found"]:
            raise AssertionError(f"{user} does not see {more}")
        return answer["message"]

    def view(self, title, user="ann"):
        """Waits until somebody has a modal of that title on top."""

        def top():
            views = [its for its in self.inject("sees", user=user)["views"] if its["type"] == "modal"]
            return views[-1] if views and views[-1]["title"] == title else None

        return until(f"a modal called {title}", top)


def until(what, found):
    """Waits for something that another thread does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: it did not happen")
