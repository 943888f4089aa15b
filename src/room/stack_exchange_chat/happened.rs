//! What happened in a room, as the bot hears it.

use chrono::DateTime;
use compact_str::ToCompactString;

use super::event::{Event, kind};
use super::hear::{Ear, End};
use super::known::News;
use super::wrong::Wrong;
use super::{address, content, page};
use crate::model::{Heard, Message, MessageId, Person, PersonId, Role};

/// How many answers to the bot are remembered until the message itself comes.
const CALLS: usize = 100;
/// The longest message, in bytes; what is behind that is not heard.
const LONGEST: usize = 64 << 10;
/// How often the rest of a message is asked for.
const TRIES: u32 = 3;

impl Ear {
    /// Tells what the history brought.
    pub(super) async fn news(&mut self, news: Vec<News>) -> Result<(), End> {
        let said = news.iter().filter_map(|news| match news {
            News::Said(event) | News::Edited(event) => event.user_id,
            News::Deleted(_) | News::Starred { .. } => None,
        });
        self.meet(said.collect()).await;
        for news in news {
            self.one(news, true).await?;
        }
        Ok(())
    }

    /// What happened at once.
    pub(super) async fn events(&mut self, mut events: Vec<Event>) -> Result<(), End> {
        events.retain(|event| event.id.is_none_or(|id| self.known.is_new(id)));
        let me = self.chat.door.me().map(|me| me.id);
        for event in &events {
            match (event.event_type, event.message_id) {
                (kind::REPLIED, Some(message)) => {
                    self.calls.push_back(message);
                    if self.calls.len() > CALLS {
                        self.calls.pop_front();
                    }
                }
                (kind::ACCESS_CHANGED, _) => match event.target_user_id {
                    Some(person) => self.people.forget(person),
                    None => self.people.forget_all(),
                },
                (kind::RENAMED, _) => self.people.forget(event.renamed().unwrap_or_default()),
                _ => {}
            }
        }
        let speaks = |event: &&Event| {
            [kind::POSTED, kind::EDITED, kind::RENAMED].contains(&event.event_type)
        };
        let met = events.iter().filter(speaks);
        let met = met.filter_map(|event| event.renamed().or(event.user_id));
        self.meet(met.collect()).await;
        let kicked = was_kicked(&events, me);
        // Who has come in again behind it is not out.
        let last = events.iter().rev().find(|event| {
            [kind::LEFT, kind::ENTERED].contains(&event.event_type) && about(event) == me
        });
        let out = me.is_some() && last.is_some_and(|event| event.event_type == kind::LEFT);
        for event in events {
            self.event(event, me).await?;
        }
        match (kicked, out) {
            (true, _) => Err(End::Kicked),
            (false, true) => Err(End::Out),
            (false, false) => Ok(()),
        }
    }

    async fn meet(&mut self, mut people: Vec<i64>) {
        let me = self.chat.door.me().map(|me| me.id);
        people.retain(|id| *id > 0 && Some(*id) != me);
        let now = self.chat.clock.now();
        self.people
            .meet(&self.chat.door, self.room, &people, now)
            .await;
    }

    async fn event(&mut self, event: Event, me: Option<i64>) -> Result<(), End> {
        let room = self.id.clone();
        let own = event.user_id == me;
        let message = event.message_id.map(|id| MessageId(id.to_compact_string()));
        match (event.event_type, message) {
            (kind::POSTED | kind::EDITED | kind::DELETED | kind::STARRED, _) => {
                match self.known.live(event) {
                    Some(news) => self.one(news, false).await,
                    None => Ok(()),
                }
            }
            (kind::ENTERED, _) if !own => match person(&event) {
                Some(person) => self.tell(Heard::Came { room, person }).await,
                None => Ok(()),
            },
            (kind::LEFT, _) if !own => match person(&event) {
                Some(person) => self.tell(Heard::Went { room, person }).await,
                None => Ok(()),
            },
            (kind::MOVED_OUT | kind::MOVED_IN, Some(message)) => {
                let away = event.event_type == kind::MOVED_OUT;
                let moved = Heard::Moved {
                    room,
                    message,
                    away,
                };
                self.tell(moved).await
            }
            (kind::RENAMED, _) => self.renamed(&event).await,
            _ => Ok(()),
        }
    }

