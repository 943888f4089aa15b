//! What people fill in, choose and click: fields of all kinds, suggestions, what comes along, shortcuts.

use serde_json::{Value, json};

use crate::client::{JSON, ask};
use crate::modals::{input, modal, open, plain, quiet};

#[tokio::test]
async fn every_kind_of_field_is_filled_in() {
    let (town, mut ear) = quiet().await;
    let options =
        json!([{"text": plain("First"), "value": "1"}, {"text": plain("Second"), "value": "2"}]);
    let element = |kind: &str, more: Value| {
        let mut its = json!({"type": kind, "action_id": "a"});
        for (name, value) in more.as_object().unwrap() {
            its[name] = value.clone();
        }
        its
    };
    let with = || json!({"options": options});
    let fields = [
        input(
            "text",
            "Text",
            element("plain_text_input", json!({"min_length": 2})),
        ),
        input(
            "number",
            "Number",
            element("number_input", json!({"is_decimal_allowed": false})),
        ),
        input("mail", "Mail", element("email_text_input", json!({}))),
        input("link", "Link", element("url_text_input", json!({}))),
        input("one", "One of", element("static_select", with())),
        input("radio", "Radio", element("radio_buttons", with())),
        input("many", "Many of", element("checkboxes", with())),
        input("person", "Person", element("users_select", json!({}))),
        input(
            "room",
            "Room",
            element(
                "conversations_select",
                json!({"response_url_enabled": true}),
            ),
        ),
        input(
            "day",
            "Day",
            element("datepicker", json!({"initial_date": "2026-11-21"})),
        ),
        input(
            "begun",
            "Begun",
            element(
                "static_select",
                json!({"options": options, "initial_option": options[1]}),
            ),
        ),
    ];
    let mut view = modal("All", json!(fields));
    let mut free = input("free", "Free", element("plain_text_input", json!({})));
    free["optional"] = json!(true);
    view["blocks"].as_array_mut().unwrap().push(free);
    let choice = json!({"type": "section", "block_id": "beside", "text": plain("Beside"), "accessory": element("static_select", with())});
    view["blocks"].as_array_mut().unwrap().push(choice);
    open(&town, &mut ear, view).await;

    let refused = async |values: Value| {
        let page = town
            .inject_page(&json!({"type": "submit", "user": "ann", "values": values}))
            .await;
        let value = page.json();
        (
            value["error"].as_str().unwrap().to_string(),
            value["errors"].clone(),
        )
    };
    let missing = [
        "text", "number", "mail", "link", "one", "radio", "many", "person", "room",
    ];
    assert_eq!(
        refused(json!({})).await,
        ("missing_value".into(), json!(missing))
    );
    assert_eq!(
        refused(json!({"Nothing": 1})).await,
        ("field_not_found".into(), json!(["Nothing"]))
    );
    assert_eq!(
        refused(json!({"One of": "Third"})).await,
        ("option_not_found".into(), json!(["One of"]))
    );
    let mut values = json!({
        "Text": "t", "number": "1.5", "Mail": "no", "link": "nowhere", "One of": "Second", "radio": "1", "Many of": ["First", "2"],
        "person": town.ben, "Room": town.general,
    });
    let wrong = ["text", "number", "mail", "link"];
    assert_eq!(
        refused(values.clone()).await,
        ("invalid_value".into(), json!(wrong))
    );
    for (name, value) in [
        ("Text", "two"),
        ("number", "7"),
        ("Mail", "a@b.c"),
        ("link", "https://x.org"),
    ] {
        values[name] = json!(value);
    }
    let answer = town.later(json!({"type": "submit", "user": "ann", "values": values}));
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    let state = &payload["view"]["state"]["values"];
    for (block, name, expected) in [
        ("text", "value", json!("two")),
        ("number", "value", json!("7")),
        ("one", "selected_option", options[1].clone()),
        ("radio", "selected_option", options[0].clone()),
        ("many", "selected_options", options.clone()),
        ("person", "selected_user", json!(town.ben)),
        ("room", "selected_conversation", json!(town.general)),
        ("day", "selected_date", json!("2026-11-21")),
        ("begun", "selected_option", options[1].clone()),
        ("free", "value", Value::Null),
        ("beside", "selected_option", Value::Null),
    ] {
        assert_eq!(state[block]["a"][name], expected, "{block}");
    }
    let url = &payload["response_urls"][0];
    assert_eq!(
        (&url["block_id"], &url["action_id"], &url["channel_id"]),
        (&json!("room"), &json!("a"), &json!(town.general))
    );
    let body = json!({"text": "done", "response_type": "in_channel"}).to_string();
    let page = ask(
        url["response_url"].as_str().unwrap(),
        "POST",
        &[JSON],
        &body,
    )
    .await
    .unwrap();
    assert_eq!(page.body, "ok");
}

