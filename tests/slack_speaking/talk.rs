//! A bot that speaks in the channels of a stand-in.

use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Body, Call, Http};
use boson::model::{MessageId, PersonId, RoomId, Text};
use boson::room::slack::{self as client, Way};
use boson::room::{Platform, SayError, Saying, Spoken};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::Value;

use crate::slack::{Fault, Kind, Message, Rules, Settings, SlackServer, Standing};

/// The platform's name.
pub const WORKS: &str = "works";
/// Nothing takes this long; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);

/// A workspace, and the bot's side of it.
pub struct Talk {
    pub server: SlackServer,
    pub clock: Clock,
    pub slack: Arc<client::Slack>,
    pub team: String,
    pub app: String,
    app_token: String,
    pub token: String,
    /// The bot, an admin, and somebody else.
    pub bot: String,
    pub ann: String,
    pub ben: String,
    /// Channels in which all of them are.
    pub channels: Vec<String>,
}

impl Talk {
    pub async fn new() -> Talk {
        Talk::with(1, Rules::default()).await
    }

    /// A bot in so many channels.
    pub async fn with(channels: usize, rules: Rules) -> Talk {
        let noon: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let clock = Clock::stopped(noon);
        let settings = Settings { port: 0, rules };
        let server = SlackServer::start(settings, clock.clone()).await;
        let mut slack = server.slack();
        let team = slack.team("Works");
        let ann = slack.user(&team, "Ann Other", Standing::Admin);
        let ben = slack.user(&team, "Ben", Standing::Member);
        let (app, app_token) = slack.app("Boson");
        let (bot, token) = slack.install(&app, &team);
        let channels: Vec<String> = (0..channels)
            .map(|n| {
                let channel = slack.channel(&team, &format!("room-{n}"), Kind::Public, &ann);
                let members = &mut slack.channels.get_mut(&channel).unwrap().members;
                members.extend([ben.clone(), bot.clone()]);
                channel
            })
            .collect();
        drop(slack);
        let mut talk = Talk {
            slack: Arc::new(open(&server, &clock, &token, &app_token, LONG)),
            server,
            clock,
            team,
            app,
            app_token,
            token,
            bot,
            ann,
            ben,
            channels,
        };
        talk.restart(Duration::from_secs(20));
        talk
    }

    /// The bot is started anew; `patience` is how long it waits for an answer, by a real clock.
    pub fn restart(&mut self, patience: Duration) {
        let (token, app_token) = (&self.token, &self.app_token);
        let slack = open(&self.server, &self.clock, token, app_token, patience);
        self.slack = Arc::new(slack);
    }

    pub fn room(&self, n: usize) -> RoomId {
        RoomId::new(WORKS, self.channels[n].as_str())
    }

    /// Something to say in the first channel.
    pub fn saying(&self, text: Text) -> Saying {
        Saying::new(self.room(0), text)
    }

    pub async fn say(&self, text: Text) -> Result<Spoken, SayError> {
        self.speak(&self.saying(text)).await
    }

    /// Says a line in the first channel.
    pub async fn line(&self, words: &str) -> Result<Spoken, SayError> {
        self.say(Text::line(words)).await
    }

    pub async fn speak(&self, saying: &Saying) -> Result<Spoken, SayError> {
        self.passing(200, self.slack.say(saying)).await
    }

    pub async fn edit(&self, message: &MessageId, text: &Text) -> Result<(), SayError> {
        let room = self.room(0);
        self.passing(100, self.slack.edit(&room, message, text))
            .await
    }

    /// Only this person is to see it.
    pub fn only(&self, person: &str, words: &str) -> Saying {
        Saying {
            only: Some(PersonId(person.into())),
            ..self.saying(Text::line(words))
        }
    }

    /// Does something while time passes, at most so many seconds of it.
    pub async fn passing<T>(&self, seconds: i64, doing: impl Future<Output = T>) -> T {
        let clock = self.clock.clone();
        let pass = async {
            for _ in 0..seconds * 10 {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                clock.advance_to(clock.now() + TimeDelta::milliseconds(100));
            }
            std::future::pending::<()>().await;
        };
        let doing = async {
            tokio::select! {
                biased;
                done = doing => done,
                () = pass => unreachable!("it is pending for ever"),
            }
        };
        let done = tokio::time::timeout(LONG, doing).await;
        done.expect("it is done within that time")
    }

    pub fn fail(&self, fault: Fault) {
        self.server.fail(fault);
    }

    /// What the bot has said in a channel.
    pub fn own(&self, n: usize) -> Vec<Message> {
        let slack = self.server.slack();
        let all = slack.channels[&self.channels[n]].messages.values();
        all.filter(|message| message.user == self.bot)
            .cloned()
            .collect()
    }

    /// The same in words, in the first channel.
    pub fn texts(&self) -> Vec<String> {
        let own = self.own(0).into_iter();
        own.map(|message| message.text).collect()
    }

    /// What this person alone has seen, in words.
    pub fn seen_by(&self, person: &str) -> Vec<(String, String)> {
        let slack = self.server.slack();
        let own = slack.ephemerals.iter().filter(|its| its.to == person);
        own.map(|its| (its.channel.clone(), its.message.text.clone()))
            .collect()
    }

    /// Does something as a person would, or breaks something; waits for what is acknowledged.
    pub async fn act(&self, wish: Value) -> Value {
        let http = door(&self.clock, LONG);
        let call = Call::post(self.server.inject_url(), Body::json(&wish));
        let reply = http.call(&call).await.unwrap();
        assert_eq!(reply.status, 200, "{wish}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// A message of a person in the first channel.
    pub fn said_by(&self, person: &str, text: &str) -> MessageId {
        let mut slack = self.server.slack();
        let said = slack.say(&self.channels[0], person, text, None);
        MessageId(said.unwrap_or_else(|refused| panic!("{refused:?}")).into())
    }

    /// What was asked of a method so far.
    pub fn asked(&self, method: &str) -> Vec<Value> {
        let path = format!("/api/{method}");
        let all = self.server.requests().into_iter();
        all.filter(|request| request.path == path)
            .map(|request| request.args)
            .collect()
    }
}

fn open(
    server: &SlackServer,
    clock: &Clock,
    token: &str,
    app_token: &str,
    patience: Duration,
) -> client::Slack {
    let settings = client::Settings {
        name: WORKS.into(),
        bot: "boson".into(),
        url: server.api().trim_end_matches('/').into(),
        bot_token: SecretString::from(token),
        way: Way::Socket {
            app_token: SecretString::from(app_token),
        },
        rooms: Vec::new(),
        private_mistakes: false,
    };
    client::Slack::open(settings, door(clock, patience), clock.clone())
}

fn door(clock: &Clock, patience: Duration) -> Http {
    let settings = http::Settings {
        allow_private: true,
        timeout: patience,
        ..http::Settings::default()
    };
    Http::new(settings, clock.clone()).unwrap()
}
