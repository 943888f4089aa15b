//! The bell over a real web socket whose other end is the test: heart-beats, silence, breaks, rubbish.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/sockets.rs"]
mod sockets;

use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Http};
use boson::source;
use boson::source::stack_exchange::bell::{Ring, Settings, listen};
use boson::source::stack_exchange::{self, Api};
use chrono::{DateTime, TimeDelta, Utc};
use sockets::{Peer, Sockets};
use tokio::sync::mpsc::{self, Receiver};

struct Scene {
    server: Sockets,
    clock: Clock,
    rings: Receiver<Ring>,
    task: tokio::task::JoinHandle<()>,
}

impl Scene {
    /// A bell whose rings wait in a line of this length.
    async fn start(line: usize) -> Scene {
        let server = Sockets::start().await;
        let clock = Clock::stopped("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let settings = http::Settings {
            allow_private: true,
            timeout: Duration::from_secs(20),
            ..http::Settings::default()
        };
        let http = Http::new(settings, clock.clone()).unwrap();
        let (sender, rings) = mpsc::channel(line);
        let bell = listen(
            http,
            clock.clone(),
            Settings::everywhere(server.url()),
            sender,
        );
        Scene {
            server,
            clock,
            rings,
            task: tokio::spawn(bell),
        }
    }

    /// Lets time pass, a second at a time, until the bell comes to the server.
    async fn come(&self) -> Peer {
        tokio::select! {
            biased;
            mut peer = self.server.next() => {
                assert_eq!(peer.hear().await.as_deref(), Some("155-questions-active"));
                peer
            }
            () = self.pass() => unreachable!("time does not end"),
        }
    }

    async fn pass(&self) {
        loop {
            tokio::task::yield_now().await;
            self.clock
                .advance_to(self.clock.now() + TimeDelta::seconds(1));
        }
    }

    async fn ring(&mut self) -> Ring {
        self.rings.recv().await.unwrap()
    }
}

fn active(site: &str, id: u64) -> String {
    let inner = serde_json::json!({
        "apiSiteParameter": site,
        "id": id,
        "lastActivityDate": 1_767_225_600,
    });
    serde_json::json!({"action": "155-questions-active", "data": inner.to_string()}).to_string()
}

const BEAT: &str = r#"{"action":"hb","data":"hb"}"#;

#[tokio::test]
async fn a_heart_beat_is_answered_and_a_question_rings() {
    let mut scene = Scene::start(8).await;
    let mut peer = scene.come().await;
    assert!(
        peer.headers
            .contains(&"origin: https://stackexchange.com".to_string())
    );
    peer.say(BEAT).await;
    assert_eq!(peer.hear().await.as_deref(), Some(BEAT));
    assert_eq!(scene.ring().await, Ring::Up);
    for rubbish in ["", "hello", "{\"action\":\"155-questions-active\"}", "[[["] {
        peer.say(rubbish).await;
    }
    for question in [7, 5, 7, 9] {
        peer.say(&active("beer", question)).await;
        let site = "beer".into();
        assert_eq!(scene.ring().await, Ring::Activity { site, question });
    }
    drop(scene.rings);
    scene.task.await.unwrap();
}

#[tokio::test]
async fn a_socket_that_dies_without_a_word_is_replaced() {
    let mut scene = Scene::start(8).await;
    let mut peer = scene.come().await;
    peer.say(BEAT).await;
    assert_eq!(scene.ring().await, Ring::Up);
    assert_eq!(peer.hear().await.as_deref(), Some(BEAT));
    scene
        .clock
        .advance_to(scene.clock.now() + TimeDelta::seconds(119));
    peer.say(&active("beer", 1)).await;
    assert!(matches!(scene.ring().await, Ring::Activity { .. }));
    scene
        .clock
        .advance_to(scene.clock.now() + TimeDelta::seconds(119));
    peer.say(BEAT).await;
    assert_eq!(peer.hear().await.as_deref(), Some(BEAT));
    let died = scene.clock.now();
    let mut again = scene.come().await;
    let took = (scene.clock.now() - died).num_seconds();
    // Time runs on while the sockets are opened and closed.
    assert!((120..240).contains(&took), "{took} seconds");
    let why = "it was silent for 120 seconds".into();
    assert_eq!(scene.ring().await, Ring::Down { why });
    assert_eq!(peer.hear().await, None, "the old socket is gone");
    again.say(&active("beer", 2)).await;
    assert_eq!(scene.ring().await, Ring::Up);
    assert!(matches!(
        scene.ring().await,
        Ring::Activity { question: 2, .. }
    ));
}

