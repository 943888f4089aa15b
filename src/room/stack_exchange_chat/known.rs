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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the chat holds of a message.
    #[derive(Clone, Debug, Default)]
    struct There {
        text: u32,
        edits: u32,
        stars: u32,
        deleted: bool,
    }

    #[derive(Clone, Debug)]
    enum Step {
        Say,
        Edit(usize),
        Delete(usize),
        Star(usize),
        /// The history is read back: so many messages.
        Back(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<(Step, bool, bool)>> {
        let step = prop_oneof![
            4 => Just(Step::Say),
            2 => (0..40_usize).prop_map(Step::Edit),
            1 => (0..40_usize).prop_map(Step::Delete),
            1 => (0..40_usize).prop_map(Step::Star),
            1 => (1..60_usize).prop_map(Step::Back),
        ];
        // Whether the socket tells of it, and whether it tells of it twice.
        prop::collection::vec((step, any::<bool>(), any::<bool>()), 1..200)
    }

    fn event(kind: u32, message: usize, there: &There) -> Event {
        Event {
            event_type: kind,
            message_id: Some(message as i64 + 1),
            content: (!there.deleted).then(|| there.text.to_string()),
            message_edits: there.edits,
            message_stars: there.stars,
            user_id: Some(1),
            ..Event::default()
        }
    }

    /// What somebody hears who hears of everything.
    #[derive(Default)]
    struct Heard {
        said: Vec<i64>,
        texts: BTreeMap<i64, String>,
        deleted: Vec<i64>,
    }

    impl Heard {
        fn hear(&mut self, news: impl IntoIterator<Item = News>) {
            for news in news {
                match news {
                    News::Said(event) => {
                        let id = event.message_id.unwrap();
                        self.said.push(id);
                        self.texts.insert(id, event.content.unwrap());
                    }
                    News::Edited(event) => {
                        let id = event.message_id.unwrap();
                        let text = event.content.unwrap();
                        let before = self.texts.insert(id, text.clone());
                        assert_ne!(before, Some(text), "an edit that is none");
                    }
                    News::Deleted(id) => self.deleted.push(id),
                    News::Starred { .. } => {}
                }
            }
        }
    }

    /// Pages as the history gives them, and then the last messages.
    fn look_back(known: &mut Known, heard: &mut Heard, room: &[There], last: usize) {
        let all: Vec<Event> = (0..room.len())
            .map(|n| event(kind::POSTED, n, &room[n]))
            .collect();
        let from = usize::try_from(known.last()).unwrap().min(all.len());
        heard.hear(known.past(&all[from..], None));
        let late = &all[all.len().saturating_sub(last)..];
        let complete = late.first().and_then(|event| event.message_id);
        heard.hear(known.past(late, complete));
    }

    proptest! {
        #[test]
        fn each_message_is_heard_once_in_order_and_ends_as_it_is(steps in steps()) {
            let (mut known, mut heard) = (Known::default(), Heard::default());
            let mut room: Vec<There> = Vec::new();
            let mut number = 0;
            // From here on the socket is silent, until the history was read.
            let mut gap = false;
            for (step, told, twice) in steps {
                gap |= !told;
                let (kind, at) = match step {
                    Step::Say => {
                        room.push(There::default());
                        (kind::POSTED, room.len() - 1)
                    }
                    Step::Edit(at) if at < room.len() && !room[at].deleted => {
                        room[at].text += 1;
                        room[at].edits += 1;
                        (kind::EDITED, at)
                    }
                    Step::Delete(at) if at < room.len() && !room[at].deleted => {
                        room[at].deleted = true;
                        (kind::DELETED, at)
                    }
                    Step::Star(at) if at < room.len() && !room[at].deleted => {
                        room[at].stars += 1;
                        (kind::STARRED, at)
                    }
                    Step::Back(last) => {
                        look_back(&mut known, &mut heard, &room, last);
                        gap = false;
                        continue;
                    }
                    Step::Edit(_) | Step::Delete(_) | Step::Star(_) => continue,
                };
                number += 1;
                for _ in 0..if gap { 0 } else { 1 + usize::from(twice) } {
                    if known.is_new(number) {
                        heard.hear(known.live(event(kind, at, &room[at])));
                    }
                    // The same from another socket, with a number that is forgotten.
                    heard.hear(known.live(event(kind, at, &room[at])));
                }
            }
            look_back(&mut known, &mut heard, &room, room.len());
            prop_assert!(heard.said.is_sorted_by(|a, b| a < b), "{:?}", heard.said);
            for (n, there) in room.iter().enumerate() {
                let id = n as i64 + 1;
                let times = heard.deleted.iter().filter(|deleted| **deleted == id).count();
                match there.deleted {
                    true => prop_assert!(times <= 1),
                    false => {
                        prop_assert!(heard.said.contains(&id), "{id} was not heard");
                        prop_assert_eq!(&heard.texts[&id], &there.text.to_string());
                        prop_assert_eq!(times, 0);
                    }
                }
                // Who has heard it, hears that it is gone.
                if there.deleted && heard.said.contains(&id) {
                    prop_assert_eq!(times, 1);
                }
            }
        }
    }

    #[test]
    fn what_was_before_is_not_heard() {
        let said = |id: usize| event(kind::POSTED, id - 1, &There::default());
        let mut known = Known::up_to(3);
        let news = known.past(&[said(1), said(2), said(3), said(4)], Some(1));
        assert_eq!(news, [News::Said(said(4))]);
        let mut known = Known::default();
        known.before(&[said(1), said(2)]);
        assert_eq!(known.live(said(2)), None);
        assert_eq!(known.live(said(3)), Some(News::Said(said(3))));
    }

    #[test]
    fn what_is_kept_in_mind_is_bounded() {
        let mut known = Known::default();
        for id in 0..5_000 {
            known.live(event(kind::POSTED, id, &There::default()));
            known.is_new(id as i64);
        }
        assert_eq!(
            (known.messages.len(), known.events.len()),
            (MESSAGES, EVENTS)
        );
        // What is forgotten was heard.
        assert_eq!(known.live(event(kind::POSTED, 5, &There::default())), None);
    }
}
