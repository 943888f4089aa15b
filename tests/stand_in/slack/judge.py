"""Drives the stand-in for Slack with Slack's own SDKs; ends with 1 at the first difference.

    python3 tests/stand_in/slack/judge.py target/debug/examples/stand_in

Needs slack_sdk and slack_bolt.
"""

import http.server
import json
import logging
import queue
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import warnings

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

PATIENCE = 20  # seconds
checks = 0


def check(what, got, wanted):
    """Counts a check; ends with a sentence when it does not hold."""
    global checks
    checks += 1
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


def until(what, found):
    """Waits for something that another thread does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: it did not happen")


def web_api(town):
    web, channel = town.web, town.channel
    check("api.test", web.api_test(foo="bar")["args"], {"foo": "bar"})
    me = web.auth_test()
    check("auth.test", me["user_id"], town.bot_user)
    check("auth.test has a bot", me["bot_id"][0], "B")
    check("scopes", "chat:write" in me.headers["x-oauth-scopes"], True)

    text = "a &amp; b <https://example.org|c> *d* &lt;e&gt;"
    said = web.chat_postMessage(channel=channel, text=text, unfurl_links=False)
    check("text is kept", said["message"]["text"], text)
    check("ts", [len(part) for part in said["ts"].split(".")], [10, 6])
    again = web.chat_postMessage(channel=channel, text="second", thread_ts=said["ts"])
    check("ts grows", again["ts"] > said["ts"], True)
    web.chat_update(channel=channel, ts=said["ts"], text="changed", blocks=[])
    replies = web.conversations_replies(channel=channel, ts=said["ts"])
    check("replies", [its["text"] for its in replies["messages"]], ["changed", "second"])
    check("reply count", replies["messages"][0]["reply_count"], 1)
    history = web.conversations_history(channel=channel, limit=1)
    check("history", [its["text"] for its in history["messages"]], ["changed"])
    link = web.chat_getPermalink(channel=channel, message_ts=said["ts"])["permalink"]
    check("permalink", link.endswith(f"/{channel}/p" + said["ts"].replace(".", "")), True)
    web.reactions_add(channel=channel, timestamp=said["ts"], name="eyes")
    refused("react twice", "already_reacted", web.reactions_add, channel=channel, timestamp=said["ts"], name="eyes")
    web.reactions_remove(channel=channel, timestamp=said["ts"], name="eyes")
    web.chat_delete(channel=channel, ts=again["ts"])
    refused("gone", "message_not_found", web.chat_delete, channel=channel, ts=again["ts"])

    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    web.chat_postMessage(channel=channel, text="b", blocks=[section])
    section["text"]["text"] += "x"
    wrong = refused("too long", "invalid_blocks", web.chat_postMessage, channel=channel, text="b", blocks=[section])
    check("it says why", "/blocks/0/text" in wrong["response_metadata"]["messages"][0], True)
    refused("51", "invalid_blocks", web.chat_postMessage, channel=channel, text="b", blocks=[{"type": "divider"}] * 51)
    refused("nothing", "no_text", web.chat_postMessage, channel=channel, text="")
    refused("nowhere", "channel_not_found", web.chat_postMessage, channel="C0NOWHERE", text="x")
    refused("too long", "msg_too_long", web.chat_update, channel=channel, ts=said["ts"], text="x" * 4001)
    cut = web.chat_postMessage(channel=channel, text="x" * 40001)
    check("cut", len(cut["message"]["text"]), 40000)
    check("told", cut["warning"], "message_truncated")
    whisper = web.chat_postEphemeral(channel=channel, user=town.users["ann"], text="psst")
    check("whisper", "." in whisper["message_ts"], True)
    later = web.chat_scheduleMessage(channel=channel, text="later", post_at=int(time.time()) + 3600)
    web.chat_deleteScheduledMessage(channel=channel, scheduled_message_id=later["scheduled_message_id"])
    refused("past", "time_in_past", web.chat_scheduleMessage, channel=channel, text="x", post_at=1)

    pages = [page["channels"] for page in web.conversations_list(limit=1, types="public_channel,private_channel")]
    names = sorted(channel["name"] for page in pages for channel in page)
    check("pages", names, ["general", "partners", "random", "secret"])
    refused("cursor", "invalid_cursor", web.conversations_list, cursor="nonsense")
    joined = web.conversations_join(channel=town.channels["random"])
    check("joined", joined["channel"]["is_member"], True)
    joined = web.conversations_join(channel=town.channels["random"])
    check("already", joined["warning"], "already_in_channel")
    opened = web.conversations_open(users=[town.users["ann"]])["channel"]["id"]
    check("direct", opened, town.channels["direct"])
    members = web.conversations_members(channel=channel)["members"]
    check("members", town.bot_user in members, True)
    ann = web.users_info(user=town.users["ann"])["user"]
    check("admin", (ann["is_admin"], ann["is_owner"]), (True, False))
    dana = web.users_info(user=town.users["dana"])["user"]
    check("stranger", (dana["is_stranger"], dana["is_owner"]), (True, False))
    refused("nobody", "user_not_found", web.users_info, user="U0NOBODY")
    upload = web.files_upload_v2(channel=channel, content="line\n", filename="log.txt", initial_comment="the log")
    check("upload", upload["files"][0]["name"], "log.txt")
    until("file", lambda: any("files" in its for its in web.conversations_history(channel=channel)["messages"]))

    stranger = WebClient(token="xoxb-nobody", base_url=town.api)
    refused("unknown", "invalid_auth", stranger.auth_test)
    refused("wrong kind", "not_allowed_token_type", web.apps_connections_open, app_token=town.bot_token)
    refused("none", "not_authed", WebClient(base_url=town.api).auth_test)

    town.inject("fail", how=429, seconds=1, method="chat.postMessage")
    refused("429", "ratelimited", web.chat_postMessage, channel=channel, text="x")
    patient = WebClient(token=town.bot_token, base_url=town.api)
    patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    town.inject("fail", how=429, seconds=1, method="chat.postMessage")
    began = time.monotonic()
    patient.chat_postMessage(channel=channel, text="after a while")
    check("Retry-After", time.monotonic() - began >= 0.9, True)


def sockets(town):
    heard = queue.Queue()
    mute = threading.Event()

    def listener(client, request):
        heard.put(request)
        if not mute.is_set():
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    # What happened before is not for this client.
    town.inject("forget")
    client = SocketModeClient(app_token=town.app_token, web_client=town.web)
    client.socket_mode_request_listeners.append(listener)
    client.connect()
    until("a socket", lambda: town.state()["sockets"] == 1)
    ann = town.users["ann"]

    town.inject("say", channel=town.channel, user=ann, text=f"<@{town.bot_user}> help")
    two = [heard.get(timeout=PATIENCE).payload for _ in range(2)]
    check("two events", sorted(its["event"]["type"] for its in two), ["app_mention", "message"])
    check("one ts", len({its["event"]["ts"] for its in two}), 1)
    check("two ids", len({its["event_id"] for its in two}), 2)
    town.inject("say", channel=town.channels["direct"], user=ann, text=f"<@{town.bot_user}> help")
    event = heard.get(timeout=PATIENCE).payload["event"]
    check("direct", (event["type"], event["channel_type"]), ("message", "im"))
    town.web.chat_postMessage(channel=town.channel, text="mine")
    event = heard.get(timeout=PATIENCE).payload["event"]
    check("own posts come back", (event["text"], event["user"]), ("mine", town.bot_user))

    mute.set()
    town.inject("say", channel=town.channel, user=ann, text="twice")
    first = heard.get(timeout=PATIENCE)
    mute.clear()
    second = heard.get(timeout=PATIENCE)
    check("first", (first.retry_attempt, first.retry_reason), (0, ""))
    check("again", (second.retry_attempt, second.retry_reason), (1, "timeout"))
    check("same event", second.payload["event_id"], first.payload["event_id"])
    answer = town.inject("events_api", payload={"type": "app_uninstalled"})
    check("acknowledged", (answer["acked"], answer["payload"]), (True, None))
    heard.get(timeout=PATIENCE)

    known = set()

    def next_event():
        """Around a change of sockets an event may come twice: its id tells."""
        while True:
            payload = heard.get(timeout=PATIENCE).payload
            if payload["event_id"] not in known:
                known.add(payload["event_id"])
                return payload["event"]

    # A new socket while the old one still lives; then the old one goes.
    town.inject("disconnect", reason="warning")
    until("a new socket", lambda: town.state()["sockets"] >= 1 and client.is_connected())
    town.inject("say", channel=town.channel, user=ann, text="after the change")
    check("after the change", next_event()["text"], "after the change")
    old = client.current_session
    town.inject("drop", how="reset")
    until("another session", lambda: client.current_session is not old and client.is_connected())
    until("one socket", lambda: town.state()["sockets"] == 1)
    town.inject("say", channel=town.channel, user=ann, text="after the break")
    check("after the break", next_event()["text"], "after the break")
    client.close()
    until("no socket", lambda: town.state()["sockets"] == 0)
    refused("bad token", "invalid_auth", town.web.apps_connections_open, app_token="xapp-1-nobody")


def modal(text, initial=""):
    element = {"type": "plain_text_input", "action_id": "name"}
    if initial:
        element["initial_value"] = initial
    return {
        "type": "modal",
        "callback_id": "tracker",
        "title": {"type": "plain_text", "text": text},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [
            {
                "type": "input",
                "block_id": "what",
                "label": {"type": "plain_text", "text": "What"},
                "element": element,
            }
        ],
    }


def make_app(town, **options):
    """The same small app for both ways of hearing."""
    app = App(client=WebClient(token=town.bot_token, base_url=town.api), **options)

    @app.command("/boson")
    def command(ack, body, respond, client):
        if body["text"] == "form":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal("A form"))
        elif body["text"] == "later":
            ack()
            respond("later it is")
        else:
            ack(f"you typed {body['text']}")

    @app.action("press")
    def press(ack, body, respond):
        ack()
        respond(text=f"pressed {body['actions'][0]['value']}", replace_original=True)

    @app.view("tracker")
    def submitted(ack, body, client):
        value = body["view"]["state"]["values"]["what"]["name"]["value"]
        if value == "bad":
            ack(response_action="errors", errors={"what": "not that"})
        elif value == "more":
            ack(response_action="push", view=modal("Another"))
        else:
            ack()
            client.chat_postMessage(channel=town.channel, text=f"tracking {value}")

    @app.event("app_mention")
    def mention(event, say):
        say(text="at your service", thread_ts=event["ts"])

    @app.event("message")
    def message():
        pass

    return app


def talk(town):
    """What a person does, and sees; the same for both ways of hearing."""
    ann, channel = town.users["ann"], town.channel

    def whispered(text):
        all_ = town.state()["ephemerals"]
        return [its for its in all_ if its["message"]["text"] == text and its["user"] == ann]

    def said(text):
        all_ = town.state()["channels"][channel]["messages"]
        return [its for its in all_ if its["text"] == text]

    marker = str(time.monotonic())
    answer = town.inject("command", channel=channel, user=ann, command="/boson", text=f"list {marker}")
    check("acknowledged", answer["acked"], True)
    until("the answer", lambda: whispered(f"you typed list {marker}"))
    before = len(whispered("later it is"))
    town.inject("command", channel=channel, user=ann, command="/boson", text="later")
    until("the later answer", lambda: len(whispered("later it is")) > before)

    button = {"type": "button", "action_id": "press", "value": marker, "text": {"type": "plain_text", "text": "Press"}}
    post = town.web.chat_postMessage(channel=channel, text="b", blocks=[{"type": "actions", "elements": [button]}])
    answer = town.inject("click", channel=channel, ts=post["ts"], user=ann, action_id="press")
    check("clicked", answer["acked"], True)
    until("the message changes", lambda: said(f"pressed {marker}"))

    town.inject("command", channel=channel, user=ann, command="/boson", text="form")
    view = until("a modal", lambda: [its for its in town.state()["views"] if its["user"] == ann])[-1]["id"]
    answer = town.inject("submit", view=view, values={"name": "bad"})
    check("errors", answer["payload"]["errors"], {"what": "not that"})
    check("it stays", answer["views"], [view])
    check("at the field", town.state()["views"][0]["errors"], {"what": "not that"})
    answer = town.inject("submit", view=view, values={"what": {"name": "more"}})
    check("pushed", len(answer["views"]), 2)
    answer = town.inject("submit", view=answer["views"][1], values={"name": f"crates {marker}"})
    check("closed", answer["views"], [view])
    until("the command ran", lambda: said(f"tracking crates {marker}"))
    town.inject("close", view=view)

    ts = town.inject("say", channel=channel, user=ann, text=f"<@{town.bot_user}> hello")["ts"]
    until("a reply", lambda: any(its.get("thread_ts") == ts for its in said("at your service")))


def bolt_by_socket(town):
    handler = SocketModeHandler(make_app(town), town.app_token, web_client=town.web)
    handler.connect()
    until("a socket", lambda: town.state()["sockets"] == 1)
    talk(town)
    handler.close()
    until("no socket", lambda: town.state()["sockets"] == 0)


def bolt_by_http(town):
    app = make_app(town, signing_secret=town.signing_secret)
    verifier = SignatureVerifier(town.signing_secret)
    wrong, retries, fail = [], [], []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not verifier.is_valid_request(body, headers):
                wrong.append(body)
            if "x-slack-retry-num" in headers:
                retries.append((headers["x-slack-retry-num"], headers["x-slack-retry-reason"]))
            if fail:
                fail.pop()
                self.send_response(500)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            answer = app.dispatch(BoltRequest(body=body, headers=headers))
            text = (answer.body or "").encode()
            self.send_response(answer.status)
            for name, value in answer.first_headers_without_set_cookie().items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/slack/events"
    town.inject("verify", url=url)
    check("ssl_check", town.inject("ssl_check", url=url)["status"], 200)
    town.inject("app", http={"events": url, "commands": url, "interactivity": url})
    refused("no sockets now", "forbidden_team", town.web.apps_connections_open, app_token=town.app_token)
    talk(town)
    fail.append(True)
    town.inject("say", channel=town.channel, user=town.users["ann"], text="once more")
    until("a retry", lambda: retries)
    check("retry", retries[0], ("1", "http_error"))
    check("signatures", wrong, [])
    town.inject("app", socket=True)
    server.shutdown()


def later(town):
    """A response URL: five times."""
    seen = town.inject("command", channel=town.channel, user=town.users["ann"], command="/boson", text="x")
    check("nobody there", (seen["acked"], seen["error"]), (False, "dispatch_failed"))
    heard = queue.Queue()
    client = SocketModeClient(app_token=town.app_token, web_client=town.web)

    def listener(client, request):
        heard.put(request.payload)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload={}))

    client.socket_mode_request_listeners.append(listener)
    client.connect()
    until("a socket", lambda: town.state()["sockets"] == 1)
    town.inject("command", channel=town.channel, user=town.users["ann"], command="/boson", text="x")
    payload = heard.get(timeout=PATIENCE)
    while payload.get("command") != "/boson":
        payload = heard.get(timeout=PATIENCE)
    hook = WebhookClient(payload["response_url"])
    for turn in range(5):
        answer = hook.send(text=f"answer {turn}", response_type="ephemeral")
        check("response_url", (answer.status_code, answer.body), (200, "ok"))
    check("no sixth", hook.send(text="sixth").status_code, 404)
    town.inject("advance", seconds=4)
    refused("too late", "expired_trigger_id", town.web.views_open, trigger_id=payload["trigger_id"], view=modal("Late"))
    client.close()
    town.inject("revoke", token=town.bot_token)
    refused("revoked", "token_revoked", town.web.auth_test)


def main():
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    program = subprocess.Popen([sys.argv[1], "slack", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        town = Town(json.loads(program.stdout.readline()))
        for part in (web_api, sockets, bolt_by_socket, bolt_by_http, later):
            began = time.monotonic()
            part(town)
            print(f"{part.__name__}: as Slack's own SDKs want it ({time.monotonic() - began:.1f} s)")
        print(f"{checks} checks")
    finally:
        program.terminate()
        program.wait()


if __name__ == "__main__":
    main()
