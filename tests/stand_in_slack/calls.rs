//! How methods are called: bodies, tokens, scopes, pages, pace.

use serde_json::json;

use crate::client::{FORM, JSON, Town, ask, error};
use crate::slack::{Rates, Rules, Settings};

#[tokio::test]
async fn a_body_can_be_json_a_form_parts_or_a_query() {
    let town = Town::new().await;
    let url = format!("{}chat.postMessage", town.server.api());
    let channel = &town.general;
    let bearer = format!("Bearer {}", town.token);
    let bare = ("content-type", "application/json");
    let body = json!({"channel": channel, "text": "one"}).to_string();
    let page = ask(&url, "POST", &[bare, ("authorization", &bearer)], &body)
        .await
        .unwrap();
    let value = page.json();
    assert_eq!(value["warning"], "missing_charset");
    assert_eq!(
        value["response_metadata"]["warnings"],
        json!(["missing_charset"])
    );
    assert!(
        page.header("x-oauth-scopes")
            .unwrap()
            .contains("chat:write")
    );
    assert_eq!(page.header("x-accepted-oauth-scopes"), Some("chat:write"));

    let charset = (
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    );
    let blocks = "%5B%7B%22type%22%3A%22divider%22%7D%5D";
    let body = format!(
        "token={}&channel={channel}&text=two&blocks={blocks}",
        town.token
    );
    let value = ask(&url, "POST", &[charset], &body).await.unwrap().json();
    assert_eq!(value["warning"], "superfluous_charset");
    assert_eq!(value["message"]["blocks"][0]["type"], "divider");

    let parts = ("content-type", "multipart/form-data; boundary=XyZ");
    let part = |name: &str, value: &str| {
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!(
        "{}{}--XyZ--\r\n",
        part("channel", channel),
        part("text", "a\r\nb")
    );
    let value = ask(&url, "POST", &[parts, ("authorization", &bearer)], &body)
        .await
        .unwrap()
        .json();
    assert_eq!(value["message"]["text"], "a\r\nb");

    let get = format!("{url}?channel={channel}&text=a%26b&token={}", town.token);
    let value = ask(&get, "GET", &[], "").await.unwrap().json();
    assert_eq!(value["message"]["text"], "a&b");

    let read = format!("{}conversations.info", town.server.api());
    let body = json!({"channel": channel}).to_string();
    let value = ask(&read, "POST", &[JSON, ("authorization", &bearer)], &body)
        .await
        .unwrap()
        .json();
    assert_eq!(
        error(&value),
        "invalid_arguments",
        "what reads looks into no JSON"
    );
    assert!(
        value["response_metadata"]["messages"][0]
            .as_str()
            .unwrap()
            .contains("channel")
    );
    for (kind, body, code) in [
        (JSON, "{", "invalid_json"),
        (JSON, "[]", "json_not_object"),
        (("content-type", "image/png"), "x", "invalid_post_type"),
        (("x-nothing", ""), "x", "missing_post_type"),
    ] {
        let value = ask(&url, "POST", &[kind, ("authorization", &bearer)], body)
            .await
            .unwrap();
        assert_eq!((value.status, error(&value.json()).as_str()), (200, code));
    }
    assert_eq!(
        town.refused("chat.nonsense", json!({})).await,
        "unknown_method"
    );
}

#[tokio::test]
async fn tokens_are_looked_at() {
    let town = Town::new().await;
    let url = |method: &str| format!("{}{method}", town.server.api());
    let value = ask(&url("auth.test"), "POST", &[FORM], "")
        .await
        .unwrap()
        .json();
    assert_eq!(error(&value), "not_authed");
    assert_eq!(
        error(&town.form_as("xoxb-no", "auth.test", &[]).await),
        "invalid_auth"
    );
    let wrong = town.form_as(&town.app_token, "chat.postMessage", &[]).await;
    assert_eq!(error(&wrong), "not_allowed_token_type");
    assert_eq!(
        town.refused_form("apps.connections.open", &[]).await,
        "not_allowed_token_type"
    );
    let body = format!("token={}", town.app_token);
    let value = ask(&url("apps.connections.open"), "POST", &[FORM], &body)
        .await
        .unwrap()
        .json();
    assert_eq!(error(&value), "not_authed", "only in the header");
    let bearer = format!("Bearer {}", town.app_token);
    let value = ask(
        &url("apps.connections.open"),
        "GET",
        &[("authorization", &bearer)],
        "",
    )
    .await
    .unwrap();
    assert_eq!(error(&value.json()), "insecure_request");

    let me = town.call("auth.test", json!({})).await;
    assert_eq!(
        (&me["user_id"], &me["team_id"]),
        (&json!(town.bot), &json!(town.team))
    );
    assert!(me["bot_id"].as_str().unwrap().starts_with('B'));
    let person = town.server.slack().user_token(&town.app, &town.ann);
    let me = town.form_as(&person, "auth.test", &[]).await;
    assert_eq!((&me["user_id"], me.get("bot_id")), (&json!(town.ann), None));

    town.inject(json!({"type": "revoke", "token": town.token, "error": "account_inactive"}))
        .await;
    assert_eq!(
        town.refused("auth.test", json!({})).await,
        "account_inactive"
    );
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let town = Town::new().await;
    town.inject(json!({"type": "scopes", "scopes": ["channels:read", "chat:write"]}))
        .await;
    let value = town.call("reactions.add", json!({})).await;
    assert_eq!(error(&value), "missing_scope");
    assert_eq!(
        (&value["needed"], &value["provided"]),
        (
            &json!("reactions:write"),
            &json!("channels:read,chat:write")
        )
    );
    let value = town
        .form("conversations.list", &[("types", "private_channel")])
        .await;
    assert_eq!(value["needed"], "groups:read");
    let args = json!({"channel": town.general, "text": "x", "username": "Other"});
    assert_eq!(
        town.call("chat.postMessage", args).await["needed"],
        "chat:write.customize"
    );
    let elsewhere = json!({"channel": town.random, "text": "x"});
    assert_eq!(
        town.refused("chat.postMessage", elsewhere).await,
        "not_in_channel"
    );
    assert_eq!(
        town.form("users.info", &[("user", &town.ann)]).await["needed"],
        "users:read"
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let town = Town::new().await;
    let all: Vec<String> = {
        let mut slack = town.server.slack();
        let more = (0..5).map(|n| format!("more-{n}"));
        let kind = crate::slack::Kind::Public;
        more.map(|name| slack.channel(&town.team, &name, kind, &town.ann))
            .collect()
    };
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let args = [("limit", "3"), ("cursor", cursor.as_str())];
        let page = town.form("conversations.list", &args).await;
        let names = page["channels"].as_array().unwrap().iter();
        found.extend(names.map(|its| its["id"].as_str().unwrap().to_string()));
        cursor = page["response_metadata"]["next_cursor"]
            .as_str()
            .unwrap()
            .into();
        pages += 1;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!((pages, found.len()), (3, 7), "public ones only");
    assert!(all.iter().all(|id| found.contains(id)));
    for (name, value, code) in [
        ("cursor", "nonsense", "invalid_cursor"),
        ("limit", "1000", "invalid_limit"),
        ("limit", "some", "invalid_limit"),
        ("types", "public", "invalid_types"),
    ] {
        assert_eq!(
            town.refused_form("conversations.list", &[(name, value)])
                .await,
            code
        );
    }
}

#[tokio::test]
async fn calls_are_counted_when_that_is_wanted() {
    let rules = Rules {
        rates: Rates::Real,
        ..Rules::default()
    };
    let town = Town::with(Settings { port: 0, rules }).await;
    let post = json!({"channel": town.general, "text": "x"});
    for _ in 0..3 {
        assert_eq!(town.page("chat.postMessage", &post).await.status, 200);
    }
    let page = town.page("chat.postMessage", &post).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("3")));
    assert_eq!(error(&page.json()), "ratelimited");
    let other = json!({"channel": town.direct, "text": "x"});
    assert_eq!(
        town.page("chat.postMessage", &other).await.status,
        200,
        "another channel"
    );
    town.pass(3);
    assert_eq!(town.page("chat.postMessage", &post).await.status, 200);
    for _ in 0..20 {
        assert_eq!(
            town.page("conversations.list", &json!({})).await.status,
            200
        );
    }
    let page = town.page("conversations.list", &json!({})).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("60")));
    assert_eq!(
        town.page("auth.test", &json!({})).await.status,
        200,
        "another method"
    );
    town.pass(60);
    assert_eq!(
        town.page("conversations.list", &json!({})).await.status,
        200
    );
}
