//! A running `emulate`: a server by others that behaves like Slack's Web API.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Body, Call, Http};
use boson::model::{MessageId, RoomId, Text};
use boson::room::slack::{Settings, Slack, Way};
use boson::room::{Platform, SayError, Saying};
use serde_json::Value;

/// Tokens of the seed.
pub const BOT: &str = "xoxb-emulate-boson";
pub const NARROW: &str = "xoxb-emulate-narrow";
pub const ANN: &str = "xoxp-emulate-ann";
/// The bot's user.
pub const ME: &str = "U000000009";
/// What its events are signed with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
const WORKS: &str = "works";
/// Another program may take the port that was free a moment ago.
const TRIES: usize = 5;

/// It ends when it is dropped.
pub struct Emulator {
    child: Child,
    pub url: String,
    pub clock: Clock,
}

/// The folder with `emulate` and the Node that it needs.
fn folder() -> PathBuf {
    let said = std::env::var_os("BOSON_TEST_EMULATE").map(PathBuf::from);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    said.unwrap_or_else(|| {
        target
            .expect("it is a folder in another")
            .join("ci-tools/emulate")
    })
}

/// An address that nobody uses at the moment.
pub fn free() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap()
}

impl Emulator {
    /// None where it is not installed; in CI it has to be.
    pub fn start() -> Option<Emulator> {
        let modules = folder().join("node_modules");
        let program = modules.join("emulate/dist/index.js");
        if !program.exists() {
            assert!(
                std::env::var_os("CI").is_none(),
                "emulate must be there; `.ci/run judges` installs it"
            );
            return None;
        }
        let started = (0..TRIES).find_map(|_| Emulator::at(&modules, &program));
        Some(started.expect("it starts"))
    }

    fn at(modules: &Path, program: &Path) -> Option<Emulator> {
        let port = free().port().to_string();
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slack_emulate/seed.yaml");
        let mut child = Command::new(modules.join(".bin/node"))
            .arg(program)
            .args(["start", "--service", "slack", "--port", &port, "--seed"])
            .arg(seed)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node starts");
        let words = BufReader::new(child.stdout.take().expect("it is piped"));
        let ready = words
            .lines()
            .map_while(Result::ok)
            .any(|line| line.trim() == "Ready.");
        let emulator = Emulator {
            child,
            url: format!("http://127.0.0.1:{port}/api"),
            // The other server has no other, and what is said here is too little to be slowed down.
            clock: Clock::Real,
        };
        ready.then_some(emulator)
    }

    /// The client, with one of the tokens. It takes what Slack posts, at an address that is free.
    pub fn client(&self, token: &str) -> Arc<Slack> {
        self.client_at(token, free())
    }

    pub fn client_at(&self, token: &str, listen: SocketAddr) -> Arc<Slack> {
        let settings = Settings {
            name: WORKS.into(),
            bot: "boson".into(),
            url: self.url.clone(),
            bot_token: token.into(),
            way: Way::Http {
                signing_secret: SECRET.into(),
                listen,
            },
            rooms: Vec::new(),
            private_mistakes: false,
        };
        Arc::new(Slack::open(settings, self.http(), self.clock.clone()))
    }

    pub fn http(&self) -> Http {
        let door = http::Settings {
            allow_private: true,
            timeout: Duration::from_secs(20),
            ..http::Settings::default()
        };
        Http::new(door, self.clock.clone()).unwrap()
    }

    /// Calls a method without the client.
    pub async fn call(&self, token: &str, method: &str, fields: &[(&str, &str)]) -> Value {
        let call = Call::post(format!("{}/{method}", self.url), Body::form(fields));
        let call = call.header("authorization", format!("Bearer {token}"));
        let reply = self.http().call(&call).await.unwrap();
        let value: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(value["ok"], true, "{method}: {value}");
        value
    }

    /// The messages of a channel, the newest first.
    pub async fn history(&self, channel: &str) -> Vec<Value> {
        let all = self
            .call(BOT, "conversations.history", &[("channel", channel)])
            .await;
        all["messages"].as_array().unwrap().clone()
    }

    /// A thread, its first message first.
    pub async fn thread(&self, channel: &str, ts: &str) -> Vec<Value> {
        let fields = [("channel", channel), ("ts", ts)];
        let all = self.call(BOT, "conversations.replies", &fields).await;
        all["messages"].as_array().unwrap().clone()
    }

    /// The id of a channel.
    pub async fn channel(&self, name: &str) -> String {
        let types = [("types", "public_channel,private_channel")];
        let all = self.call(BOT, "conversations.list", &types).await;
        let mut all = all["channels"].as_array().unwrap().iter();
        let found = all.find(|its| its["name"] == name);
        found.expect("the seed has it")["id"]
            .as_str()
            .unwrap()
            .into()
    }

    pub async fn say(&self, slack: &Slack, saying: &Saying) -> Result<MessageId, SayError> {
        slack.say(saying).await.map(|spoken| spoken.message)
    }

    pub async fn line(&self, slack: &Slack, channel: &str, words: &str) -> MessageId {
        let saying = Saying::new(room(channel), Text::line(words));
        self.say(slack, &saying).await.unwrap()
    }
}

pub fn room(channel: &str) -> RoomId {
    RoomId::new(WORKS, channel)
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