    /// Each of the rooms tells it; one is heard.
    async fn renamed(&mut self, event: &Event) -> Result<(), End> {
        let Some(id) = event.renamed() else {
            return Ok(());
        };
        let told = event
            .user_name
            .as_deref()
            .filter(|_| event.user_id == Some(id));
        let Some(name) = self.people.name(id).or(told).map(page::tidy) else {
            return Ok(());
        };
        if self.chat.door.me().is_some_and(|me| me.id == id) {
            self.chat.door.renamed(name);
            return Ok(());
        }
        if !self.chat.is_new_name(id, &name) {
            return Ok(());
        }
        let person = Person {
            id: PersonId(id.to_compact_string()),
            name: name.into(),
        };
        let platform = self.id.platform.clone();
        self.tell(Heard::Renamed {
            platform: platform.to_string(),
            person,
        })
        .await
    }

    /// `past`: it is read back.
    async fn one(&mut self, news: News, past: bool) -> Result<(), End> {
        let room = self.id.clone();
        let heard = match news {
            News::Said(event) => self.message(&event, past).await.map(Heard::Said),
            News::Edited(event) => self.message(&event, past).await.map(Heard::Edited),
            News::Deleted(message) => Some(Heard::Deleted {
                room,
                message: MessageId(message.to_compact_string()),
            }),
            News::Starred {
                message,
                stars,
                pins,
            } => Some(Heard::Starred {
                room,
                message: MessageId(message.to_compact_string()),
                stars,
                pins,
            }),
        };
        match heard {
            Some(heard) => self.tell(heard).await,
            None => Ok(()),
        }
    }

    /// What somebody said; none when it was the bot, a feed or the chat itself.
    async fn message(&mut self, event: &Event, past: bool) -> Option<Message> {
        let (id, user) = (event.message_id?, event.user_id?);
        let me = self.chat.door.me()?;
        if user <= 0 || user == me.id {
            return None;
        }
        let mut content = content::read(event.content.as_deref()?);
        if content.moved {
            return None;
        }
        if content.partial
            && let Some(whole) = self.whole(id).await
        {
            content = whole;
        }
        let parent = event.parent_id.filter(|_| event.show_parent);
        let own = |parent: i64| self.chat.recent.has(self.room, parent);
        let reply_to_bot = self.calls.contains(&id)
            || parent.is_some_and(|parent| own(parent) || event.target_user_id == Some(me.id));
        let mut text = content.text.as_str();
        text = &text[..text.floor_char_boundary(LONGEST)];
        if reply_to_bot {
            text = address::answer(text, &me.name);
        }
        let seconds = event.time_stamp.unwrap_or_default();
        Some(Message {
            id: MessageId(id.to_compact_string()),
            room: self.id.clone(),
            person: person(event)?,
            text: address::to_bot(text, &me.name, &self.chat.settings.bot),
            at: DateTime::from_timestamp(seconds, 0).unwrap_or_else(|| self.chat.clock.now()),
            direct: false,
            reply_to_bot,
            reply_to: parent.map(|parent| MessageId(parent.to_compact_string())),
            role: match user {
                1.. => self.people.role(user),
                _ => Role::Guest,
            },
            everywhere: self.people.is_moderator(user),
            past,
            thread: None,
            private: false,
            mentions: Vec::new(),
        })
    }

    /// A message of which the socket told only the beginning.
    async fn whole(&self, message: i64) -> Option<content::Content> {
        let path = format!("/messages/{}/{message}", self.room);
        for failures in 0..TRIES {
            match self.chat.door.get(&path).await {
                Ok(reply) => return Some(content::read(&reply.text())),
                Err(Wrong::Missing) => return None,
                Err(wrong) => self.rest(&wrong, &mut { failures }).await,
            }
        }
        None
    }
}

/// The account has been sent away: it left, and its access changed, at once.
pub(super) fn was_kicked(events: &[Event], me: Option<i64>) -> bool {
    let of_me = |wanted: u32, who: fn(&Event) -> Option<i64>| {
        me.is_some()
            && events
                .iter()
                .any(|event| event.event_type == wanted && who(event) == me)
    };
    of_me(kind::LEFT, about) && of_me(kind::ACCESS_CHANGED, |event| event.target_user_id)
}

/// Who has come or gone.
fn about(event: &Event) -> Option<i64> {
    event.target_user_id.or(event.user_id)
}

/// Who did it.
pub(super) fn person(event: &Event) -> Option<Person> {
    let id = event.user_id?;
    let name = page::tidy(event.user_name.as_deref().unwrap_or_default());
    Some(Person {
        id: PersonId(id.to_compact_string()),
        name: if name.is_empty() {
            id.to_string().into()
        } else {
            name.into()
        },
    })
}
