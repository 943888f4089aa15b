//! What came from Slack, handed to those who read it.

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::connect::{Inbound, Listening};
use super::event::{self, Happened};
use super::{clicked, locked, typed};
use crate::model::Heard;

/// How many commands and clicks are read at the same time; whoever comes beyond them is told to try again.
const AT_ONCE: usize = 256;

impl Listening {
    pub(super) async fn came(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::Event(payload) => self.event(&payload).await,
            Inbound::Command(payload) => {
                let id = typed::note(&self.workspace, &payload);
                let workspace = self.workspace.clone();
                if !self.may_read() {
                    self.refuse(async move { typed::busy(&workspace, id).await });
                    return;
                }
                let heard = self.heard.clone();
                let (who, place) = (&payload["user_id"], &payload["channel_id"]);
                let turn = self.turn(who, place);
                self.reading.spawn(async move {
                    let _turn = turn.come().await;
                    typed::read(&workspace, &heard, &payload, id).await;
                });
            }
            Inbound::Interaction(payload, answer) => {
                let id = clicked::note(&self.workspace, &payload);
                let workspace = self.workspace.clone();
                if !self.may_read() {
                    self.refuse(
                        async move { clicked::busy(&workspace, &payload, id, answer).await },
                    );
                    return;
                }
                let heard = self.heard.clone();
                let turn = self.turn(&payload["user"]["id"], &payload["channel"]["id"]);
                self.reading.spawn(async move {
                    let _turn = turn.come().await;
                    clicked::read(&workspace, &heard, &payload, id, answer).await;
                });
            }
        }
    }

    /// Whether one more command can be read.
    fn may_read(&self) -> bool {
        let may = self.reading.len() < AT_ONCE;
        if !may {
            tracing::warn!("too many commands and clicks at once: one is not heard");
        }
        may
    }

    /// Tells somebody that they are not heard, as long as they are not too many.
    fn refuse(&mut self, telling: impl Future<Output = ()> + Send + 'static) {
        if self.asking.len() < AT_ONCE {
            self.asking.spawn(telling);
        }
    }

    /// What one person does in a channel is heard in order, however long it takes to learn who they are.
    fn turn(&mut self, who: &Value, place: &Value) -> Turn {
        if self.turns.len() >= AT_ONCE {
            self.turns
                .retain(|_, before| matches!(before.try_recv(), Err(TryRecvError::Empty)));
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let (done, next) = oneshot::channel();
        let before = self.turns.insert((text(who), text(place)), next);
        Turn {
            before,
            _done: done,
        }
    }

    async fn event(&mut self, payload: &Value) {
        if payload["type"] == "app_rate_limited" {
            tracing::warn!("Slack sends no more events for a while: there are too many");
            return;
        }
        let event = event::read(payload);
        if let Some(id) = &event.id
            && !self.events.is_new(id)
        {
            return;
        }
        let me = locked(&self.workspace.me)
            .as_ref()
            .map(|me| me.user.clone());
        let me = me.unwrap_or_default();
        match event.happened {
            Happened::Person(user) => {
                if let Some(person) = self.workspace.renamed(&user) {
                    let platform = self.workspace.settings.name.clone();
                    let _ = self.heard.send(Heard::Renamed { platform, person }).await;
                }
            }
            Happened::Revoked { users } if !users.contains(&me) => {}
            Happened::Revoked { .. } | Happened::Uninstalled => self.doubt(),
            happened @ (Happened::Said { .. }
            | Happened::Changed { .. }
            | Happened::Deleted { .. }
            | Happened::Came { .. }
            | Happened::Went { .. }
            | Happened::Lost { .. }
            | Happened::Reopened { .. }
            | Happened::Created { .. }
            | Happened::Renamed { .. }
            | Happened::Replaced { .. }
            | Happened::Nothing) => self.lines.happened(&me, happened),
        }
    }
}

/// Whose turn it is to be heard; over when it is dropped.
struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Turn {
    /// It comes when the one before is over.
    async fn come(mut self) -> Turn {
        if let Some(before) = self.before.take() {
            // Nothing is sent: it ends.
            let _ = before.await;
        }
        self
    }
}
