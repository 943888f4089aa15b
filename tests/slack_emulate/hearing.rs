//! Whom a message is of: people and channels are looked up with the other server, the message is posted here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boson::http::{Body, Call};
use boson::model::{Heard, Message, Role};
use boson::room::Platform;
use boson::room::slack::Slack;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::emulator::{BOT, Emulator, SECRET, free, room};
use crate::signature::sign;

/// Turns a hang into a failure.
const HANG: Duration = Duration::from_secs(30);

/// A client that listens.
pub struct Ears {
    pub slack: Arc<Slack>,
    heard: mpsc::Receiver<Heard>,
    at: SocketAddr,
    _task: JoinSet<()>,
}

impl Ears {
    pub async fn open(works: &Emulator) -> Ears {
        let at = free();
        let slack = works.client_at(BOT, at);
        let (sender, heard) = mpsc::channel(100);
        let (ears, mut task) = (slack.clone(), JoinSet::new());
        task.spawn(async move { ears.listen(Vec::new(), sender).await.unwrap() });
        Ears {
            slack,
            heard,
            at,
            _task: task,
        }
    }

    /// Posts a signed event, as Slack does.
    async fn tell(&self, works: &Emulator, event: Value) {
        let now = works.clock.now().timestamp();
        let outer = json!({
            "type": "event_callback", "team_id": "T000000001", "api_app_id": "A000000009", "event": event,
            "event_id": format!("Ev{}", event["ts"]), "event_time": now,
        });
        let body = Body::json(&outer);
        let signed = sign(SECRET, now, outer.to_string().as_bytes());
        let call = Call::post(format!("http://{}/", self.at), body)
            .header("x-slack-request-timestamp", now.to_string())
            .header("x-slack-signature", signed);
        let reply = works.http().call(&call).await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    /// The next message, whatever else is heard before.
    async fn said(&mut self) -> Message {
        let said = async {
            loop {
                if let Heard::Said(message) = self.heard.recv().await.expect("it listens") {
                    return message;
                }
            }
        };
        tokio::time::timeout(HANG, said).await.expect("it hangs")
    }
}

#[tokio::test]
async fn people_and_channels_are_looked_up() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (mut ears, channel) = (Ears::open(&works).await, works.channel("builds").await);
    ears.slack.join(&room(&channel)).await.unwrap();
    // Behind the moment at which the channel was entered.
    for (name, role, after) in [("ann", Role::Owner, 1), ("ben", Role::Member, 2)] {
        let all = works.call(BOT, "users.list", &[]).await;
        let mut all = all["members"].as_array().unwrap().iter();
        let user = all.find(|its| its["name"] == name).unwrap()["id"].clone();
        let text = format!("list <@{}> &amp; more", user.as_str().unwrap());
        let ts = format!("{}.000100", works.clock.now().timestamp() + after);
        let event = json!({
            "type": "message", "channel": channel, "channel_type": "channel", "user": user, "team": "T000000001",
            "text": text, "ts": ts, "event_ts": ts,
        });
        ears.tell(&works, event).await;
        let message = ears.said().await;
        assert_eq!(message.text, format!("list @{name} & more"));
        assert_eq!((message.person.name.as_str(), message.role), (name, role));
        assert_eq!(
            (json!(message.id.0), message.room),
            (json!(ts), room(&channel))
        );
    }
}
