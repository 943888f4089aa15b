//! A chat of Stack Exchange over real sockets.

use std::sync::Arc;

use async_trait::async_trait;
use boson::clock::Clock;
use boson::http::{self, Http};
use boson::model::{MessageId, RoomId};
use boson::room::Platform;
use boson::room::stack_exchange_chat::{self as client, Settings};
use secrecy::SecretString;

use super::house::{House, Line};
use super::run::Time;
use super::stack_exchange_chat::{self as stand_in, Drop, Fault, How, StackExchangeChat};

pub const NAME: &str = "chat.stackexchange.com";
const ROOMS: usize = 60;
const POST: &str = "/messages/new";

pub struct Chat {
    time: Time,
    pub server: StackExchangeChat,
    people: [i64; 2],
    bot: i64,
    rooms: Vec<i64>,
    folder: tempfile::TempDir,
}

impl Chat {
    pub async fn new(time: Time) -> Chat {
        Chat::with(time, stand_in::Settings::default()).await
    }

    pub async fn with(time: Time, settings: stand_in::Settings) -> Chat {
        let server = StackExchangeChat::start(settings, time.clock.clone()).await;
        let people =
            ["ann", "bob"].map(|name| server.account(&format!("{name}@example.org"), "pw", name));
        let bot = server.account("boson@example.org", "secret", "Boson");
        let rooms = (0..ROOMS)
            .map(|n| server.room(&format!("Room {n}"), people[0]))
            .collect();
        Chat {
            time,
            server,
            people,
            bot,
            rooms,
            folder: tempfile::tempdir().unwrap(),
        }
    }
}

impl Chat {
    /// From now on so many seconds lie between two messages.
    pub fn throttle(&self, seconds: f64) {
        self.server.chat().throttle.pace = stand_in::Pace::Fixed(seconds);
    }
}

fn door(clock: &Clock) -> Http {
    let settings = http::Settings {
        allow_private: true,
        ..http::Settings::default()
    };
    Http::new(settings, clock.clone()).unwrap()
}

#[async_trait]
impl House for Chat {
    fn time(&self) -> &Time {
        &self.time
    }

    fn platform(&self) -> Arc<dyn Platform> {
        let settings = Settings {
            name: NAME.into(),
            bot: "boson".into(),
            url: self.server.url().into(),
            login: self.server.url().into(),
            email: Some("boson@example.org".into()),
            password: Some(SecretString::from("secret")),
            cookies: None,
            trash: None,
            invitations: false,
            folder: self.folder.path().into(),
        };
        let clock = self.time.clock.clone();
        let platform = client::StackExchangeChat::open(settings, door(&clock), clock);
        Arc::new(platform)
    }

    fn room(&self, n: usize) -> RoomId {
        RoomId::new(NAME, self.rooms[n].to_string())
    }

    async fn waits_for_the_bot(&self, rooms: usize) {
        let is_in = |n: usize| {
            let chat = self.server.chat();
            let room = &chat.rooms[&self.rooms[n]];
            room.present.contains_key(&self.bot)
        };
        while self.server.sockets() == 0 || !(0..rooms).all(is_in) {
            self.time.tick().await;
        }
    }

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        let id = self.server.say(self.rooms[room], self.people[person], text);
        MessageId(id.to_string().into())
    }

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str) {
        let text = format!(":{} {text}", to.0);
        self.server
            .say(self.rooms[room], self.people[person], &text);
    }

    async fn edit(&self, _: usize, message: &MessageId, text: &str) {
        self.server.edit(message.0.parse().unwrap(), text);
    }

    fn said(&self, room: usize) -> Vec<Line> {
        let messages = self.server.messages(self.rooms[room]);
        let own = messages
            .into_iter()
            .filter(|message| message.user == self.bot && !message.deleted);
        own.map(|message| {
            let reply = message.source.strip_prefix(':').and_then(|rest| {
                let (id, text) = rest.split_once(' ')?;
                id.parse::<i64>().ok()?;
                Some(text.to_string())
            });
            Line {
                id: MessageId(message.id.to_string().into()),
                text: reply.unwrap_or(message.source).trim_start().into(),
                answers: message.parent.map(|id| MessageId(id.to_string().into())),
            }
        })
        .collect()
    }

    fn fits(&self, text: &str) -> bool {
        let length = text.encode_utf16().count();
        length <= 500 || (text.contains('\n') && length <= 10_000)
    }

    fn reads_back(&self) -> bool {
        true
    }

    fn slow(&self) {
        self.throttle(3.0);
    }

    fn breaks(&self) -> usize {
        3
    }

    fn snap(&self, way: usize) {
        let how = [Drop::Close, Drop::Reset, Drop::Silence][way];
        self.server.drop_sockets(how);
    }

    fn failures(&self) -> usize {
        11
    }

    fn fail(&self, way: usize) {
        let post = |how| Fault::new(how).path(POST);
        let fault = match way {
            0 => post(How::Status(500)),
            1 => post(How::Status(502)),
            2 => post(How::Status(500)).after(),
            3 => post(How::HangUp),
            4 => post(How::HangUp).after(),
            5 => post(How::Reset).after(),
            6 => post(How::Cut).after(),
            7 => post(How::Throttled(3)).times(2),
            8 => post(How::Conflict),
            9 => post(How::Status(503)),
            10 => {
                self.server.expire("boson@example.org");
                return;
            }
            _ => unreachable!("there are no more"),
        };
        self.server.fail(fault);
    }

    async fn close(&self, closed: bool) {
        self.server.faults(|faults| match closed {
            true => faults
                .requests
                .push(Fault::new(How::Status(503)).path(POST).times(1_000_000)),
            false => faults.requests.clear(),
        });
    }
}
