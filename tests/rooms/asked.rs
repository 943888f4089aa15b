//! A dialogue in a workspace of Slack, by its buttons, menus and forms.

use std::time::Duration;

use boson::http::{Body, Call};
use serde_json::{Value, json};

use super::house::House;
use super::run::{Run, Time};
use super::workspace::{Workspace, door};

/// For how long something may not happen before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
const ANN: usize = 0;
const BOB: usize = 1;
/// An address that nobody listens at.
const NOWHERE: &str = "http://127.0.0.1:9/feed";

struct Scene {
    works: Workspace,
    run: Run,
}

impl Scene {
    async fn new() -> Scene {
        let works = Workspace::new(Time::strolls()).await;
        let run = Run::start(&works, 1).await;
        Scene { works, run }
    }

    async fn act(&self, wish: Value) -> Value {
        let http = door(&self.works.time().clock);
        let call = Call::post(self.works.server.inject_url(), Body::json(&wish));
        let reply = http.call(&call).await.unwrap();
        assert_eq!(reply.status, 200, "{wish}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap()
    }

    async fn says(&self, person: usize, text: &str) {
        self.works.say(0, person, text).await;
    }

    /// Somebody clicks in the last message, seen by all or by them, that has such an element.
    async fn clicks(&self, person: usize, more: Value) {
        let mut wish = json!({
            "type": "click", "channel": self.works.rooms[0], "user": self.works.people[person],
        });
        let (all, more) = (wish.as_object_mut().unwrap(), more.as_object().unwrap());
        all.extend(more.clone());
        self.act(wish).await;
    }

    async fn presses(&self, person: usize, label: &str) {
        self.clicks(person, json!({"text": label})).await;
    }

    /// The last message with these words, as this person sees the channel: its words and blocks.
    fn find(&self, person: usize, words: &str) -> Option<(String, Vec<Value>)> {
        let slack = self.works.server.slack();
        let room = &self.works.rooms[0];
        let all = slack.channels[room].messages.values();
        let own = all.filter(|its| its.user == self.works.bot);
        let to = &self.works.people[person];
        let whispers = slack.ephemerals.iter().filter(|its| its.to == *to);
        let own = own.chain(whispers.map(|its| &its.message));
        let fits = own.filter(|its| its.text.contains(words));
        let last = fits.max_by(|one, other| one.ts.cmp(&other.ts))?;
        Some((last.text.clone(), last.blocks.clone()))
    }

    /// The same, once it is there.
    async fn sees(&self, person: usize, words: &str) -> (String, Vec<Value>) {
        let waits = async {
            loop {
                if let Some(found) = self.find(person, words) {
                    return found;
                }
                self.works.time().tick().await;
            }
        };
        match tokio::time::timeout(PATIENCE, waits).await {
            Ok(found) => found,
            Err(_) => panic!("nobody says {words}: {:#?}", self.works.said(0)),
        }
    }

    /// What somebody sees on top, once there is a form with this title.
    async fn form(&self, title: &str) -> (String, Value) {
        let waits = async {
            loop {
                let found = {
                    let slack = self.works.server.slack();
                    let mut all = slack.views.iter();
                    let found = all.find(|(_, view)| view.body["title"]["text"] == title);
                    found.map(|(id, view)| (id.clone(), view.body.clone()))
                };
                match found {
                    Some(found) => return found,
                    None => self.works.time().tick().await,
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, waits).await;
        found.unwrap_or_else(|_| panic!("no form is called {title}"))
    }
}

fn kinds(blocks: &[Value]) -> Vec<String> {
    let elements = blocks.iter().flat_map(|block| {
        let beside = block["elements"].as_array().into_iter().flatten();
        beside.chain(block.get("accessory"))
    });
    let kinds = elements.filter_map(|its| its["type"].as_str());
    let kinds = kinds.filter(|kind| *kind != "mrkdwn");
    kinds.map(String::from).collect()
}

#[tokio::test]
async fn a_dialogue_is_clicked_through() {
    let scene = Scene::new().await;
    scene.says(ANN, "@boson wizard").await;
    let (_, blocks) = scene.sees(ANN, "What shall I watch?").await;
    assert_eq!(kinds(&blocks), ["static_select", "button", "button"]);

    // Who is not asked is told so, and nobody else hears of it.
    scene.clicks(BOB, json!({"value": "feed"})).await;
    scene
        .sees(BOB, "That question is for Ann, not for you.")
        .await;
    assert!(scene.find(ANN, "not for you").is_none());

    scene.clicks(ANN, json!({"value": "feed"})).await;
    let (text, blocks) = scene.sees(ANN, "→ Ann: feed").await;
    assert!(
        text.contains("What shall I watch?") && kinds(&blocks).is_empty(),
        "{text}"
    );
    assert!(!text.contains("answer with"), "{text}");

    // What was asked privately changes just so.
    scene.sees(ANN, "Address?").await;
    assert!(scene.find(BOB, "Address?").is_none());
    scene.presses(ANN, "Answer…").await;
    let (view, _) = scene.form("Address").await;
    let submit = |url: &str| json!({"type": "submit", "view": view, "values": {"url": url}});
    let refused = scene.act(submit("nowhere")).await;
    assert!(
        refused.to_string().contains("no address on the web"),
        "{refused}"
    );
    scene.act(submit(NOWHERE)).await;
    let (_, blocks) = scene.sees(ANN, "→ Ann: http://127.0.0.1:9/feed").await;
    assert!(kinds(&blocks).is_empty());

    // Nothing is there, and that is what is wanted.
    scene.sees(ANN, "I cannot read that at present").await;
    scene.presses(ANN, "Skip").await;
    scene.sees(ANN, "Which posts shall I tell?").await;
    scene.presses(ANN, "Skip").await;
    let (_, blocks) = scene.sees(ANN, "What else must hold of it?").await;
    assert_eq!(kinds(&blocks)[..2], ["checkboxes", "button"]);
    let names: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block["elements"][0]["action_id"].as_str())
        .collect();
    // To tick a box is no answer yet.
    let ticked = json!({"action_id": names[0], "value": ["length", "tag"]});
    scene.clicks(ANN, ticked).await;
    scene.presses(ANN, "Choose").await;
    scene.sees(ANN, "→ Ann: length, tag").await;
    scene.sees(ANN, "Length?").await;
    scene.presses(ANN, "Back").await;
    scene.sees(ANN, "leaves it at `length, tag`").await;
    scene.presses(ANN, "Cancel").await;
    scene.sees(ANN, "Cancelled; nothing was changed.").await;
    assert!(scene.find(BOB, "Cancelled").is_none());
    scene.run.stop().await;
}

#[tokio::test]
async fn all_that_a_dialogue_asks_stands_on_a_form() {
    let scene = Scene::new().await;
    scene.says(ANN, "@boson wizard").await;
    scene.sees(ANN, "What shall I watch?").await;
    scene.presses(ANN, "Fill in a form").await;
    let (view, _) = scene.form("New tracker").await;
    let wish = json!({"type": "click", "view": view, "action_id": "source", "value": "feed"});
    scene.act(wish).await;
    let waits = async {
        loop {
            let (_, body) = scene.form("New tracker").await;
            let blocks = body["blocks"].as_array().unwrap().clone();
            if blocks.len() > 1 {
                return blocks;
            }
            scene.works.time().tick().await;
        }
    };
    let blocks = tokio::time::timeout(PATIENCE, waits).await.unwrap();
    let elements: Vec<(&str, &str)> = blocks
        .iter()
        .map(|block| {
            let kind = &block["element"]["type"];
            (block["block_id"].as_str().unwrap(), kind.as_str().unwrap())
        })
        .collect();
    assert!(
        elements.contains(&("filters", "multi_static_select")),
        "{elements:?}"
    );
    assert!(
        elements.contains(&("in", "conversations_select")),
        "{elements:?}"
    );
    let wish = json!({"type": "submit", "view": view, "values": {"url": NOWHERE, "name": "news"}});
    scene.act(wish).await;
    // It is said who did it, for the form was seen by nobody else.
    scene.sees(BOB, "Tracking 127.0.0.1").await;
    let (_, blocks) = scene.sees(BOB, "as `news`").await;
    let by = format!("<@{}> filled in a form", scene.works.people[ANN]);
    assert_eq!(blocks[0]["elements"][0]["text"], by);
    let (_, blocks) = scene.sees(ANN, "→ Ann: by a form").await;
    assert!(kinds(&blocks).is_empty());

    // What a button did takes its place.
    scene.presses(BOB, "Undo").await;
    scene.sees(BOB, "Taking back what somebody else did").await;
    scene.presses(ANN, "Undo").await;
    let (text, _) = scene.sees(BOB, "✓ Ann: Took back").await;
    assert!(text.contains("Tracking 127.0.0.1"), "{text}");
    scene.run.stop().await;
}

#[tokio::test]
async fn a_question_is_answered_in_its_thread() {
    let scene = Scene::new().await;
    scene.says(ANN, "@boson wizard").await;
    scene.sees(ANN, "What shall I watch?").await;
    let question = scene.works.said(0).last().unwrap().id.clone();
    scene.works.reply(0, BOB, &question, "feed").await;
    scene.works.reply(0, ANN, &question, "feed").await;
    scene.sees(ANN, "Address?").await;
    // The thread stands below what was asked first, and still it is the place to answer.
    scene.works.reply(0, ANN, &question, NOWHERE).await;
    scene.sees(ANN, "I cannot read that at present").await;
    scene.works.reply(0, ANN, &question, "skip").await;
    scene.sees(ANN, "Which posts shall I tell?").await;
    scene.works.reply(0, ANN, &question, "cancel").await;
    scene.sees(ANN, "Cancelled").await;
    assert!(scene.find(BOB, "not for you").is_none());
    scene.run.stop().await;
}
