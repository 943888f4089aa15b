//! A workspace of Slack over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use boson::clock::Clock;
use boson::http::{self, Body, Call, Http};
use boson::model::{MessageId, RoomId};
use boson::room::Platform;
use boson::room::slack::{self as client, Way};
use secrecy::SecretString;
use serde_json::json;

use super::house::{House, Line};
use super::run::Time;
use super::slack::{Fault, How, Kind, Order, Rates, Rules, Settings, SlackServer, Standing};

pub const NAME: &str = "works";
const ROOMS: usize = 60;
const POST: &str = "chat.postMessage";

pub struct Workspace {
    time: Time,
    pub server: SlackServer,
    pub app: String,
    tokens: [String; 2],
    pub bot: String,
    pub people: [String; 2],
    pub rooms: Vec<String>,
    /// The same, before the bot was started.
    lists: AtomicUsize,
}

impl Workspace {
    pub async fn new(time: Time) -> Workspace {
        Workspace::with(time, Rules::default()).await
    }

    pub async fn with(time: Time, rules: Rules) -> Workspace {
        let settings = Settings { port: 0, rules };
        let server = SlackServer::start(settings, time.clock.clone()).await;
        let mut slack = server.slack();
        let team = slack.team("Works");
        let people = ["Ann", "Bob"].map(|name| slack.user(&team, name, Standing::Member));
        let (app, app_token) = slack.app("Boson");
        let (bot, token) = slack.install(&app, &team);
        let rooms: Vec<String> = (0..ROOMS)
            .map(|n| {
                // Who makes a channel owns it.
                let room = slack.channel(&team, &format!("room-{n}"), Kind::Public, &people[0]);
                slack.enter(&room, &people[1], None);
                room
            })
            .collect();
        drop(slack);
        Workspace {
            time,
            server,
            app,
            tokens: [token, app_token],
            bot,
            people,
            rooms,
            lists: AtomicUsize::new(0),
        }
    }

    /// How often the bot has asked in which channels it is.
    fn listed(&self) -> usize {
        let all = self.server.requests().into_iter();
        all.filter(|asked| asked.path.ends_with("/users.conversations") && asked.status == 200)
            .count()
    }

    /// As Slack sends what a person typed.
    fn typed(&self, text: &str) -> String {
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        match text.strip_prefix("@boson") {
            Some(rest) => format!("<@{}>{rest}", self.bot),
            None => text,
        }
    }
}

pub fn door(clock: &Clock) -> Http {
    let settings = http::Settings {
        allow_private: true,
        ..http::Settings::default()
    };
    Http::new(settings, clock.clone()).unwrap()
}

#[async_trait]
impl House for Workspace {
    fn time(&self) -> &Time {
        &self.time
    }

    fn platform(&self) -> Arc<dyn Platform> {
        let [token, app_token] = self.tokens.clone().map(SecretString::from);
        let settings = client::Settings {
            name: NAME.into(),
            bot: "boson".into(),
            url: self.server.api().trim_end_matches('/').into(),
            bot_token: token,
            way: Way::Socket { app_token },
            rooms: Vec::new(),
            private_mistakes: false,
        };
        let clock = self.time.clock.clone();
        Arc::new(client::Slack::open(settings, door(&clock), clock))
    }

    fn room(&self, n: usize) -> RoomId {
        RoomId::new(NAME, self.rooms[n].as_str())
    }

    fn take_in(&self, rooms: usize) {
        self.lists.store(self.listed(), Ordering::Relaxed);
        let mut slack = self.server.slack();
        for room in &self.rooms[..rooms] {
            if !slack.channels[room].members.contains(&self.bot) {
                slack.enter(room, &self.bot, None);
            }
        }
    }