#[tokio::test]
async fn an_external_select_offers_what_the_app_says() {
    let (town, mut ear) = quiet().await;
    let element = json!({"type": "external_select", "action_id": "repo", "min_query_length": 2});
    open(
        &town,
        &mut ear,
        modal("Which", json!([input("which", "Which", element.clone())])),
    )
    .await;
    let suggest = |typed: &str| json!({"type": "suggest", "user": "ann", "action_id": "repo", "value": typed});
    let short = town.inject_page(&suggest("s")).await;
    assert_eq!(short.json()["error"], "query_too_short");
    let answer = town.later(suggest("se"));
    let envelope = ear.next().await.unwrap();
    let payload = &envelope["payload"];
    assert_eq!(envelope["accepts_response_payload"], true);
    assert_eq!(
        (
            &payload["type"],
            &payload["value"],
            &payload["action_id"],
            &payload["block_id"]
        ),
        (
            &json!("block_suggestion"),
            &json!("se"),
            &json!("repo"),
            &json!("which")
        )
    );
    assert!(payload["view"]["id"].is_string());
    let offer = |text: &str| json!({"text": plain(text), "value": format!("v-{text}")});
    let groups = json!({"option_groups": [{"label": plain("G"), "options": [offer("serde")]}, {"label": plain("H"), "options": [offer("sled")]}]});
    ear.ack(&envelope, Some(groups)).await;
    answer.await.unwrap();
    let page = town
        .inject_page(&json!({"type": "fill", "user": "ann", "values": {"Which": "tokio"}}))
        .await;
    assert_eq!(
        page.json()["error"],
        "option_not_found",
        "only what was offered"
    );
    let answer = town.later(json!({"type": "submit", "user": "ann", "values": {"Which": "sled"}}));
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    assert_eq!(
        payload["view"]["state"]["values"]["which"]["repo"]["selected_option"],
        offer("sled")
    );
    // In a message too; an offer that is not as it must be is none.
    let blocks = json!([{"type": "actions", "block_id": "row", "elements": [element]}]);
    town.call(
        "chat.postMessage",
        json!({"channel": town.general, "text": "b", "blocks": blocks}),
    )
    .await;
    let mut wish = suggest("xyz");
    wish["channel"] = json!("#general");
    for (offered, count) in [
        (json!([offer("a")]), 1),
        (json!([offer(&"x".repeat(76))]), 0),
    ] {
        let answer = town.later(wish.clone());
        let envelope = ear.next().await.unwrap();
        assert_eq!(envelope["payload"]["message"]["text"], "b");
        ear.ack(&envelope, Some(json!({"options": offered}))).await;
        answer.await.unwrap();
        let key = (town.ann.clone(), "repo".to_string());
        let kept = town.server.slack().offers.get(&key).map_or(0, Vec::len);
        assert_eq!(kept, count);
    }
}

