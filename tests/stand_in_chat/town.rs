//! A chat with three people, two rooms and a trash room.

use boson::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::browser::Browser;
use crate::stack_exchange_chat::{Settings, StackExchangeChat};

pub struct Town {
    pub server: StackExchangeChat,
    pub clock: Clock,
    pub ann: i64,
    pub ben: i64,
    pub cleo: i64,
    pub sandbox: i64,
    pub tavern: i64,
    pub trash: i64,
}

/// Noon, so that a test within hours stays within the day.
pub fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl Town {
    pub async fn new() -> Town {
        Town::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Town {
        let clock = Clock::stopped(noon());
        let server = StackExchangeChat::start(settings, clock.clone()).await;
        let ann = server.account("ann@example.org", "anchor & <sail>", "Ann Other");
        let ben = server.account("ben@example.org", "bellows", "Ben");
        let cleo = server.account("cleo@example.org", "cloak", "Cléo");
        let (sandbox, tavern) = (server.room("Sandbox", ann), server.room("Tavern", ann));
        let trash = server.room("Trash", ann);
        Town {
            server,
            clock,
            ann,
            ben,
            cleo,
            sandbox,
            tavern,
            trash,
        }
    }

    pub async fn ann(&self) -> Browser {
        Browser::logged_in(self.server.url(), "ann@example.org", "anchor & <sail>").await
    }

    pub async fn ben(&self) -> Browser {
        Browser::logged_in(self.server.url(), "ben@example.org", "bellows").await
    }

    pub async fn cleo(&self) -> Browser {
        Browser::logged_in(self.server.url(), "cleo@example.org", "cloak").await
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock
            .advance_to(self.clock.now() + TimeDelta::seconds(seconds));
    }
}
