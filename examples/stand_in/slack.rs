//! Slack: a workspace with three people, a stranger, a few channels and an app.

use std::time::Instant;

use boson::clock::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::STEP;
use crate::slack::{Kind, Rates, Rules, Settings, Slack, SlackServer, Standing};

#[derive(clap::Args)]
pub struct Options {
    /// 0 takes any that is free
    #[arg(long, default_value_t = 9003)]
    port: u16,
    /// Counts calls, and refuses those that come too often
    #[arg(long)]
    rates: bool,
}

/// Runs until it is interrupted.
///
/// # Errors
/// When the port is taken.
pub async fn run(options: Options) -> std::io::Result<()> {
    // A program moves the clock ahead; it goes on from there.
    let clock = Clock::stopped(Clock::Real.now());
    let settings = Settings {
        port: options.port,
        rules: Rules {
            rates: if options.rates {
                Rates::Real
            } else {
                Rates::Off
            },
            ..Rules::default()
        },
    };
    let server = SlackServer::bind(settings, clock.clone()).await?;
    let mut line = fill(&mut server.slack());
    line["api"] = json!(server.api());
    line["url"] = json!(server.url());
    line["inject_url"] = json!(server.inject_url());
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

/// People, channels and the app; gives the line about them.
fn fill(slack: &mut Slack) -> Value {
    let team = slack.team("Boson Works");
    let ann = slack.user(&team, "Ann Other", Standing::Admin);
    let ben = slack.user(&team, "Ben Bellows", Standing::Member);
    let cleo = slack.user(&team, "Cléo Cloak", Standing::Restricted);
    let (app, app_token) = slack.app("Boson");
    let (bot, bot_token) = slack.install(&app, &team);
    let user_token = slack.user_token(&app, &ann);
    let other = slack.team("Elsewhere");
    let stranger = slack.user(&other, "Dana Doe", Standing::Owner);
    let rooms = [
        ("general", Kind::Public, vec![&ben, &cleo, &bot]),
        ("random", Kind::Public, vec![&ben]),
        ("secret", Kind::Private, vec![&bot]),
        ("partners", Kind::Public, vec![&bot, &stranger]),
    ];
    let channels = rooms.map(|(name, kind, members)| {
        let id = slack.channel(&team, name, kind, &ann);
        if let Some(channel) = slack.channels.get_mut(&id) {
            channel.members.extend(members.into_iter().cloned());
            channel.general = name == "general";
            if name == "partners" {
                channel.shared.insert(other.clone());
            }
        }
        id
    });
    let (direct, _) = slack.direct(&team, &[ann.clone(), bot.clone()]);
    json!({
        "bot_token": bot_token, "app_token": app_token, "user_token": user_token, "channel": channels[0],
        "channels": {"general": channels[0], "random": channels[1], "secret": channels[2], "partners": channels[3],
            "direct": direct},
        "users": {"ann": ann, "ben": ben, "cleo": cleo, "dana": stranger}, "bot_user": bot, "team": team,
        "app": app, "signing_secret": slack.apps[&app].secret,
    })
}