#[tokio::test]
async fn what_was_chosen_before_comes_along_with_a_click() {
    let (town, mut ear) = quiet().await;
    let options =
        json!([{"text": plain("First"), "value": "1"}, {"text": plain("Second"), "value": "2"}]);
    let select = json!({"type": "static_select", "action_id": "pick", "options": options, "initial_option": options[0]});
    let button = |value: &str| json!({"type": "button", "action_id": "go", "value": value, "text": plain(&format!("Go {value}"))});
    let more = json!({"type": "overflow", "action_id": "more", "options": [{"text": plain("Stop it"), "value": "stop"}, {"text": plain("Show"), "value": "show"}]});
    let blocks = json!([
        {"type": "actions", "block_id": "one", "elements": [select, button("a"), more]},
        {"type": "section", "block_id": "two", "text": plain("x"), "accessory": button("b")},
    ]);
    town.call(
        "chat.postMessage",
        json!({"channel": town.general, "text": "b", "blocks": blocks}),
    )
    .await;
    let mut clicked = async |more: Value| {
        let mut wish = json!({"type": "click", "channel": "#general", "user": "ann"});
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        let answer = town.later(wish);
        let payload = ear.heard().await["payload"].clone();
        answer.await.unwrap();
        payload
    };
    let first = clicked(json!({"text": "Go b"})).await;
    assert_eq!(
        (
            &first["actions"][0]["block_id"],
            &first["actions"][0]["value"]
        ),
        (&json!("two"), &json!("b"))
    );
    assert_eq!(
        first["state"]["values"]["one"]["pick"]["selected_option"]["value"],
        "1"
    );
    let chosen = clicked(json!({"action_id": "pick", "value": "2"})).await;
    assert_eq!(chosen["actions"][0]["selected_option"], options[1]);
    let second = clicked(json!({"action_id": "go", "value": "a"})).await;
    assert_eq!(second["actions"][0]["block_id"], "one");
    assert_eq!(
        second["state"]["values"]["one"]["pick"]["selected_option"]["value"],
        "2"
    );
    assert!(second["state"]["values"]["one"].get("more").is_none());
    let menu = clicked(json!({"text": "Stop it"})).await;
    assert_eq!(
        (
            &menu["actions"][0]["type"],
            &menu["actions"][0]["selected_option"]["value"]
        ),
        (&json!("overflow"), &json!("stop"))
    );
    assert_eq!(
        menu["channel"],
        json!({"id": town.general, "name": "general"})
    );
    let unknown = json!({"type": "click", "channel": "#general", "user": "ann", "ts": first["container"]["message_ts"], "text": "Go c"});
    assert_eq!(
        town.inject_page(&unknown).await.json()["error"],
        "action_not_found"
    );
}

#[tokio::test]
async fn shortcuts_come_from_anywhere_or_from_a_message() {
    let (town, mut ear) = quiet().await;
    let answer = town.later(json!({"type": "shortcut", "user": "ann", "callback_id": "new"}));
    let envelope = ear.heard().await;
    let payload = &envelope["payload"];
    assert_eq!(
        (
            &payload["type"],
            &payload["callback_id"],
            &payload["user"]["id"]
        ),
        (&json!("shortcut"), &json!("new"), &json!(town.ann))
    );
    assert!(payload.get("channel").is_none() && payload.get("response_url").is_none());
    assert_eq!(answer.await.unwrap()["acked"], true);
    let said = town
        .inject(json!({"type": "say", "channel": "#general", "user": "ben", "text": "an idea"}))
        .await;
    let shortcut = json!({"type": "shortcut", "user": "ann", "callback_id": "keep", "channel": "#general", "ts": said["ts"]});
    let answer = town.later(shortcut);
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    assert_eq!(
        (
            &payload["type"],
            &payload["message"]["text"],
            &payload["message_ts"]
        ),
        (&json!("message_action"), &json!("an idea"), &said["ts"])
    );
    assert_eq!(payload["channel"]["name"], "general");
    // It answers, but cannot put anything in the place of what somebody else wrote.
    let url = payload["response_url"].as_str().unwrap();
    let replace = json!({"text": "x", "replace_original": true}).to_string();
    let page = ask(url, "POST", &[JSON], &replace).await.unwrap();
    assert_eq!(page.json()["error"], "message_not_found");
    let page = ask(url, "POST", &[JSON], "{\"text\":\"kept\"}")
        .await
        .unwrap();
    assert_eq!(page.body, "ok");
}
