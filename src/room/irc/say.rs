//! What the bot says: put in line behind what waits for the same room, and named after whoever asked.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::line::Out;
use super::proof::Target;
use super::queue::Job;
use super::session::{Session, Stage};
use super::{Network, Order, Wish, render};
use crate::model::Text;
use crate::model::text::{Block, Span};
use crate::room::{SayError, Saying, Spoken};

pub(super) const LONG_REST: Duration = Duration::from_secs(300);

/// Says messages in one room; each is said when the server has shown that it has all its lines.
pub(super) async fn give(
    network: &Network,
    sayings: &Arc<[Saying]>,
    order: fn(Vec<Wish>) -> Order,
) -> Vec<Result<Spoken, SayError>> {
    let refuse = |error: SayError| sayings.iter().map(|_| Err(error.clone())).collect();
    let foreign = sayings
        .iter()
        .find_map(|saying| network.own(&saying.room).err());
    if let Some(error) = foreign {
        return refuse(error);
    }
    let Some(orders) = network.orders() else {
        return refuse(deaf());
    };
    let (wishes, said): (Vec<_>, Vec<_>) = (0..sayings.len())
        .map(|which| {
            let (done, said) = oneshot::channel();
            let sayings = sayings.clone();
            let wish = Wish {
                sayings,
                which,
                done,
            };
            (wish, said)
        })
        .unzip();
    if orders.send(order(wishes)).await.is_err() {
        return refuse(deaf());
    }
    let mut outcomes = Vec::with_capacity(said.len());
    for said in said {
        outcomes.push(said.await.unwrap_or_else(|_| Err(deaf())));
    }
    outcomes
}

pub(super) fn deaf() -> SayError {
    SayError::Later {
        what: "nobody listens to IRC at the moment".into(),
        rest: Duration::from_secs(30),
    }
}

impl Wish {
    pub(super) fn saying(&self) -> &Saying {
        &self.sayings[self.which]
    }
}

impl Session {
    /// Puts a message in line.
    pub(super) fn speak(&mut self, wish: Wish, now: DateTime<Utc>) {
        let (lane, to) = match self.target(&wish.saying().room.room, now) {
            Target::There(lane, to) => (lane, to),
            Target::Unproven(nick) => return self.wait_for(&nick, wish, now),
            Target::Nowhere(what) => {
                let (what, rest) = (what.into(), LONG_REST);
                // Whoever waited may have gone away.
                let _ = wish.done.send(Err(SayError::Later { what, rest }));
                return;
            }
        };
        let saying = wish.saying();
        let answers = saying.answers.as_ref();
        let rows = self.rows(saying, &to);
        if rows.is_empty() {
            let spoken = Spoken::now(self.stamps.next(now));
            let _ = wish.done.send(Ok(spoken));
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
            done: Some(wish.done),
        };
        self.queue.add(&lane, job);
    }

    /// The lines of a message for a channel or a nick.
    fn rows(&self, saying: &Saying, to: &str) -> Vec<String> {
        let answers = saying.answers.as_ref();
        let asker = answers.and_then(|id| self.recent.sender(id));
        let longest = self.longest(to);
        let asker = asker.filter(|_| self.link.support.is_channel(to));
        if let Some(row) = render::short(&saying.text, asker, longest) {
            return vec![row];
        }
        match asker {
            Some(nick) => render::rows(&named(&saying.text, nick), longest),
            None => render::rows(&saying.text, longest),
        }
    }

    /// Sends a message past all that waits, and past the pace: the bot ends.
    pub(super) fn last_word(&mut self, wish: Wish, now: DateTime<Utc>) {
        let saying = wish.saying();
        let ready = self.link.stage == Stage::Ready;
        let target = self.target(&saying.room.room, now);
        let Target::There(_, to) = target else {
            // Whoever waited may have gone away.
            let _ = wish.done.send(Err(deaf()));
            return;
        };
        if !ready {
            let _ = wish.done.send(Err(deaf()));
            return;
        }
        for row in self.rows(saying, &to) {
            self.send(&Out::new("PRIVMSG").word(&to).text(&row));
            self.queue.count(2, now);
        }
        let word = "last-word";
        self.send(&Out::new("PING").text(word));
        self.link.last_word = Some((word, wish.done));
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
