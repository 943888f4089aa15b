"""The Web API under `WebClient` and `WebhookClient`."""

import time

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from town import check, refused, until


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

    for turn in range(5):
        web.chat_postMessage(channel=channel, text=f"page {turn}", thread_ts=said["ts"])
    pages = web.conversations_replies(channel=channel, ts=said["ts"], limit=2)
    texts = [its["text"] for page in pages for its in page["messages"]]
    check("pages of replies", texts, ["changed"] + [f"page {turn}" for turn in range(5)])
    alone = web.conversations_history(channel=channel, oldest=said["ts"], latest=said["ts"], inclusive=True, limit=1)
    check("one by its ts", [its["ts"] for its in alone["messages"]], [said["ts"]])
    loud = web.chat_postMessage(channel=channel, text="loud", thread_ts=said["ts"], reply_broadcast=True)
    check("a broadcast", loud["message"]["subtype"], "thread_broadcast")

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

    check("by mail", web.users_lookupByEmail(email=ann["profile"]["email"])["user"]["id"], ann["id"])
    check("bot", web.bots_info(bot=me["bot_id"])["bot"]["user_id"], town.bot_user)
    check("team", web.team_info()["team"]["id"], town.team)
    own = [its["name"] for its in web.users_conversations(types="public_channel,private_channel")["channels"]]
    check("own rooms", sorted(own), ["general", "partners", "random", "secret"])
    group = web.conversations_open(users=[town.users["ann"], town.users["ben"]])["channel"]["id"]
    check("a group", web.conversations_info(channel=group)["channel"]["is_mpim"], True)
    check("its creator", web.conversations_info(channel=channel)["channel"]["creator"], town.users["ann"])
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = web.views_publish(user_id=town.users["ann"], view=home)["view"]
    second = web.views_publish(user_id=town.users["ann"], view=home, hash=first["hash"])["view"]
    check("one home", second["id"], first["id"])
    refused("stale", "hash_conflict", web.views_publish, user_id=town.users["ann"], view=home, hash=first["hash"])

    hook = WebhookClient(town.inject("webhook", channel=town.channels["secret"])["url"])
    answer = hook.send(text="from outside")
    check("a webhook", (answer.status_code, answer.body), (200, "ok"))
    answer = hook.send(text="")
    check("a webhook without text", (answer.status_code, answer.body), (400, "no_text"))

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
