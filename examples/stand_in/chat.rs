//! The chat of Stack Exchange: four people, two rooms and a place for what is thrown away.

use std::time::Instant;

use boson::clock::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::STEP;
use crate::stack_exchange_chat::{Chat, HOSTS, Pace, Rules, Settings, StackExchangeChat};

#[derive(clap::Args)]
pub struct Options {
    /// 0 takes any that is free
    #[arg(long, default_value_t = 9002)]
    port: u16,
    /// `off`, `real`, or how many seconds lie between two messages of one user
    #[arg(long, default_value = "off", value_parser = pace)]
    throttle: Pace,
    /// Three chats instead of one, told apart by the `Host` header of requests
    #[arg(long)]
    hosts: bool,
    /// Lets programs make things go wrong, under `/_test/`
    #[arg(long)]
    test: bool,
    /// Only programs that send this as `x-test-token` may do that
    #[arg(long, requires = "test")]
    token: Option<String>,
}

fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "off" => Ok(Pace::Off),
        "real" => Ok(Pace::Real),
        _ => match text.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(Pace::Fixed(seconds)),
            _ => Err("neither `off`, `real` nor a number of seconds".into()),
        },
    }
}

/// E-mail, password, name; the first owns the rooms.
const ACCOUNTS: [(&str, &str, &str); 4] = [
    ("ann@example.org", "anchor", "Ann"),
    ("ben@example.org", "bellows", "Ben"),
    ("cleo@example.org", "cloak", "Cléo Other"),
    ("boson@example.org", "bottle", "Boson"),
];

/// Rooms where people talk, and the one for what is thrown away.
const ROOMS: [(&str, &str); 3] = [
    ("Sandbox", "Where anything can be tried out"),
    ("The Tavern", "For all that is about nothing"),
    ("Trash", "What was thrown away"),
];

/// Runs until it is interrupted.
///
/// # Errors
/// When the port is taken.
pub async fn run(options: Options) -> std::io::Result<()> {
    // A test moves the clock ahead; it goes on from there.
    let clock = match options.test {
        true => Clock::stopped(Clock::Real.now()),
        false => Clock::Real,
    };
    let settings = Settings {
        port: options.port,
        rules: Rules {
            pace: options.throttle,
            ..Rules::default()
        },
        hosts: options.hosts,
        control: options.test.then(|| options.token.unwrap_or_default()),
        open_house: true,
        ..Settings::default()
    };
    let server = StackExchangeChat::bind(settings, clock.clone()).await?;
    let line = fill(&mut server.chat(), server.url());
    if options.hosts {
        for host in &HOSTS[1..] {
            fill(&mut server.chat_of(host), server.url());
        }
    }
    println!("{line}");
    let mut steps = tokio::time::interval(STEP);
    let mut last = Instant::now();
    loop {
        tokio::select! {
            _ = steps.tick() => {
                let passed = TimeDelta::from_std(last.elapsed()).unwrap_or_default();
                last = Instant::now();
                clock.advance_to(clock.now() + passed);
            }
            end = tokio::signal::ctrl_c() => return end,
        }
    }
}

/// People and rooms; gives the line about them.
fn fill(chat: &mut Chat, url: &str) -> Value {
    let accounts = ACCOUNTS.map(|(email, password, name)| {
        let id = chat.account(email, password, name);
        (
            id,
            json!({"email": email, "password": password, "name": name, "id": id}),
        )
    });
    let (owner, _) = accounts[0];
    let rooms = ROOMS.map(|(name, about)| {
        let id = chat.room(name, owner);
        if let Some(room) = chat.rooms.get_mut(&id) {
            room.description = about.into();
        }
        id
    });
    json!({
        "url": url,
        "rooms": &rooms[..2],
        "trash": rooms[2],
        "accounts": accounts.map(|(_, account)| account),
    })
}