    async fn waits_for_the_bot(&self, _rooms: usize) {
        let listed = || self.listed() > self.lists.load(Ordering::Relaxed);
        while self.server.sockets(&self.app) == 0 || !listed() {
            self.time.tick().await;
        }
    }

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        let text = self.typed(text);
        let mut slack = self.server.slack();
        let said = slack.say(&self.rooms[room], &self.people[person], &text, None);
        MessageId(said.unwrap_or_else(|refused| panic!("{refused:?}")).into())
    }

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str) {
        let text = self.typed(text);
        let (room, person) = (&self.rooms[room], &self.people[person]);
        let mut slack = self.server.slack();
        let thread = slack.channels[room].messages[to.0.as_str()].thread.clone();
        let thread = thread.unwrap_or_else(|| to.0.to_string());
        let said = slack.say(room, person, &text, Some(&thread));
        said.unwrap_or_else(|refused| panic!("{refused:?}"));
    }

    async fn edit(&self, room: usize, message: &MessageId, text: &str) {
        let text = self.typed(text);
        let mut slack = self.server.slack();
        slack.edit(&self.rooms[room], &message.0, |message| message.text = text);
    }

    fn said(&self, room: usize) -> Vec<Line> {
        let slack = self.server.slack();
        let room = &self.rooms[room];
        let all = slack.channels[room].messages.values();
        // That it came is a line of the channel, and not its own.
        let own = all.filter(|message| message.user == self.bot && message.subtype.is_none());
        let whispers = slack.ephemerals.iter().filter(|its| its.channel == *room);
        let whispers = whispers.map(|its| &its.message);
        let mut own: Vec<_> = own.chain(whispers).collect();
        own.sort_by(|a, b| a.ts.cmp(&b.ts));
        own.into_iter()
            .map(|message| {
                let mark = message.beside.get("metadata");
                let answers = mark.and_then(|mark| mark["event_payload"]["answers"].as_str());
                Line {
                    id: MessageId(message.ts.clone().into()),
                    text: message
                        .text
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&"),
                    answers: answers.map(|id| MessageId(id.into())),
                }
            })
            .collect()
    }

    fn fits(&self, text: &str) -> bool {
        text.chars().count() <= 4_000
    }

    fn reads_back(&self) -> bool {
        true
    }

    fn slow(&self) {
        self.server.slack().rules.rates = Rates::Real;
        let fault = Fault::new(How::Slow(2)).method(POST);
        self.server.fail(fault.times(1_000_000));
    }

    fn breaks(&self) -> usize {
        6
    }

    fn snap(&self, way: usize) {
        let order = match way {
            0 => Order::Close,
            1 => Order::Reset,
            2 => Order::Silence,
            3 => Order::Disconnect("warning".into()),
            4 => Order::Disconnect("refresh_requested".into()),
            5 => {
                self.server.wire(|wire| {
                    wire.lost_acks += 3;
                    wire.twice += 3;
                });
                return;
            }
            _ => unreachable!("there are no more"),
        };
        self.server.order(&self.app, &order);
    }

    fn failures(&self) -> usize {
        14
    }

    fn fail(&self, way: usize) {
        let post = |how| Fault::new(how).method(POST);
        let error = |code: &str| post(How::Error(code.into()));
        self.server.fail(match way {
            0 => post(How::Status(500)),
            1 => post(How::Status(502)),
            2 => post(How::Status(500)).after(),
            3 => post(How::HangUp),
            4 => post(How::HangUp).after(),
            5 => post(How::Reset).after(),
            6 => post(How::Cut).after(),
            7 => post(How::Later(3)).times(2),
            8 => post(How::Status(503)),
            9 => error("internal_error"),
            10 => error("fatal_error").after(),
            11 => error("ratelimited"),
            12 => error("invalid_blocks"),
            13 => error("token_revoked"),
            _ => unreachable!("there are no more"),
        });
    }

    async fn close(&self, closed: bool) {
        match closed {
            true => {
                let fault = Fault::new(How::Status(503)).method(POST);
                self.server.fail(fault.times(1_000_000));
            }
            false => {
                let wish = Body::json(&json!({"type": "well"}));
                let call = Call::post(self.server.inject_url(), wish);
                let reply = door(&self.time.clock).call(&call).await.unwrap();
                assert_eq!(reply.status, 200, "{}", reply.text());
            }
        }
    }
}
