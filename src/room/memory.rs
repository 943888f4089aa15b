//! A platform without a network, for tests and benches: what is heard is pushed in, what is said is read out.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, mpsc, watch};

use super::{Manners, Platform, SayError, Saying, Seated, Spoken, Trashed, Which};
use crate::model::{Form, Heard, Message, MessageId, Person, PersonId, Role, RoomId, Taken, Text};

/// How many of the bot's own messages can still be taken away.
const STANDING: usize = 1000;

/// The platform's side, for the loop.
pub struct Memory {
    name: String,
    manners: Manners,
    shared: Arc<Shared>,
}

/// The people's side, for a test.
#[derive(Clone)]
pub struct Handle {
    name: String,
    shared: Arc<Shared>,
}

/// One thing the bot did in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub room: RoomId,
    pub message: MessageId,
    pub text: Text,
    /// The message that it answers.
    pub answers: Option<MessageId>,
    pub thread: Option<MessageId>,
    /// Whoever alone sees it.
    pub only: Option<PersonId>,
    /// It took the place of an earlier message with the same id.
    pub edit: bool,
}

struct Shared {
    /// The loop's own channel while it listens: what is heard goes straight into it.
    ear: watch::Sender<Option<mpsc::Sender<Heard>>>,
    mouth: Mutex<Mouth>,
    /// Rung only when as much was said as somebody waits for.
    enough: Notify,
    /// Rung when the platform shall end.
    over: Notify,
    messages: AtomicU64,
}

#[derive(Default)]
struct Mouth {
    spoken: Vec<Said>,
    /// What stands in the rooms and was said by the bot, the oldest first.
    standing: VecDeque<(RoomId, MessageId)>,
    /// What was taken away again.
    gone: Vec<(RoomId, MessageId)>,
    /// What became of forms, by the message that asked for one or the form that was filled in.
    forms: Vec<(MessageId, Taken)>,
    /// How long each message takes at present.
    wait: Duration,
    fault: Option<SayError>,
    wanted: Option<usize>,
}

impl Memory {
    /// A platform called `name` that edits, takes 4000 characters a message and slows people down as a chat does.
    // The platform is of no use without its handle.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(name: impl Into<String>) -> (Memory, Handle) {
        Memory::with(
            name,
            Manners {
                edits: true,
                invitations: true,
                ..Manners::plain(NonZeroUsize::new(4000).expect("4000 is not zero"))
            },
        )
    }

    /// A platform called `name` with manners of one's own.
    pub fn with(name: impl Into<String>, manners: Manners) -> (Memory, Handle) {
        let name = name.into();
        let shared = Arc::new(Shared {
            ear: watch::Sender::new(None),
            mouth: Mutex::default(),
            enough: Notify::new(),
            over: Notify::new(),
            messages: AtomicU64::new(0),
        });
        let handle = Handle {
            name: name.clone(),
            shared: Arc::clone(&shared),
        };
        let memory = Memory {
            name,
            manners,
            shared,
        };
        (memory, handle)
    }
}

#[async_trait]
impl Platform for Memory {
    fn name(&self) -> &str {
        &self.name
    }

    fn manners(&self) -> Manners {
        self.manners.clone()
    }

    async fn listen(&self, _: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        // However listening ends, also when it is dropped, the loop's channel must not stay open because of us.
        let _deaf = Deaf(&self.shared);
        self.shared.ear.send_replace(Some(heard.clone()));
        tokio::select! {
            () = heard.closed() => {}
            () = self.shared.over.notified() => {}
        }
        Ok(())
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        let message = self.shared.next_id();
        self.shared.speak(Said {
            room: saying.room.clone(),
            message: message.clone(),
            text: saying.text.clone(),
            answers: saying.answers.clone(),
            thread: saying.thread.clone(),
            only: saying.only.clone(),
            edit: false,
        })?;
        Ok(Spoken::now(message))
    }

    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError> {
        if !self.manners.edits {
            return Err(SayError::Never {
                what: format!("{} cannot change what was said", self.name),
            });
        }
        self.shared.speak(Said {
            room: room.clone(),
            message: message.clone(),
            text: text.clone(),
            answers: None,
            thread: None,
            only: None,
            edit: true,
        })
    }

    async fn ask(&self, _: &RoomId, of: &MessageId, form: &Form) -> Result<(), SayError> {
        let mut mouth = self.shared.mouth();
        mouth.forms.push((of.clone(), Taken::Again(form.clone())));
        Ok(())
    }

    async fn taken(&self, filled: &MessageId, taken: Taken) {
        self.shared.mouth().forms.push((filled.clone(), taken));
    }

    fn wait(&self) -> Duration {
        self.shared.mouth().wait
    }

