//! All that Slack knows, apart from the wire.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use boson::clock::Clock;
use serde_json::{Map, Value};

use super::apps::{App, Token};
use super::channels::Channel;
use super::delivery::Delivery;
use super::files::Upload;
use super::hooks::Hook;
use super::limits::{Limits, Rates};
use super::messages::{Ephemeral, Scheduled};
use super::people::{Team, User};
use super::views::{Trigger, View};
use super::webhooks::Webhook;

/// What nobody outside Slack knows for sure, and what tests want shorter.
#[derive(Clone, Debug)]
pub struct Rules {
    pub rates: Rates,
    /// Seconds until an event that nobody acknowledged is delivered again.
    pub redeliver: i64,
    /// Seconds between the word that a socket closes and its end.
    pub closes_after: i64,
    /// Seconds that a socket lives.
    pub socket_life: i64,
    /// Seconds between pings of a socket.
    pub ping: i64,
    /// Seconds that a ticket for a socket is good.
    pub ticket_life: i64,
    /// Seconds after which an own message may no longer be edited; there is no end unless set.
    pub edit_window: Option<i64>,
    /// Events that an app hears of one workspace within an hour.
    pub most_events: usize,
    /// Slack shows what is behind a link, unless a post says that it must not.
    pub unfurls: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            rates: Rates::Off,
            redeliver: 3,
            closes_after: 10,
            socket_life: 18_060,
            ping: 10,
            ticket_life: 30,
            edit_window: None,
            most_events: 30_000,
            unfurls: true,
        }
    }
}

/// Everything.
pub struct Slack {
    pub clock: Clock,
    pub rules: Rules,
    /// Where the server is, without a slash at the end.
    pub url: String,
    pub teams: BTreeMap<String, Team>,
    pub users: BTreeMap<String, User>,
    pub channels: BTreeMap<String, Channel>,
    pub apps: BTreeMap<String, App>,
    pub tokens: BTreeMap<String, Token>,
    pub ephemerals: Vec<Ephemeral>,
    pub scheduled: BTreeMap<String, Scheduled>,
    pub views: BTreeMap<String, View>,
    pub triggers: BTreeMap<String, Trigger>,
    pub hooks: BTreeMap<String, Hook>,
    /// Incoming webhooks, by what stands in their addresses.
    pub webhooks: BTreeMap<String, Webhook>,
    pub uploads: BTreeMap<String, Upload>,
    pub deliveries: BTreeMap<u64, Delivery>,
    /// Those of them that are not settled.
    pub(super) open: BTreeSet<u64>,
    /// Which delivery went in which envelope.
    pub(super) envelopes: HashMap<String, u64>,
    /// App, workspace and minute of each warning that there are too many events.
    pub(super) told_too_much: BTreeSet<(String, String, i64)>,
    /// What was offered to somebody last in an external select, by person and action.
    pub offers: BTreeMap<(String, String), Vec<Value>>,
    /// What somebody chose in a message so far, by message and person.
    pub chosen: BTreeMap<(String, String), Map<String, Value>>,
    /// When Slack showed what is behind a link in a channel.
    pub(super) unfurled: BTreeMap<(String, String), i64>,
    pub limits: Limits,
    /// For sockets: the app, and until when, in Unix seconds.
    pub tickets: BTreeMap<String, (String, i64)>,
    /// So many events come again although they were acknowledged.
    pub twice: usize,
    /// Seconds that events are late.
    pub late: i64,
    last_ts: i64,
    counted: u64,
}

/// Adds the members of one object to another.
pub fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(all), Value::Object(more)) = (value, more) {
        all.extend(more);
    }
}

/// Takes members away from an object.
pub fn without(value: &mut Value, names: &[&str]) {
    if let Value::Object(all) = value {
        all.retain(|name, _| !names.contains(&name.as_str()));
    }
}

impl Slack {
    pub fn new(clock: Clock, rules: Rules, url: String) -> Slack {
        Slack {
            clock,
            rules,
            url,
            teams: BTreeMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            apps: BTreeMap::new(),
            tokens: BTreeMap::new(),
            ephemerals: Vec::new(),
            scheduled: BTreeMap::new(),
            views: BTreeMap::new(),
            triggers: BTreeMap::new(),
            hooks: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            uploads: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            open: BTreeSet::new(),
            envelopes: HashMap::new(),
            told_too_much: BTreeSet::new(),
            offers: BTreeMap::new(),
            chosen: BTreeMap::new(),
            unfurled: BTreeMap::new(),
            limits: Limits::default(),
            tickets: BTreeMap::new(),
            twice: 0,
            late: 0,
            last_ts: 0,
            counted: 0,
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// A number that was not given before.
    pub fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// A new id: a letter and ten more signs.
    pub fn id(&mut self, letter: &str) -> String {
        format!("{letter}0{:09X}", self.count() * 7_919 + 0x0B05_0000)
    }

    /// A secret part of an address or token: the same in each run, and not to be guessed from its neighbours.
    pub fn opaque(&mut self, what: &str) -> String {
        use sha2::Digest;
        let number = self.count();
        let hash = sha2::Sha256::digest(format!("{what} {number} {}", self.url));
        hash[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The next `ts`: ten digits, a point, six digits; later than all before.
    pub fn ts(&mut self) -> String {
        self.last_ts = self.clock.now().timestamp_micros().max(self.last_ts + 1);
        format!(
            "{}.{:06}",
            self.last_ts / 1_000_000,
            self.last_ts % 1_000_000
        )
    }
}
