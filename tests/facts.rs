//! What is looked up: the classifier of texts and the list of burned tags, over real sockets.

#[path = "stand_in/heat.rs"]
mod heat;
#[path = "stand_in/tagdor.rs"]
mod tagdor;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/web.rs"]
mod web;

use std::time::Duration;

use boson::clock::Clock;
use boson::fact::{Readers, Settings};
use boson::http::{self, Http};
use boson::model::{Fact, Item, ItemId};
use boson::source::Shared;
use chrono::{DateTime, TimeDelta, Utc};
use heat::Heat;
use tagdor::Tagdor;
use web::Act;

struct Scene {
    http: Http,
    clock: Clock,
    readers: Readers,
}

fn clock() -> Clock {
    Clock::stopped("2026-01-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap())
}

impl Scene {
    fn new(clock: Clock, settings: &Settings) -> Scene {
        let door = http::Settings {
            allow_private: true,
            timeout: Duration::from_secs(20),
            ..http::Settings::default()
        };
        Scene {
            http: Http::new(door, clock.clone()).unwrap(),
            clock,
            readers: Readers::new(&Shared::default(), settings),
        }
    }

    async fn with_heat() -> (Scene, Heat) {
        let clock = clock();
        let heat = Heat::start(clock.clone()).await;
        let settings = Settings {
            heat: Some(heat.url()),
            burned: None,
        };
        (Scene::new(clock, &settings), heat)
    }

    async fn with_tagdor() -> (Scene, Tagdor) {
        let tagdor = Tagdor::start().await;
        let settings = Settings {
            heat: None,
            burned: Some(tagdor.url()),
        };
        (Scene::new(clock(), &settings), tagdor)
    }

    fn pass(&self, seconds: i64) {
        self.clock
            .advance_to(self.clock.now() + TimeDelta::seconds(seconds));
    }

    /// What the reader says of items with these texts; nothing where they stay unsure.
    async fn heat(&self, texts: &[&str]) -> Vec<Option<f64>> {
        let mut items: Vec<Item> = texts.iter().map(|text| item(text, &[])).collect();
        self.read("heat", &mut items).await;
        let heat = |item: &Item| match item.facts.get("heat") {
            Some(Fact::Number(heat)) => Some(*heat),
            Some(_) | None => None,
        };
        items.iter().map(heat).collect()
    }

    async fn burned(&self, tags: &[&[&str]]) -> Vec<Option<bool>> {
        let mut items: Vec<Item> = tags.iter().map(|tags| item("", tags)).collect();
        self.read("burned", &mut items).await;
        let burned = |item: &Item| match item.facts.get("burned") {
            Some(Fact::Yes(burned)) => Some(*burned),
            Some(_) | None => None,
        };
        items.iter().map(burned).collect()
    }

    async fn read(&self, name: &str, items: &mut [Item]) {
        assert!(!self.readers.is_unset(name));
        let which: Vec<usize> = (0..items.len()).collect();
        self.readers.read(name, &self.http, items, &which).await;
    }
}

fn item(body: &str, tags: &[&str]) -> Item {
    Item {
        id: ItemId("1".into()),
        revision: 0,
        title: String::new(),
        body: body.into(),
        author: None,
        url: None,
        at: DateTime::UNIX_EPOCH,
        seen: DateTime::UNIX_EPOCH,
        tags: tags.iter().map(ToString::to_string).collect(),
        facts: Default::default(),
    }
}

#[test]
fn what_the_operator_did_not_set_is_not_there() {
    let scene = Scene::new(clock(), &Settings::default());
    assert_eq!(scene.readers.names().collect::<Vec<_>>(), ["post"]);
    let unset = ["post", "heat", "burned", "other"].map(|name| scene.readers.is_unset(name));
    assert_eq!(unset, [false, true, true, false]);
}

#[tokio::test]
async fn texts_get_their_heat_in_one_call() {
    let (scene, heat) = Scene::with_heat().await;
    let heats = scene
        .heat(&["calm", "hot!", "", "very hot!!!", "hot!"])
        .await;
    assert_eq!(heats, [Some(0.0), Some(1.0), None, Some(3.0), Some(1.0)]);
    assert_eq!(heat.calls(), [3], "the same text is sent once");
    // What is known is not asked again, what is not known has to wait.
    assert_eq!(scene.heat(&["hot!", "new!"]).await, [Some(1.0), None]);
    scene.pass(29);
    assert_eq!(scene.heat(&["new!"]).await, [None]);
    scene.pass(1);
    assert_eq!(scene.heat(&["new!"]).await, [Some(1.0)]);
    heat.mood.lock().unwrap().back_off = 60_000;
    scene.pass(30 + 60);
    assert_eq!(scene.heat(&["third"]).await, [Some(0.0)]);
    scene.pass(59);
    assert_eq!(scene.heat(&["fourth"]).await, [None]);
    scene.pass(1);
    assert_eq!(scene.heat(&["fourth"]).await, [Some(0.0)]);
}

#[tokio::test]
async fn no_more_texts_are_sent_than_are_taken() {
    let (scene, heat) = Scene::with_heat().await;
    let texts: Vec<String> = (0..250).map(|n| format!("text {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let known = |heats: Vec<Option<f64>>| heats.into_iter().flatten().count();
    assert_eq!(known(scene.heat(&texts).await), 100);
    scene.pass(30);
    assert_eq!(known(scene.heat(&texts).await), 200);
    heat.mood.lock().unwrap().most = 20;
    for (most, known_then) in [(50, 200), (25, 200), (12, 212)] {
        scene.pass(30);
        assert_eq!(known(scene.heat(&texts).await), known_then);
        assert_eq!(heat.calls().last(), Some(&most));
    }
    // It asks for a little more each time until that is too much.
    for (most, known_then) in [(13, 225), (14, 239), (11, 250)] {
        scene.pass(30);
        assert_eq!(known(scene.heat(&texts).await), known_then);
        assert_eq!(heat.calls().last(), Some(&most));
    }
}

#[tokio::test]
async fn the_classifier_hears_which_site_a_text_is_from() {
    let (scene, heat) = Scene::with_heat().await;
    scene.heat(&["from a feed"]).await;
    scene.pass(30);
    let mut item = item("from a site", &[]);
    let site = ["workplace.stackexchange.com", "workplace"].map(String::from);
    item.facts.insert("site".into(), Fact::Words(site.into()));
    scene.read("heat", &mut [item]).await;
    assert_eq!(heat.domains(), ["stackoverflow", "workplace"]);
}

#[tokio::test]
async fn a_classifier_that_fails_leaves_texts_unsure() {
    let (scene, heat) = Scene::with_heat().await;
    heat.mood.lock().unwrap().status = Some(403);
    assert_eq!(scene.heat(&["a"]).await, [None]);
    heat.mood.lock().unwrap().status = None;
    scene.pass(599);
    assert_eq!(scene.heat(&["a"]).await, [None]);
    assert_eq!(heat.calls().len(), 1, "who is not let in does not insist");
    for rubbish in [
        "",
        "[]",
        "{\"result\":7}",
        "{\"result\":[{\"id\":-1,\"score\":1}]}",
    ] {
        scene.pass(600);
        let rubbish = rubbish.to_string();
        let play = std::sync::Arc::new(move |_: &str| (200, rubbish.clone()));
        heat.web.on("/api/classify/", Act::Play(play));
        assert_eq!(scene.heat(&["a"]).await, [None]);
    }
    for nonsense in [
        r#"{"result":[{"id":0,"score":1},{"id":2,"score":1},{"id":99999999999,"score":1}]}"#,
        r#"{"result":[],"backOff":18446744073709551615}"#,
    ] {
        scene.pass(600);
        let nonsense = nonsense.to_string();
        let play = std::sync::Arc::new(move |_: &str| (200, nonsense.clone()));
        heat.web.on("/api/classify/", Act::Play(play));
        assert_eq!(scene.heat(&["a"]).await, [None]);
    }
    scene.pass(3601);
    heat.web.on("/api/classify/", Act::HangUp);
    assert_eq!(scene.heat(&["a"]).await, [None]);
}

#[tokio::test]
async fn burned_tags_are_remembered_for_a_day() {
    let (scene, tagdor) = Scene::with_tagdor().await;
    tagdor.lists("ale", false);
    tagdor.lists("untagged", true);
    tagdor.lists("c%23", true);
    let items: &[&[&str]] = &[
        &["ale"],
        &["ale", "untagged"],
        &[],
        &["never-heard-of"],
        &["c#"],
    ];
    let burned = [Some(false), Some(true), None, Some(false), Some(true)];
    assert_eq!(scene.burned(items).await, burned);
    assert_eq!(tagdor.web.heard().len(), 4);
    tagdor.lists("ale", true);
    scene.pass(86_399);
    assert_eq!(scene.burned(items).await, burned);
    assert_eq!(tagdor.web.heard().len(), 4);
    scene.pass(1);
    assert_eq!(scene.burned(&[&["ale"]]).await, [Some(true)]);
}

#[tokio::test]
async fn a_list_that_fails_leaves_tags_unsure() {
    let (scene, tagdor) = Scene::with_tagdor().await;
    tagdor.lists("burned", true);
    tagdor.web.status("/tags/broken", "500 Oh", &[]);
    tagdor.web.page("/tags/rubbish", &[], "<html>");
    tagdor.web.on("/tags/zero", Act::HangUp);
    for tag in ["broken", "rubbish", "zero"] {
        assert_eq!(scene.burned(&[&[tag]]).await, [None], "{tag}");
    }
    // One burned tag is enough, whatever the others are.
    assert_eq!(scene.burned(&[&["burned", "broken"]]).await, [Some(true)]);
    let many: Vec<String> = (0..40).map(|n| format!("t{n:02}")).collect();
    let many: Vec<Vec<&str>> = many.iter().map(|tag| vec![tag.as_str()]).collect();
    let many: Vec<&[&str]> = many.iter().map(Vec::as_slice).collect();
    let known = scene.burned(&many).await;
    assert_eq!(known.iter().flatten().count(), 30);
    assert_eq!(scene.burned(&many).await.iter().flatten().count(), 40);
}
