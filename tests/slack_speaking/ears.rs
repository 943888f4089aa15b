//! A bot that hears what people type and click.

use boson::model::{Filled, Heard, Message};
use boson::room::Platform;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::talk::Talk;

pub struct Ears {
    heard: mpsc::Receiver<Heard>,
    task: JoinHandle<()>,
}

impl Ears {
    /// The bot of a workspace, once it hears.
    pub async fn open(talk: &Talk) -> Ears {
        let (sender, heard) = mpsc::channel(64);
        let slack = talk.slack.clone();
        let task = tokio::spawn(async move {
            slack.listen(Vec::new(), sender).await.unwrap();
        });
        let opens = async {
            while talk.server.sockets(&talk.app) == 0 {
                tokio::task::yield_now().await;
            }
        };
        talk.passing(60, opens).await;
        Ears { heard, task }
    }

    /// The next of what is looked for.
    async fn next<T>(&mut self, talk: &Talk, wanted: impl Fn(Heard) -> Option<T>) -> T {
        let next = async {
            loop {
                let heard = self.heard.recv().await.expect("it listens");
                if let Some(found) = wanted(heard) {
                    return found;
                }
            }
        };
        talk.passing(60, next).await
    }

    pub async fn said(&mut self, talk: &Talk) -> Message {
        let said = |heard| match heard {
            Heard::Said(message) => Some(message),
            _ => None,
        };
        self.next(talk, said).await
    }

    pub async fn filled(&mut self, talk: &Talk) -> Filled {
        let filled = |heard| match heard {
            Heard::Filled(filled) => Some(filled),
            _ => None,
        };
        self.next(talk, filled).await
    }

    /// Somebody types a command in the first channel, and the bot hears it.
    pub async fn typed(&mut self, talk: &Talk, person: &str, text: &str) -> Message {
        let wish = json!({
            "type": "command", "channel": talk.channels[0], "user": person, "command": "/boson", "text": text,
        });
        let (_, message) = tokio::join!(talk.act(wish), self.said(talk));
        assert!(message.private);
        message
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.task.abort();
    }
}