    /// Its rooms begin with `#`.
    fn room(&self, typed: &str) -> Option<RoomId> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let fits = typed
            .strip_prefix('#')
            .is_some_and(|name| !name.is_empty() && name.chars().all(plain));
        fits.then(|| RoomId::new(self.name.as_str(), typed))
    }

    /// Rooms whose name begins with `#closed` let nobody in.
    async fn join(&self, room: &RoomId) -> Result<String, SayError> {
        match room.room.starts_with("#closed") {
            false => Ok(room.room.to_string()),
            true => Err(SayError::Never {
                what: "it lets nobody in".into(),
            }),
        }
    }

    async fn leave(&self, _: &RoomId) -> Result<(), SayError> {
        Ok(())
    }

    /// Whatever still stands there is deleted.
    async fn trash(&self, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
        let mut mouth = self.shared.mouth();
        let Mouth { standing, gone, .. } = &mut *mouth;
        let mut trashed = Trashed::default();
        match which {
            Which::Last(count) => {
                while trashed.deleted < *count
                    && let Some(at) = standing.iter().rposition(|(of, _)| of == room)
                {
                    gone.extend(standing.remove(at));
                    trashed.deleted += 1;
                }
            }
            Which::These(these) => {
                for typed in these {
                    match standing
                        .iter()
                        .position(|(of, message)| of == room && message.0 == *typed)
                    {
                        Some(at) => {
                            gone.extend(standing.remove(at));
                            trashed.deleted += 1;
                        }
                        None => trashed
                            .kept
                            .push((typed.clone(), "I did not say that here".into())),
                    }
                }
            }
        }
        Ok(trashed)
    }
}

impl Handle {
    /// Gives the loop something to hear; waits until it listens and while its channel is full.
    /// False when it stopped listening.
    pub async fn hear(&self, heard: Heard) -> bool {
        let ear = self.shared.ear.borrow().clone();
        let ear = match ear {
            Some(ear) => ear,
            None => {
                let mut listening = self.shared.ear.subscribe();
                let Ok(ear) = listening.wait_for(Option::is_some).await else {
                    return false;
                };
                ear.clone().expect("waited for it")
            }
        };
        ear.send(heard).await.is_ok()
    }

    /// A message of a member with the next id; its fields can be changed before it is heard.
    /// The person's id is their name in small letters.
    pub fn message(&self, room: &str, person: &str, text: &str, at: DateTime<Utc>) -> Message {
        Message {
            id: self.shared.next_id(),
            room: RoomId::new(self.name.as_str(), room),
            person: Person {
                id: PersonId(person.to_lowercase().into()),
                name: person.into(),
            },
            text: text.into(),
            at,
            direct: false,
            reply_to_bot: false,
            reply_to: None,
            role: Role::Member,
            thread: None,
            private: false,
            everywhere: false,
            past: false,
            mentions: Vec::new(),
        }
    }

    /// Takes away and returns all that was said since the last time, in order.
    pub fn take(&self) -> Vec<Said> {
        std::mem::take(&mut self.shared.mouth().spoken)
    }

    /// Waits until at least `count` things were said since the last time, then takes all.
    /// One waits at a time.
    pub async fn wait(&self, count: usize) -> Vec<Said> {
        loop {
            let enough = self.shared.enough.notified();
            {
                let mut mouth = self.shared.mouth();
                if mouth.spoken.len() >= count {
                    mouth.wanted = None;
                    return std::mem::take(&mut mouth.spoken);
                }
                mouth.wanted = Some(count);
            }
            enough.await;
        }
    }

    /// Takes away and returns what became of forms since the last time.
    pub fn forms(&self) -> Vec<(MessageId, Taken)> {
        std::mem::take(&mut self.shared.mouth().forms)
    }

    /// What the bot took away again, since the beginning.
    pub fn gone(&self) -> Vec<(RoomId, MessageId)> {
        self.shared.mouth().gone.clone()
    }

    /// From now on saying and editing fail this way; `None` lets them work again.
    pub fn fail(&self, fault: Option<SayError>) {
        self.shared.mouth().fault = fault;
    }

    /// From now on each message takes so long, as far as the loop is told.
    pub fn slow(&self, wait: Duration) {
        self.shared.mouth().wait = wait;
    }

    /// Ends the platform: its `listen` returns.
    pub fn end(&self) {
        self.shared.over.notify_one();
    }
}

impl Shared {
    fn next_id(&self) -> MessageId {
        MessageId(
            (self.messages.fetch_add(1, Ordering::Relaxed) + 1)
                .to_string()
                .into(),
        )
    }

    fn mouth(&self) -> MutexGuard<'_, Mouth> {
        self.mouth
            .lock()
            .expect("nothing panics while it holds the mouth")
    }

    fn speak(&self, spoken: Said) -> Result<(), SayError> {
        let mut mouth = self.mouth();
        if let Some(fault) = &mouth.fault {
            return Err(fault.clone());
        }
        if !spoken.edit {
            let message = (spoken.room.clone(), spoken.message.clone());
            mouth.standing.push_back(message);
            if mouth.standing.len() > STANDING {
                mouth.standing.pop_front();
            }
        }
        mouth.spoken.push(spoken);
        let enough = mouth
            .wanted
            .is_some_and(|wanted| mouth.spoken.len() >= wanted);
        drop(mouth);
        if enough {
            self.enough.notify_one();
        }
        Ok(())
    }
}

/// Takes the loop's channel away when listening ends.
struct Deaf<'a>(&'a Shared);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        self.0.ear.send_replace(None);
    }
}