#[tokio::test]
async fn a_socket_that_breaks_is_replaced_after_a_pause_that_grows() {
    let mut scene = Scene::start(8).await;
    drop(scene.come().await);
    assert!(matches!(scene.ring().await, Ring::Down { .. }));
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let broke = scene.clock.now();
        let peer = scene.come().await;
        pauses.push((scene.clock.now() - broke).num_seconds());
        drop(peer);
    }
    // Time runs on while the sockets are opened and closed, so that a pause looks longer than it was.
    let least = [0, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150];
    assert!(
        pauses.iter().zip(least).all(|(took, least)| *took >= least),
        "{pauses:?}"
    );
    // That it is down is told once.
    let mut peer = scene.come().await;
    peer.say("anything").await;
    assert_eq!(scene.ring().await, Ring::Up);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_asked_again() {
    let mut scene = Scene::start(8).await;
    for _ in 0..5 {
        tokio::select! {
            biased;
            () = scene.server.hang_up() => {}
            () = scene.pass() => {}
        }
    }
    assert!(matches!(scene.ring().await, Ring::Down { .. }));
    let mut peer = scene.come().await;
    peer.say(BEAT).await;
    assert_eq!(scene.ring().await, Ring::Up);
}

#[tokio::test]
async fn rings_that_nobody_takes_become_one_for_each_site() {
    let mut scene = Scene::start(1).await;
    let mut peer = scene.come().await;
    for n in 0..3000_u64 {
        peer.say(&active(["a", "b", "c"][n as usize % 3], n)).await;
    }
    peer.say(BEAT).await;
    assert_eq!(
        peer.hear().await.as_deref(),
        Some(BEAT),
        "the socket does not wait for who takes the rings"
    );
    assert_eq!(scene.ring().await, Ring::Up);
    // The last question of each site is named in the end.
    let (mut rings, mut last) = (0, std::collections::BTreeMap::new());
    while last.values().sum::<u64>() < 2997 + 2998 + 2999 {
        let Ring::Activity { site, question } = scene.ring().await else {
            panic!("nothing else happened");
        };
        rings += 1;
        last.insert(site, question);
    }
    assert!(rings <= 8 && last.len() == 3, "{rings} rings");
}

#[tokio::test]
async fn nobody_listens_when_nothing_is_watched_any_more() {
    let server = Sockets::start().await;
    let clock = Clock::stopped("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
    let settings = http::Settings {
        allow_private: true,
        ..http::Settings::default()
    };
    let http = Http::new(settings, clock.clone()).unwrap();
    let api = Api::new(stack_exchange::Settings {
        websocket: Some(server.url()),
        ..stack_exchange::Settings::default()
    });
    let (sender, mut rings) = mpsc::channel(8);
    let test = async {
        for _ in 0..2 {
            api.watch();
            let mut peer = server.next().await;
            assert!(peer.hear().await.is_some());
            peer.say(BEAT).await;
            let up = rings.recv().await.unwrap();
            assert_eq!(up, source::Ring::Up("stack-exchange"));
            // Each beat is answered before time goes on, or the socket would be taken for a silent one.
            assert_eq!(peer.hear().await.as_deref(), Some(BEAT));
            api.watch();
            while rings.is_empty() {
                clock.advance_to(clock.now() + TimeDelta::seconds(100));
                peer.say(BEAT).await;
                peer.hear().await;
            }
            let down = rings.recv().await.unwrap();
            assert_eq!(down, source::Ring::Down("stack-exchange"));
        }
    };
    tokio::select! {
        () = api.listen(&http, &clock, sender) => panic!("somebody takes the rings"),
        () = test => {}
    }
}
