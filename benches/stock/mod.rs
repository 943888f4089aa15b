//! A store on disk with trackers whose sources were all read once, made by the bot itself.

use std::path::Path;

use boson::bot::Event;
use boson::clock::Clock;
use boson::http::{Http, Staged};
use boson::model::Heard;
use boson::store::{Options, Store};

use crate::rig;

/// Whether trackers watch the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sources {
    Distinct,
    One,
}

/// The platform and the room of the trackers: those of `boson chat`.
pub const PLATFORM: &str = "terminal";
pub const ROOM: &str = "home";

/// Entries of each feed.
const ENTRIES: usize = 10;
/// Messages that are not yet answered.
const FLIGHT: usize = 512;

/// Opens a store as the program does.
pub async fn open(folder: &Path) -> Store {
    Store::open(folder, Options::default())
        .await
        .expect("a sound store")
}

/// Makes a store with so many trackers in `folder`. Nothing of it is due for a day.
pub async fn fill(folder: &Path, trackers: usize, sources: Sources) {
    let (http, stage) = Http::staged(Clock::Real);
    let address = |n: usize| match sources {
        Sources::Distinct => format!("https://site-{n}.example.org/feed"),
        Sources::One => "https://site.example.org/feed".to_string(),
    };
    for n in 0..trackers {
        let page =
            Staged::page("application/rss+xml", feed(n)).header("cache-control", "max-age=86400");
        stage.serve(address(n), page);
    }
    let (mut bot, room) = rig::bot(PLATFORM, open(folder).await, http).await;
    let sender = bot.sender();
    let mut sent = 0;
    while sent < trackers {
        let upto = trackers.min(sent + FLIGHT);
        for n in sent..upto {
            let line = format!(
                "@boson track feed {} named feed-{n} as list every 30 minutes where length:10..2000 -tag:off-topic",
                address(n)
            );
            let message = room.message(ROOM, "Ann", &line, Clock::Real.now());
            let heard = Event::Heard(Heard::Said(message), None);
            sender.send(heard).await.expect("the loop's queue is open");
        }
        // Until every source has been read.
        bot.settle().await;
        for spoken in room.take() {
            let answer = spoken.text.plain();
            // The first look says what it found, too.
            assert!(
                answer.starts_with("Tracking ") || answer.contains(" reads “"),
                "{answer}"
            );
        }
        sent = upto;
    }
    assert!(
        bot.next_due()
            .is_none_or(|due| due > Clock::Real.now() + chrono::TimeDelta::hours(20))
    );
    bot.close().await.expect("a store that closes in order");
}

fn feed(site: usize) -> String {
    let mut feed = format!("<rss version=\"2.0\"><channel><title>Site {site}</title>");
    for n in 0..ENTRIES {
        feed.push_str(&format!(
            "<item><title>Entry {n} of site {site}</title><link>https://site-{site}.example.org/posts/{n}</link>\
             <description>What there is to say about entry {n}: {}</description><author>ann</author></item>",
            "some words and again some words ".repeat(8)
        ));
    }
    feed.push_str("</channel></rss>");
    feed
}
