//! Which messages of a room were heard, so that each is heard once, whether the socket or the history tells of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::{Event, kind};

/// How many messages are kept in mind; those before them count as heard.
const MESSAGES: usize = 1_000;
/// How many numbers of events are kept in mind.
const EVENTS: usize = 2_000;

/// What was heard in one room.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What is not above it was heard, or is of no concern.
    floor: i64,
    messages: BTreeMap<i64, State>,
    events: BTreeSet<i64>,
    order: VecDeque<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    edits: u32,
    stars: u32,
    pins: u32,
    deleted: bool,
}

/// What is news about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    Said(Event),
    Edited(Event),
    Deleted(i64),
    Starred { message: i64, stars: u32, pins: u32 },
}

impl Known {
    /// What was said up to this message was heard.
    pub fn up_to(message: i64) -> Known {
        Known {
            floor: message,
            ..Known::default()
        }
    }

    /// The last message that was heard, or is of no concern.
    pub fn last(&self) -> i64 {
        let last = self.messages.last_key_value();
        last.map_or(self.floor, |(id, _)| self.floor.max(*id))
    }

    /// This event comes for the first time.
    pub fn is_new(&mut self, event: i64) -> bool {
        let new = self.events.insert(event);
        if new {
            self.order.push_back(event);
            if self.order.len() > EVENTS
                && let Some(oldest) = self.order.pop_front()
            {
                self.events.remove(&oldest);
            }
        }
        new
    }

    /// What an event tells about a message, if that is news.
    pub fn live(&mut self, event: Event) -> Option<News> {
        let message = event.message_id?;
        let known = self.messages.get(&message).copied();
        match event.event_type {
            kind::POSTED | kind::EDITED => self.text(message, event),
            kind::DELETED => {
                let state = known.unwrap_or_default();
                self.keep(
                    message,
                    State {
                        deleted: true,
                        ..state
                    },
                );
                (!state.deleted).then_some(News::Deleted(message))
            }
            kind::STARRED => {
                let (stars, pins) = (event.message_stars, event.message_owner_stars);
                if let Some(state) = self.messages.get_mut(&message) {
                    if (state.stars, state.pins) == (stars, pins) {
                        return None;
                    }
                    (state.stars, state.pins) = (stars, pins);
                }
                Some(News::Starred {
                    message,
                    stars,
                    pins,
                })
            }
            _ => None,
        }
    }

    /// What messages of the room, read back, tell that is news. From the message `complete` on there are no others.
    pub fn past(&mut self, events: &[Event], complete: Option<i64>) -> Vec<News> {
        let told: BTreeSet<i64> = events.iter().filter_map(|event| event.message_id).collect();
        let mut news = Vec::new();
        for event in events {
            let Some(message) = event
                .message_id
                .filter(|_| event.event_type == kind::POSTED)
            else {
                continue;
            };
            let known = self.messages.get(&message).copied();
            let state = State {
                edits: event.message_edits,
                stars: event.message_stars,
                pins: event.message_owner_stars,
                deleted: event.content.is_none(),
            };
            match known {
                // What was not heard and is no longer there is no news, and neither is what came from another room.
                None if state.deleted || event.moved || message <= self.floor => {
                    self.keep(message, state);
                }
                Some(before) if state.deleted => {
                    self.keep(
                        message,
                        State {
                            deleted: true,
                            ..before
                        },
                    );
                    if !before.deleted {
                        news.push(News::Deleted(message));
                    }
                }
                None | Some(_) => {
                    news.extend(self.text(message, event.clone()));
                    let before = known.unwrap_or_default();
                    if let Some(now) = self.messages.get_mut(&message) {
                        (now.stars, now.pins) = (state.stars, state.pins);
                    }
                    if (before.stars, before.pins) != (state.stars, state.pins) {
                        news.push(News::Starred {
                            message,
                            stars: state.stars,
                            pins: state.pins,
                        });
                    }
                }
            }
        }
        let Some(complete) = complete else {
            return news;
        };
        for (message, state) in self.messages.range_mut(complete..) {
            if !state.deleted && !told.contains(message) {
                state.deleted = true;
                news.push(News::Deleted(*message));
            }
        }
        news
    }

    /// These messages, read back, are of no concern: they were said before.
    pub fn before(&mut self, events: &[Event]) {
        for event in events {
            let Some(message) = event
                .message_id
                .filter(|_| event.event_type == kind::POSTED)
            else {
                continue;
            };
            let state = State {
                edits: event.message_edits,
                stars: event.message_stars,
                pins: event.message_owner_stars,
                deleted: event.content.is_none(),
            };
            self.floor = self.floor.max(message);
            self.keep(message, state);
        }
    }

    /// A message has a text, perhaps another one than before.
    fn text(&mut self, message: i64, event: Event) -> Option<News> {
        let known = self.messages.get(&message).copied();
        let edits = match event.event_type {
            kind::EDITED => event.message_edits.max(1),
            _ => event.message_edits,
        };
        let state = State {
            edits,
            ..known.unwrap_or_default()
        };
        match known {
            Some(known) if known.deleted || known.edits >= edits => None,
            Some(_) => {
                self.keep(message, state);
                Some(News::Edited(event))
            }
            None if message > self.floor => {
                self.keep(message, state);
                Some(News::Said(event))
            }
            None => {
                self.keep(message, state);
                (event.event_type == kind::EDITED).then_some(News::Edited(event))
            }
        }
    }

    fn keep(&mut self, message: i64, state: State) {
        self.messages.insert(message, state);
        while self.messages.len() > MESSAGES {
            let Some((oldest, _)) = self.messages.pop_first() else {
                return;
            };
            self.floor = self.floor.max(oldest);
        }
    }
}
