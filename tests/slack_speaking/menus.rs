//! Menus, boxes and pickers below a message: taken by Slack, and what is picked in them is heard.

use boson::model::text::{Block, Choice};
use boson::model::{Choosable, Field, FieldKind, Message, Text};
use boson::room::{Platform, Saying};
use serde_json::{Value, json};

use crate::ears::Ears;
use crate::talk::Talk;

const COMMAND: &str = "wizard --to 7.x";

fn pick(kind: FieldKind, value: Option<&str>) -> Choice {
    let field = Field {
        name: "x".into(),
        label: "Which of them".into(),
        help: None,
        kind,
        value: value.map(String::from),
        needed: true,
        turns: false,
    };
    Choice {
        picks: Some(Box::new(field)),
        ..Choice::button("Which of them", COMMAND)
    }
}

fn all(many: usize) -> Vec<Choosable> {
    let one = |n: usize| Choosable {
        value: format!("v{n}"),
        label: format!("{n}: {}", "words ".repeat(30)),
    };
    (0..many).map(one).collect()
}

fn question(choice: Choice) -> Text {
    let mut text = Text::line("Which?");
    let cancel = Choice::button("Cancel", "wizard --to 7.x cancel");
    text.0.push(Block::Choices(vec![choice, cancel]));
    text
}

async fn click(talk: &Talk, ears: &mut Ears, more: Value) -> Message {
    let (_, message) = tokio::join!(talk.act(wish(talk, more)), ears.said(talk));
    assert!(message.private);
    message
}

fn wish(talk: &Talk, more: Value) -> Value {
    let mut wish = json!({"type": "click", "channel": talk.channels[0], "user": talk.ben});
    let fields = more.as_object().unwrap().clone();
    wish.as_object_mut().unwrap().extend(fields);
    wish
}

#[tokio::test]
async fn what_is_picked_at_once_is_typed_at_once() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let (here, ann) = (talk.channels[0].clone(), talk.ann.clone());
    for (kind, value, typed) in [
        (
            FieldKind::One(all(100)),
            "v99".to_string(),
            "v99".to_string(),
        ),
        (FieldKind::Person, ann.clone(), ann.clone()),
        (FieldKind::Room, here, "here".into()),
    ] {
        talk.say(question(pick(kind, None))).await.unwrap();
        let message = click(&talk, &mut ears, json!({"value": value})).await;
        assert_eq!(message.text, format!("{COMMAND} \"{typed}\""));
        let named: Vec<&str> = message
            .mentions
            .iter()
            .map(|its| its.id.0.as_str())
            .collect();
        assert_eq!(
            named,
            if typed == ann {
                vec![ann.as_str()]
            } else {
                Vec::new()
            }
        );
    }
    // Nothing had to be sent without its form.
    let posts = talk.asked("chat.postMessage");
    assert!(
        posts
            .iter()
            .all(|sent| sent["blocks"].is_array() || sent["blocks"].is_string())
    );
    assert_eq!(posts.len(), 3);
}

#[tokio::test]
async fn what_is_gathered_is_typed_when_it_is_done() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let at = "2026-12-01T18:00:00+00:00";
    for (kind, begun, picked, typed) in [
        (FieldKind::Many(all(10)), None, json!(["v1", "v9"]), "v1,v9"),
        (
            FieldKind::Many(all(100)),
            Some("v3"),
            json!(["v0", "v99"]),
            "v0,v99",
        ),
        (FieldKind::Moment, None, json!(1_796_148_000), at),
    ] {
        talk.say(question(pick(kind, begun))).await.unwrap();
        // It is no answer yet.
        talk.act(wish(&talk, json!({"action_id": "hold-1", "value": picked})))
            .await;
        let message = click(&talk, &mut ears, json!({"text": "Choose"})).await;
        assert_eq!(message.text, format!("{COMMAND} \"{typed}\""));
    }
    // What stands there already counts, too.
    let text = question(pick(FieldKind::Many(all(11)), Some("v3,v4")));
    talk.say(text).await.unwrap();
    let message = click(&talk, &mut ears, json!({"text": "Choose"})).await;
    assert_eq!(message.text, format!("{COMMAND} \"v3,v4\""));
}

#[tokio::test]
async fn what_one_person_sees_is_changed_by_their_click() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let saying = Saying {
        text: question(pick(FieldKind::One(all(6)), None)),
        ..talk.only(&talk.ben, "")
    };
    let spoken = talk.speak(&saying).await.unwrap();
    let message = click(&talk, &mut ears, json!({"value": "v2"})).await;
    let (room, text) = (talk.room(0), Text::line("Which? v2"));
    let change = talk
        .slack
        .edit_clicked(&room, &spoken.message, &message.id, &text);
    talk.passing(60, change).await.unwrap();
    let seen = talk.seen_by(&talk.ben);
    assert_eq!(seen, [(talk.channels[0].clone(), "Which? v2".to_string())]);
    let slack = talk.server.slack();
    let kinds = slack.ephemerals[0].message.blocks.iter();
    assert!(kinds.clone().all(|block| block["type"] == "section"));
    drop(slack);
    // Without a click nobody can change it, and it is not said anew.
    let typed = talk.said_by(&talk.ben, "v2");
    let change = talk
        .slack
        .edit_clicked(&room, &spoken.message, &typed, &text);
    assert!(talk.passing(60, change).await.is_err());
    assert_eq!(talk.seen_by(&talk.ben).len(), 1);
}
