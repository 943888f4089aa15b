//! All state under one lock: Slack, what goes wrong with it, and the open sockets.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use tokio::sync::mpsc;

use super::apps::Hears;
use super::faults::Faults;
use super::socket::Order;
use super::state::Slack;

/// All state, under one lock.
pub struct World {
    pub slack: Slack,
    pub faults: Faults,
    pub sockets: BTreeMap<u64, OpenSocket>,
    pub requests: Vec<RequestLog>,
    pub opened: u64,
    /// Counts envelopes, so that each socket has its turn.
    turn: u64,
}

/// A web socket that is open.
pub struct OpenSocket {
    pub app: String,
    /// Frames that go out now.
    pub outbox: VecDeque<String>,
    pub orders: mpsc::UnboundedSender<Order>,
    /// It was told that it will end.
    pub ending: bool,
    /// Nobody has heard anything of it for long: it gets nothing more.
    pub gone: bool,
}

/// A request that was answered, or not.
#[derive(Clone, Debug)]
pub struct RequestLog {
    pub path: String,
    /// 0 when there was no answer.
    pub status: u16,
    /// The arguments, without the token.
    pub args: Value,
    /// Unix milliseconds.
    pub at: i64,
}

impl World {
    pub fn new(slack: Slack) -> World {
        World {
            slack,
            faults: Faults::default(),
            sockets: BTreeMap::new(),
            requests: Vec::new(),
            opened: 0,
            turn: 0,
        }
    }

    /// The sockets of an app.
    pub fn live(&self, app: &str) -> Vec<u64> {
        let all = self.sockets.iter();
        let all = all.filter(|(_, socket)| socket.app == app && !socket.gone);
        all.map(|(number, _)| *number).collect()
    }

    /// What is wrong with the wire is known where deliveries are made.
    pub fn wired(&mut self) {
        let wire = &self.faults.wire;
        (self.slack.late, self.slack.twice) = (wire.late, wire.twice);
    }

    /// Hands what is due to one socket each, in turn; those that end get nothing while there is another.
    pub fn pump(&mut self) -> bool {
        let live: Vec<String> = self
            .sockets
            .values()
            .filter(|socket| !socket.gone)
            .map(|socket| socket.app.clone())
            .collect();
        let mut moved = self.slack.pass(|app| live.iter().any(|its| its == app));
        let apps: Vec<String> = self.slack.apps.keys().cloned().collect();
        for app in apps {
            if self.slack.apps[&app].hears != Hears::Socket {
                continue;
            }
            let all = self.live(&app);
            let fresh: Vec<u64> = all
                .iter()
                .copied()
                .filter(|its| !self.sockets[its].ending)
                .collect();
            let takers = if fresh.is_empty() { all } else { fresh };
            if takers.is_empty() {
                continue;
            }
            for id in self.slack.due(&app) {
                self.turn += 1;
                // What one socket did not acknowledge goes to another.
                let last = self.slack.deliveries[&id].socket;
                let others: Vec<u64> = takers
                    .iter()
                    .copied()
                    .filter(|its| Some(*its) != last)
                    .collect();
                let takers = if others.is_empty() { &takers } else { &others };
                let number = takers[(self.turn as usize) % takers.len()];
                self.slack.sent(id, Some(number));
                let frame = self.slack.deliveries[&id].frame().to_string();
                if let Some(socket) = self.sockets.get_mut(&number) {
                    socket.outbox.push_back(frame);
                }
                moved = true;
            }
        }
        moved
    }

    /// Tells the oldest `most` sockets of an app to do something; gives how many heard it.
    pub fn order(&mut self, app: &str, order: &Order, most: u64) -> usize {
        let all = self.sockets.values_mut().filter(|socket| socket.app == app);
        let mut told = 0;
        for (socket, _) in all.zip(0..most) {
            if let Order::Disconnect(_) = order {
                socket.ending = true;
            }
            // Who has just gone hears nothing.
            told += usize::from(socket.orders.send(order.clone()).is_ok());
        }
        told
    }
}
