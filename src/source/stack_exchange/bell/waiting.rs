//! Rings that nobody has taken yet: one for each site, and how the bell stands.

use std::collections::BTreeMap;

use tokio::sync::mpsc::Permit;

use super::Ring;

/// The most sites with a ring that waits; there are fewer than 400.
const SITES: usize = 1000;

/// What waits. Never grows past one ring a site.
#[derive(Default)]
pub(super) struct Waiting {
    up: bool,
    /// How it stands, if that was not handed out yet.
    state: Option<Ring>,
    /// The question that was named last, by site.
    sites: BTreeMap<String, u64>,
    /// That it is down was told once.
    told: bool,
}

impl Waiting {
    pub fn is_up(&self) -> bool {
        self.up
    }

    pub fn any(&self) -> bool {
        self.state.is_some() || !self.sites.is_empty()
    }

    /// Something was heard.
    pub fn up(&mut self) {
        if !self.up {
            self.up = true;
            self.state = Some(Ring::Up);
        }
    }

    /// Nothing can be heard.
    pub fn down(&mut self, why: String) {
        if self.up || !self.told {
            self.up = false;
            self.told = true;
            self.state = Some(Ring::Down { why });
        }
    }

    /// The latest of a site stands for those before it.
    pub fn activity(&mut self, site: String, question: u64) {
        if self.sites.len() < SITES || self.sites.contains_key(&site) {
            self.sites.insert(site, question);
        }
    }

    /// Hands out the next, how it stands before all else.
    pub fn hand_out(&mut self, permit: Permit<'_, Ring>) {
        if let Some(state) = self.state.take() {
            permit.send(state);
        } else if let Some((site, question)) = self.sites.pop_first() {
            permit.send(Ring::Activity { site, question });
        }
    }
}
