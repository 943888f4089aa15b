"""Socket Mode under `SocketModeClient`: events, redelivery, reconnects."""

import queue
import threading

from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from town import PATIENCE, check, refused, until


class Listener:
    """A client that keeps what it hears, and acknowledges it unless it is told not to."""

    def __init__(self, town):
        self.heard = queue.Queue()
        self.quiet = threading.Event()
        self.known = set()
        self.client = SocketModeClient(app_token=town.app_token, web_client=town.web, ping_interval=1)
        self.client.socket_mode_request_listeners.append(self.listen)
        self.client.connect()
        until("a socket", lambda: town.sockets() == 1)

    def listen(self, client, request):
        if not self.quiet.is_set():
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        self.heard.put(request)

    def next(self):
        request = self.heard.get(timeout=PATIENCE)
        self.known.add(request.payload["event_id"])
        return request

    def settle(self, town):
        """Until all that was sent is acknowledged, and the acknowledgements have been read."""
        over = lambda its: its["acked"] or its["error"]
        until("all is acknowledged", lambda: all(over(its) for its in town.state()["deliveries"]))
        while not self.heard.empty():
            self.next()

    def event(self):
        """The next event that was not heard before: around a change of sockets one may come twice."""
        while True:
            payload = self.heard.get(timeout=PATIENCE).payload
            if payload["event_id"] not in self.known:
                self.known.add(payload["event_id"])
                return payload["event"]

    def change(self, town, what, done):
        """The client replaces its socket because of something; the old one goes, and what is said then is heard."""
        before, old = town.opened(), self.client.current_session
        done()
        until(f"{what}: a new socket", lambda: town.opened() > before)
        until(f"{what}: another session", lambda: self.client.current_session is not old and self.client.is_connected())
        until(f"{what}: the old one goes", lambda: town.sockets() == 1)
        town.inject("say", channel="#general", user="ann", text=f"after {what}")
        check(what, self.event()["text"], f"after {what}")


def sockets(town):
    # What happened before is not for this client.
    town.inject("forget")
    ear = Listener(town)
    say = lambda text, channel=town.channel: town.inject("say", channel=channel, user="ann", text=text)

    say(f"<@{town.bot_user}> help")
    two = [ear.next().payload for _ in range(2)]
    check("two events", sorted(its["event"]["type"] for its in two), ["app_mention", "message"])
    check("one ts", len({its["event"]["ts"] for its in two}), 1)
    check("two ids", len({its["event_id"] for its in two}), 2)
    say(f"<@{town.bot_user}> help", town.channels["direct"])
    event = ear.event()
    check("direct", (event["type"], event["channel_type"]), ("message", "im"))
    town.web.chat_postMessage(channel=town.channel, text="mine")
    event = ear.event()
    check("own posts come back", (event["text"], event["user"]), ("mine", town.bot_user))

    ear.quiet.set()
    say("twice")
    first = ear.next()
    second = ear.next()
    ear.quiet.clear()
    third = ear.next()
    check("first", (first.retry_attempt, first.retry_reason), (0, ""))
    check("again", (second.retry_attempt, second.retry_reason), (1, "timeout"))
    check("and again", (third.retry_attempt, third.retry_reason), (2, "timeout"))
    check("same event", {its.payload["event_id"] for its in (first, second, third)}, {first.payload["event_id"]})
    ear.settle(town)
    town.inject("twice", times=1)
    say("acknowledged, and yet again")
    first, second = ear.next(), ear.next()
    check("the same", second.payload["event_id"], first.payload["event_id"])
    ear.settle(town)
    town.inject("lost_acks", times=1)
    say("its acknowledgement is lost")
    first, second = ear.next(), ear.next()
    check("the same again", second.payload["event_id"], first.payload["event_id"])
    answer = town.inject("events_api", payload={"type": "app_uninstalled"})
    check("acknowledged", (answer["acked"], answer["payload"]), (True, None))
    ear.settle(town)

    for reason in ("warning", "refresh_requested"):
        ear.change(town, reason, lambda: town.inject("disconnect", reason=reason))
    ear.change(town, "reset", lambda: town.inject("drop", how="reset"))
    ear.change(town, "close", lambda: town.inject("drop", how="close"))
    ear.client.close()
    until("no socket", lambda: town.sockets() == 0)
    refused("bad token", "invalid_auth", town.web.apps_connections_open, app_token="xapp-1-nobody")
