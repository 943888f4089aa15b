//! Stand-ins for services elsewhere, to try Boson against: see `tests/stand_in/README.md`.

#[path = "stand_in/chat.rs"]
mod chat;
#[path = "../tests/stand_in/slack.rs"]
mod slack;
#[path = "stand_in/slack.rs"]
mod slack_town;
#[path = "../tests/stand_in/stack_exchange.rs"]
mod stack_exchange;
#[path = "../tests/stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;

use std::path::Path;
use std::time::{Duration, Instant};

use boson::clock::Clock;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Parser;
use serde_json::json;
use stack_exchange::{Network, Site, StackExchange};

/// Runs a server on this machine that behaves like a service elsewhere.
#[derive(Parser)]
enum Service {
    /// The API 2.3 of Stack Exchange and its web socket.
    StackExchange(Options),
    /// The chat of Stack Exchange, with rooms to talk in from a browser.
    StackExchangeChat(chat::Options),
    /// Slack, with channels to talk in from a browser.
    Slack(slack_town::Options),
}

#[derive(clap::Args)]
struct Options {
    /// Of the API; the web socket has the next one. 0 takes any two that are free
    #[arg(long, default_value_t = 9001)]
    port: u16,
    /// `beer` or `coffee`, with the posts that people wrote there; any other name has posts that are made up
    #[arg(long, required = true)]
    site: Vec<String>,
    /// How many seconds pass there in one of ours
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// When it begins there: `2015-02-01` or `2015-02-01T12:00:00Z`; otherwise when the first of the sites opened
    #[arg(long, value_parser = date)]
    start: Option<DateTime<Utc>>,
    /// Questions a day on a site with made-up posts
    #[arg(long, default_value_t = 500.0)]
    made_up: f64,
    /// How many requests a day there everybody may make, with a key or without
    #[arg(long, default_value_t = 10_000)]
    quota: i64,
    /// Refuses what is asked twice within a minute, or during a back-off
    #[arg(long)]
    strict: bool,
}

/// How often the clock there is moved.
const STEP: Duration = Duration::from_millis(20);

fn date(text: &str) -> Result<DateTime<Utc>, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    match day {
        Ok(day) => Ok(day.and_time(chrono::NaiveTime::MIN).and_utc()),
        Err(_) => text
            .parse()
            .map_err(|_| "no date such as 2015-02-01".into()),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    match Service::parse() {
        Service::StackExchange(options) => api(options).await,
        Service::StackExchangeChat(options) => chat::run(options).await,
        Service::Slack(options) => slack_town::run(options).await,
    }
}

/// The API, until it is interrupted.
async fn api(options: Options) -> std::io::Result<()> {
    let mut network = Network::by_hand();
    let posts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/posts");
    let now = Clock::Real.now();
    let mut start = options.start;
    let (real, made): (Vec<_>, Vec<_>) = options
        .site
        .iter()
        .partition(|site| posts.join(site).is_dir());
    for site in real {
        let site = Site::posts(site, posts.join(site).join("Posts.xml"));
        if options.start.is_none() {
            let opened = site.next().and_then(|at| DateTime::from_timestamp(at, 0));
            start = start.into_iter().chain(opened).min();
        }
        network.add(site);
    }
    let start = start.unwrap_or(now);
    for (site, seed) in made.into_iter().zip(1..) {
        let since = (start - TimeDelta::days(1)).timestamp();
        network.add(Site::made_up(site, options.made_up, seed, since));
    }
    network.limits.enforced = options.strict;
    network.limits.quota = (options.quota, options.quota);
    network.advance(start.timestamp());
    // What is past is no news.
    network.pings();
    let clock = Clock::stopped(start);
    let server = StackExchange::start(network, clock.clone(), options.port).await?;
    println!(
        "{}",
        json!({"url": server.url, "websocket": server.websocket})
    );
    let began = Instant::now();
    let mut steps = tokio::time::interval(STEP);
    loop {
        tokio::select! {
            _ = steps.tick() => {
                let passed = began.elapsed().as_secs_f64() * options.speed;
                let passed = TimeDelta::milliseconds((passed * 1000.0) as i64);
                clock.advance_to(start + passed);
            }
            end = tokio::signal::ctrl_c() => return end,
        }
    }
}
