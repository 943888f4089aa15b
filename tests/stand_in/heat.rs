//! A classifier with HeatDetector's interface: each `!` of a text is one degree. It bans who asks too soon.

use std::sync::{Arc, Mutex};

use boson::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::web::{Act, Web};

/// The server; it stops when it is dropped.
pub struct Heat {
    pub web: Web,
    pub mood: Arc<Mutex<Mood>>,
}

/// How it behaves.
pub struct Mood {
    /// In milliseconds.
    pub back_off: u64,
    /// The most texts of one call.
    pub most: usize,
    /// It answers with this status and nothing else.
    pub status: Option<u16>,
    last: Option<DateTime<Utc>>,
}

impl Heat {
    pub async fn start(clock: Clock) -> Heat {
        let mood = Arc::new(Mutex::new(Mood {
            back_off: 30_000,
            most: 100,
            status: None,
            last: None,
        }));
        let web = Web::start().await;
        let judge = mood.clone();
        let judge = move |sent: &str| judge.lock().unwrap().answer(sent, clock.now());
        web.on("/api/classify/", Act::Play(Arc::new(judge)));
        Heat { web, mood }
    }

    pub fn url(&self) -> String {
        self.web.url("/api/classify/")
    }

    /// Which site each call named.
    #[allow(dead_code, reason = "transcripts do not ask")]
    pub fn domains(&self) -> Vec<String> {
        let domain = |sent: &String| {
            let sent: Value = serde_json::from_str(sent).unwrap();
            sent["domain"].as_str().unwrap().to_string()
        };
        self.web.sent().iter().map(domain).collect()
    }

    /// How many texts each call had.
    pub fn calls(&self) -> Vec<usize> {
        let count = |sent: &String| {
            let sent: Value = serde_json::from_str(sent).unwrap();
            sent["contents"].as_array().unwrap().len()
        };
        self.web.sent().iter().map(count).collect()
    }
}

impl Mood {
    fn answer(&mut self, sent: &str, now: DateTime<Utc>) -> (u16, String) {
        let soon = TimeDelta::milliseconds(self.back_off as i64);
        assert!(
            self.last.is_none_or(|last| now - last >= soon),
            "asked again too soon"
        );
        self.last = Some(now);
        let asked: Value = serde_json::from_str(sent).unwrap();
        assert!(asked["domain"].is_string());
        let least = asked["minScore"].as_u64().unwrap() as usize;
        let contents = asked["contents"].as_array().unwrap();
        if let Some(status) = self.status {
            return (status, "no".into());
        }
        if contents.len() > self.most {
            return (413, "{}".into());
        }
        let judged = contents.iter().filter_map(|content| {
            let score = content["text"].as_str().unwrap().matches('!').count();
            let bad = json!({"regex": "!", "type": 0});
            (score >= least).then(
                || json!({"id": content["id"], "nb": 0.5, "op": 0.5, "bad": bad, "score": score}),
            )
        });
        let judged: Vec<Value> = judged.collect();
        let answer = json!({"domain": "stackoverflow", "result": judged, "backOff": self.back_off});
        (200, answer.to_string())
    }
}
