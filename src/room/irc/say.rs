//! What the bot says: put in line behind what waits for the same room, and named after whoever asked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::queue::Job;
use super::session::Session;
use super::{Network, Order, render};
use crate::model::Text;
use crate::model::text::{Block, Span};
use crate::room::{SayError, Saying, Spoken};

const LONG_REST: Duration = Duration::from_secs(300);

/// Says one message; it is said when the server has shown that it has all its lines.
///
/// # Errors
/// When the server does not take it, now or ever.
pub(super) async fn say(network: &Network, saying: &Saying) -> Result<Spoken, SayError> {
    network.own(&saying.room)?;
    let orders = network.orders().ok_or_else(deaf)?;
    let (done, said) = oneshot::channel();
    let order = Order::Say {
        saying: Box::new(saying.clone()),
        done,
    };
    orders.send(order).await.map_err(|_| deaf())?;
    said.await.unwrap_or_else(|_| Err(deaf()))
}

pub(super) fn deaf() -> SayError {
    SayError::Later {
        what: "nobody listens to IRC at the moment".into(),
        rest: Duration::from_secs(30),
    }
}

impl Session {
    /// Puts a message in line.
    pub(super) fn speak(
        &mut self,
        saying: &Saying,
        done: oneshot::Sender<Result<Spoken, SayError>>,
        now: DateTime<Utc>,
    ) {
        let (lane, to) = match self.target(&saying.room.room) {
            Ok(found) => found,
            Err(what) => {
                let rest = LONG_REST;
                // Whoever waited may have gone away.
                let _ = done.send(Err(SayError::Later { what, rest }));
                return;
            }
        };
        let answers = saying.answers.as_ref();
        let asker = answers
            .and_then(|id| self.recent.sender(id))
            .map(String::from);
        let text = match asker.filter(|_| self.link.support.is_channel(&lane)) {
            Some(nick) => named(&saying.text, &nick),
            None => saying.text.clone(),
        };
        let rows = render::rows(&text, self.longest(&to));
        if rows.is_empty() {
            let spoken = Spoken::now(self.stamps.next(now));
            let _ = done.send(Ok(spoken));
            return;
        }
        let reply = answers
            .and_then(|id| self.recent.theirs(id))
            .map(String::from);
        let job = Job {
            to,
            rows,
            sent: 0,
            taken: 0,
            reply,
            doubt: saying.since,
            looking: false,
            began: None,
            id: None,
            done: Some(done),
        };
        self.queue.add(&lane, job);
    }

    /// Where something for a room is sent.
    fn target(&self, room: &str) -> Result<(String, String), String> {
        let lower = self.lower(room);
        if self.link.support.is_channel(room) {
            return match self.seats.0.get(&lower) {
                Some(seat) if !seat.lost => Ok((lower, seat.name.clone())),
                Some(_) | None => Err("I am not in the channel".into()),
            };
        }
        let (nick, direct) = self.directs.nick(room);
        let person = direct.and_then(|direct| direct.person.as_ref());
        let present = self.link.crowd.get(&nick);
        if let (Some(person), Some(present)) = (person, present)
            && present.host.is_some()
            && *person != present.id()
        {
            return Err("somebody else has their nick now".into());
        }
        let name = present.map_or_else(|| nick.clone(), |present| present.nick.clone());
        Ok((nick, name))
    }
}

/// The same with the nick of whoever asked before it, as people here answer each other.
fn named(text: &Text, nick: &str) -> Text {
    let mut text = text.clone();
    if let Some(Block::Line(spans)) = text.0.first_mut() {
        spans.insert(0, Span::Words(format!("{nick}: ")));
    }
    text
}
