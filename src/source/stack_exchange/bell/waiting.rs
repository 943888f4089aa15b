//! Rings that nobody has taken yet: one for each site, and how the bell stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
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
    sites: BTreeMap<String, Activity>,
    /// The highest number of a question that was heard, by site.
    highest: BTreeMap<String, u64>,
    /// That it is down was told once.
    told: bool,
}

struct Activity {
    question: u64,
    at: DateTime<Utc>,
    new: bool,
    more: u32,
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
    pub fn activity(&mut self, site: String, question: u64, at: DateTime<Utc>) {
        let new = self.is_new(&site, question);
        if let Some(waits) = self.sites.get_mut(&site) {
            if at >= waits.at {
                (waits.question, waits.at) = (question, at);
            }
            waits.new |= new;
            waits.more = waits.more.saturating_add(1);
        } else if self.sites.len() < SITES {
            let activity = Activity {
                question,
                at,
                new,
                more: 0,
            };
            self.sites.insert(site, activity);
        }
    }

    /// Whether no number so high was heard before: sites number what is asked and answered as it comes.
    fn is_new(&mut self, site: &str, question: u64) -> bool {
        match self.highest.get_mut(site) {
            Some(highest) if question <= *highest => false,
            Some(highest) => {
                *highest = question;
                true
            }
            None => {
                if self.highest.len() < SITES {
                    self.highest.insert(site.into(), question);
                }
                true
            }
        }
    }

    /// Hands out the next, how it stands before all else.
    pub fn hand_out(&mut self, permit: Permit<'_, Ring>) {
        if let Some(state) = self.state.take() {
            permit.send(state);
        } else if let Some((site, activity)) = self.sites.pop_first() {
            let Activity {
                question,
                at,
                new,
                more,
            } = activity;
            permit.send(Ring::Activity {
                site,
                question,
                at,
                new,
                more,
            });
        }
    }
}
