"""What has an end: response URLs, triggers, tokens; and nobody there."""

import queue

from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from bolt import modal
from town import PATIENCE, check, refused, until


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
    until("a socket", lambda: town.sockets() == 1)

    def typed():
        town.inject("command", channel=town.channel, user=town.users["ann"], command="/boson", text="x")
        while True:
            payload = heard.get(timeout=PATIENCE)
            if "command" in payload:
                return payload

    payload = typed()
    hook = WebhookClient(payload["response_url"])
    for turn in range(5):
        answer = hook.send(text=f"answer {turn}", response_type="ephemeral")
        check("response_url", (answer.status_code, answer.body), (200, "ok"))
    check("no sixth", hook.send(text="sixth").status_code, 404)
    payload = typed()
    trigger = payload["trigger_id"]
    view = town.web.views_open(trigger_id=trigger, view=modal("Once"))["view"]
    refused("twice", "exchanged_trigger_id", town.web.views_open, trigger_id=trigger, view=modal("Twice"))
    town.web.views_update(view_id=view["id"], hash=view["hash"], view=modal("Changed"))
    refused("stale", "hash_conflict", town.web.views_update, view_id=view["id"], hash=view["hash"], view=modal("Late"))
    town.inject("advance", seconds=1801)
    check("no more", WebhookClient(payload["response_url"]).send(text="late").status_code, 404)
    payload = typed()
    town.inject("advance", seconds=4)
    refused("too late", "expired_trigger_id", town.web.views_open, trigger_id=payload["trigger_id"], view=modal("Late"))
    client.close()
    town.inject("revoke", token=town.bot_token)
    refused("revoked", "token_revoked", town.web.auth_test)
