//! What came from Slack, handed to those who read it.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

use super::connect::{Inbound, Listening};
use super::event::{self, Happened};
use super::{Workspace, clicked, locked, typed};
use crate::model::Heard;

/// How many commands and clicks are read at the same time; what is beyond them is lost, and people see that.
const AT_ONCE: usize = 256;

impl Listening {
    pub(super) async fn came(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::Event(payload) => self.event(&payload).await,
            Inbound::Command(payload) => {
                let trigger = typed::note(&self.workspace, &payload);
                if let Some((workspace, heard)) = self.may_read() {
                    self.reading.spawn(async move {
                        typed::read(&workspace, &heard, &payload, trigger).await;
                    });
                }
            }
            Inbound::Interaction(payload, answer) => {
                let id = clicked::note(&self.workspace, &payload);
                if let Some((workspace, heard)) = self.may_read() {
                    self.reading.spawn(async move {
                        clicked::read(&workspace, &heard, &payload, id, answer).await;
                    });
                }
            }
        }
    }

    /// What reads a command, unless too much is being read already.
    fn may_read(&self) -> Option<(Arc<Workspace>, mpsc::Sender<Heard>)> {
        if self.reading.len() >= AT_ONCE {
            tracing::warn!("too many commands and clicks at once: one is not heard");
            return None;
        }
        Some((self.workspace.clone(), self.heard.clone()))
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
