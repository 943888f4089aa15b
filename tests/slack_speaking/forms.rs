//! Forms: shown at once, drawn anew, handed in.

use boson::model::{Choosable, Field, FieldKind, Filled, Form, Taken};
use boson::room::{Platform, SayError};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::ears::Ears;
use crate::slack::{Fault, How};
use crate::talk::Talk;

fn form(source: &str) -> Form {
    let one = |value: &str| Choosable {
        value: value.into(),
        label: value.to_uppercase(),
    };
    let field = |name: &str, kind: FieldKind| Field {
        name: name.into(),
        label: name.into(),
        help: None,
        kind,
        value: None,
        needed: false,
        turns: false,
    };
    let about = match source {
        "feed" => "url",
        _ => "site",
    };
    Form {
        name: "track".into(),
        title: "Track something".into(),
        submit: "Track".into(),
        fields: vec![
            Field {
                turns: true,
                needed: true,
                value: Some(source.into()),
                ..field("source", FieldKind::One(vec![one("feed"), one("site")]))
            },
            Field {
                needed: true,
                ..field(about, FieldKind::Line)
            },
            field("thread", FieldKind::Tick),
        ],
    }
}

/// The form that somebody sees, by its id.
fn shown(talk: &Talk) -> Option<(String, Value)> {
    let slack = talk.server.slack();
    let mut views = slack.views.iter();
    let (id, view) = views.next()?;
    assert!(views.next().is_none(), "there are several");
    Some((id.clone(), view.body.clone()))
}

fn errors(talk: &Talk) -> Value {
    let slack = talk.server.slack();
    let view = slack.views.values().next().expect("it is shown");
    json!(view.errors)
}

/// Somebody who typed a command is asked.
async fn asked(talk: &Talk, ears: &mut Ears) -> String {
    let message = ears.typed(talk, &talk.ben, "").await;
    let (room, form) = (talk.room(0), form("feed"));
    let done = talk
        .passing(1, talk.slack.ask(&room, &message.id, &form))
        .await;
    done.unwrap();
    shown(talk).expect("it is shown").0
}

/// The form is handed in, and `taken` says what becomes of it.
async fn handed_in(talk: &Talk, ears: &mut Ears, view: &str, taken: Taken) -> (Filled, Value) {
    let wish = json!({
        "type": "submit", "view": view, "values": {"url": "https://e.org", "thread": ["true"]},
    });
    let answer = async {
        let filled = ears.filled(talk).await;
        talk.passing(1, talk.slack.taken(&filled.id, taken)).await;
        filled
    };
    let (done, filled) = tokio::join!(talk.act(wish), answer);
    (filled, done)
}

#[tokio::test]
async fn what_is_filled_in_is_heard_and_the_form_goes() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let view = asked(&talk, &mut ears).await;
    let (filled, done) = handed_in(&talk, &mut ears, &view, Taken::Done).await;
    assert!(filled.done);
    assert_eq!(
        (filled.form.as_str(), &filled.room),
        ("track", &talk.room(0))
    );
    let answers: Vec<(&str, &str)> = filled
        .answers
        .iter()
        .map(|(name, answer)| (name.as_str(), answer.as_str()))
        .collect();
    assert_eq!(
        answers,
        [
            ("source", "feed"),
            ("url", "https://e.org"),
            ("thread", "true")
        ]
    );
    assert_eq!(done["acked"], true);
    assert!(shown(&talk).is_none());
}

#[tokio::test]
async fn mistakes_are_shown_at_their_fields() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let view = asked(&talk, &mut ears).await;
    let mistakes = vec![("url".to_string(), "There is no feed.".to_string())];
    handed_in(&talk, &mut ears, &view, Taken::Mistakes(mistakes)).await;
    assert_eq!(errors(&talk), json!({"url": "There is no feed."}));
    // It can be handed in again.
    handed_in(&talk, &mut ears, &view, Taken::Done).await;
    assert!(shown(&talk).is_none());
}

#[tokio::test]
async fn another_form_takes_the_place_of_one_that_was_handed_in() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let view = asked(&talk, &mut ears).await;
    handed_in(&talk, &mut ears, &view, Taken::Again(form("site"))).await;
    let (_, body) = shown(&talk).expect("it is shown");
    assert_eq!(body["blocks"][1]["block_id"], "site");
}

#[tokio::test]
async fn a_form_turns_with_an_answer() {
    for how in [None, Some(How::Later(1)), Some(How::Status(502))] {
        let talk = Talk::new().await;
        let mut ears = Ears::open(&talk).await;
        let view = asked(&talk, &mut ears).await;
        if let Some(how) = how {
            talk.fail(Fault::new(how).method("views.update"));
        }
        let wish = json!({"type": "click", "view": view, "action_id": "source", "value": "site"});
        let (_, filled) = tokio::join!(talk.act(wish), ears.filled(&talk));
        assert!(!filled.done);
        assert_eq!(filled.answers, [("source".into(), "site".into())]);
        let again = Taken::Again(form("site"));
        talk.passing(60, talk.slack.taken(&filled.id, again)).await;
        let (same, body) = shown(&talk).expect("it is shown");
        assert_eq!(
            (same, &body["blocks"][1]["block_id"]),
            (view, &json!("site"))
        );
    }
}

#[tokio::test]
async fn it_is_shown_at_once_or_never() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let message = ears.typed(&talk, &talk.ben, "").await;
    talk.clock
        .advance_to(talk.clock.now() + TimeDelta::seconds(4));
    let room = talk.room(0);
    let late = talk.slack.ask(&room, &message.id, &form("feed")).await;
    assert!(matches!(late, Err(SayError::Never { .. })), "{late:?}");
    assert!(talk.asked("views.open").is_empty());
    let message = ears.typed(&talk, &talk.ben, "").await;
    talk.fail(Fault::new(How::Error("expired_trigger_id".into())).method("views.open"));
    for _ in 0..2 {
        let late = talk.slack.ask(&room, &message.id, &form("feed")).await;
        assert!(matches!(late, Err(SayError::Never { .. })), "{late:?}");
    }
    assert_eq!(talk.asked("views.open").len(), 1);
}

#[tokio::test]
async fn who_answers_too_late_says_privately_what_was_wrong() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let view = asked(&talk, &mut ears).await;
    let wish = json!({"type": "submit", "view": view, "values": {"url": "https://e.org"}});
    let both = async { tokio::join!(talk.act(wish), ears.filled(&talk)) };
    let (_, filled) = talk.passing(60, both).await;
    assert!(shown(&talk).is_none());
    let mistakes = vec![("url".to_string(), "There is no feed.".to_string())];
    talk.passing(60, talk.slack.taken(&filled.id, Taken::Mistakes(mistakes)))
        .await;
    let seen = talk.seen_by(&talk.ben);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].1.contains("url: There is no feed."), "{seen:?}");
}
