"""Slack's own framework on the stand-in: the same small app by Socket Mode and by HTTP."""

import http.server
import threading
import time

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from town import check, refused, until


def plain(text):
    return {"type": "plain_text", "text": text}


def modal(title, **more):
    element = {"type": "plain_text_input", "action_id": "name"}
    block = {"type": "input", "block_id": "what", "label": plain("What"), "element": element}
    return {"type": "modal", "callback_id": "tracker", "title": plain(title), "submit": plain("Go"), "blocks": [block], **more}


def choice():
    element = {"type": "external_select", "action_id": "repo", "min_query_length": 1}
    block = {"type": "input", "block_id": "which", "label": plain("Which"), "element": element}
    return {**modal("Choose"), "callback_id": "choice", "blocks": [block]}


def make_app(town, **options):
    app = App(client=WebClient(token=town.bot_token, base_url=town.api), **options)

    @app.command("/boson")
    def command(ack, body, respond, client):
        word = body["text"].split()[0]
        if word == "form":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal("A form", notify_on_close=True))
        elif word == "choose":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=choice())
        elif word == "later":
            ack()
            respond(f"{body['text']} it is")
            respond(f"all hear {body['text']}", response_type="in_channel")
        elif word == "loud":
            ack(text=f"you said {body['text']}", response_type="in_channel")
        else:
            ack(f"you typed {body['text']}")

    @app.action("press")
    def press(ack, body, respond):
        ack()
        respond(text=f"pressed {body['actions'][0]['value']}", replace_original=True)

    @app.action("drop")
    def drop(ack, respond):
        ack()
        respond(delete_original=True)

    @app.view("tracker")
    def submitted(ack, body, client):
        value = body["view"]["state"]["values"]["what"]["name"]["value"]
        if value == "bad":
            ack(response_action="errors", errors={"what": "not that"})
        elif value == "other":
            ack(response_action="update", view=modal("Changed", notify_on_close=True))
        elif value == "more":
            ack(response_action="push", view=modal("Another"))
        elif value == "enough":
            ack(response_action="clear")
        else:
            ack()
            client.chat_postMessage(channel=town.channel, text=f"tracking {value}")

    @app.view_closed("tracker")
    def closed(ack, body, client):
        ack()
        client.chat_postMessage(channel=town.channel, text=f"closed {body['view']['title']['text']}")

    @app.options("repo")
    def options_(ack, payload):
        ack(options=[{"text": plain(payload["value"] + end), "value": payload["value"] + end} for end in "ab"])

    @app.view("choice")
    def chosen(ack, body, client):
        ack()
        value = body["view"]["state"]["values"]["which"]["repo"]["selected_option"]["value"]
        client.chat_postMessage(channel=town.channel, text=f"chose {value}")

    @app.shortcut("new")
    def anywhere(ack, body, client):
        ack()
        client.chat_postMessage(channel=town.channel, text=f"new from {body['user']['id']}")

    @app.shortcut("keep")
    def message_of(ack, body, respond):
        ack()
        respond(f"kept {body['message']['text']}")

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
    mark = str(time.monotonic_ns())
    command = lambda text: town.inject("command", channel=channel, user=ann, command="/boson", text=text)
    sees = lambda contains, **more: town.seen(contains=contains, **more)

    # Commands: an answer with the acknowledgement, for one or for all, and answers later.
    check("acknowledged", command(f"list {mark}")["acked"], True)
    sees(f"you typed list {mark}", ephemeral=True)
    command(f"loud {mark}")
    sees(f"/boson loud {mark}", user="ben", ephemeral=False)
    sees(f"you said loud {mark}", user="ben", ephemeral=False)
    command(f"later {mark}")
    sees(f"later {mark} it is", ephemeral=True)
    sees(f"all hear later {mark}", user="ben", ephemeral=False)

    # Clicks: what was clicked in changes, or goes.
    button = lambda name: {"type": "button", "action_id": name, "value": mark, "text": plain(name)}
    row = [{"type": "actions", "elements": [button("press"), button("drop")]}]
    post = town.web.chat_postMessage(channel=channel, text="b", blocks=row)
    answer = town.inject("click", channel=channel, ts=post["ts"], user=ann, text="press")
    check("clicked", answer["acked"], True)
    check("in place", sees(f"pressed {mark}")["ts"], post["ts"])
    whisper = town.web.chat_postEphemeral(channel=channel, user=ann, text="b", blocks=row)["message_ts"]
    town.inject("click", channel=channel, ts=whisper, user=ann, text="drop")
    messages = lambda: [its["ts"] for its in town.inject("sees", user=ann, channel=channel)["messages"]]
    until("it goes", lambda: whisper not in messages())

    # A modal: a mistake at its field, changed, another on top, closed, told that it was closed.
    command("form")
    view = town.view("A form")
    submit = lambda value: town.inject("submit", user=ann, values={"What": value})
    check("errors", submit("bad")["payload"]["errors"], {"what": "not that"})
    field = town.view("A form")["controls"][0]
    check("at the field", (field["error"], field["holds"]), ("not that", "bad"))
    check("the same view", submit("other")["views"], [view["id"]])
    town.view("Changed")
    check("pushed", len(submit("more")["views"]), 2)
    town.view("Another")
    check("closed", submit(f"crates {mark}")["views"], [view["id"]])
    sees(f"tracking crates {mark}")
    since = town.web.chat_postMessage(channel=channel, text="now")["ts"]
    town.inject("close", user=ann)
    sees("closed Changed", since=since)
    command("form")
    town.view("A form")
    submit("more")
    check("all gone", submit("enough")["views"], [])

    # What an external select offers.
    command("choose")
    town.view("Choose")
    offered = town.inject("suggest", user=ann, action_id="repo", value=mark)["payload"]["options"]
    check("offered", [its["value"] for its in offered], [mark + "a", mark + "b"])
    town.inject("submit", user=ann, values={"Which": mark + "b"})
    sees(f"chose {mark}b")

    # Shortcuts, and a mention that is answered in its thread.
    since = town.web.chat_postMessage(channel=channel, text="now")["ts"]
    town.inject("shortcut", user=ann, callback_id="new")
    sees(f"new from {ann}"[:8], since=since)
    ts = town.inject("say", channel=channel, user="ben", text=f"an idea {mark}")["ts"]
    town.inject("shortcut", user=ann, callback_id="keep", channel=channel, ts=ts)
    sees(f"kept an idea {mark}", ephemeral=True)
    ts = town.inject("say", channel=channel, user=ann, text="@boson hello", typed=True)["ts"]
    sees("at your service", thread_ts=ts)


def bolt_by_socket(town):
    handler = SocketModeHandler(make_app(town), town.app_token, web_client=town.web)
    handler.connect()
    until("a socket", lambda: town.sockets() == 1)
    talk(town)
    handler.close()
    until("no socket", lambda: town.sockets() == 0)


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
            if "x-slack-retry-num" in headers and "once more" in body:
                retries.append((headers["x-slack-retry-num"], headers["x-slack-retry-reason"]))
            if fail and "once more" in body:
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
