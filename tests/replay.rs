//! All posts of `tests/posts/`, as they were written, through two hundred trackers and every kind of trouble: each
//! tracker says exactly the posts that its query holds of, once.

#[path = "rooms/setup.rs"]
mod setup;
#[path = "stand_in/stack_exchange.rs"]
mod stack_exchange;
#[path = "replay/trackers.rs"]
mod trackers;
#[path = "replay/world.rs"]
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use stack_exchange::Fault;
use trackers::Wish;
use world::{Dice, World};

/// Before the first post.
const BEGIN: &str = "2014-01-20T00:00:00Z";
/// A day of many posts, which goes by in small steps: only then the web socket is of use.
const SLOWLY: &str = "2015-01-27T19:00:00Z";
/// After the last post.
const END: &str = "2017-04-01T00:00:00Z";
const STEP: TimeDelta = TimeDelta::seconds(30);
const TRACKERS: usize = 200;
/// In one step of so many something goes wrong.
const TROUBLE: u64 = 5;
/// The bot begins anew after so many steps, in the middle of a look.
const RESTART: usize = 60;
/// The web socket falls silent or breaks off after so many steps.
const SOCKET: usize = 70;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Something goes wrong, or nothing.
fn trouble(dice: &mut Dice, world: &World, step: usize) -> usize {
    let mut troubles = 0;
    // Not one upon the other: there are many more steps than requests.
    let faulty = world.server.shared.network().is_faulty();
    if !faulty && dice.below(TROUBLE) == 0 {
        let fault = match dice.below(6) {
            0 => Fault::Throttle(dice.below(900) as i64 + 1),
            1 => Fault::Status([500, 502, 503][dice.below(3) as usize]),
            2 => Fault::Error([500, 502, 503][dice.below(3) as usize]),
            _ => Fault::Cut,
        };
        world.server.change(|network, _| network.fault(fault));
        troubles += 1;
    }
    if dice.below(TROUBLE * 4) == 0 {
        let method = ["posts", "questions", "answers"][dice.below(3) as usize];
        let seconds = dice.below(300) as i64;
        let wants = |network: &mut stack_exchange::Network, _| {
            network.limits.wants_backoff(method, seconds);
        };
        world.server.change(wants);
        troubles += 1;
    }
    if step.is_multiple_of(SOCKET) {
        match dice.below(2) {
            0 => world.server.silence(),
            _ => world.server.drop_sockets(),
        }
        troubles += 1;
    }
    troubles
}

/// How often each tracker said each link.
#[derive(Default)]
struct Said(BTreeMap<String, BTreeMap<String, usize>>);

impl Said {
    fn hear(&mut self, lines: Vec<String>) {
        for line in lines {
            // What went wrong is told too.
            let said = line
                .strip_prefix('[')
                .and_then(|line| line.split_once("] "));
            let is_link = |word: &&str| word.starts_with("https://");
            let said = said.and_then(|(name, rest)| Some((name, rest.split(' ').find(is_link)?)));
            if let Some((name, url)) = said {
                let its = self.0.entry(name.into()).or_default();
                *its.entry(url.into()).or_default() += 1;
            }
        }
    }

    /// What was not as it was wanted, and how much was.
    fn compare(mut self, wishes: &[Wish]) -> (Vec<String>, usize) {
        let (mut wrong, mut right) = (Vec::new(), 0);
        for wish in wishes {
            let who = format!("{} ({})", wish.name, wish.query);
            let mut said = self.0.remove(&wish.name).unwrap_or_default();
            for url in &wish.wanted {
                match said.remove(url) {
                    Some(1) => right += 1,
                    Some(times) => wrong.push(format!("{who} said {url} {times} times")),
                    None => wrong.push(format!("{who} did not say {url}")),
                }
            }
            let rest = said.keys();
            wrong.extend(rest.map(|url| format!("{who} said {url} for nothing")));
        }
        (wrong, right)
    }
}

#[tokio::test]
async fn every_post_is_said_by_those_who_want_it_and_once() {
    let everything = world::everything(at(BEGIN), at(END)).await;
    let sizes: Vec<usize> = everything.values().map(Vec::len).collect();
    // Answers, posts, questions: of beer, of coffee. 2,946 posts in all.
    assert_eq!(sizes, [1_572, 327, 2_354, 592, 663, 225]);
    let wishes = trackers::made(&everything, TRACKERS, at(END));

    let mut world = World::new(at(BEGIN)).await;
    for wish in &wishes {
        let (kind, site) = wish.source;
        let query = match wish.query.as_str() {
            "" => String::new(),
            query => format!(" where {query}"),
        };
        let name = &wish.name;
        let line = format!("@boson track {kind} on {site} named {name} every 4 days{query}");
        world.says(&line).await;
    }
    let heard = world.heard();
    let tracking = heard.iter().filter(|line| line.starts_with("Tracking "));
    assert_eq!(tracking.count(), TRACKERS, "{heard:#?}");

    let (mut dice, mut said) = (Dice::new(7), Said::default());
    let (mut step, mut troubles, mut restarts, mut small) = (0, 0, 0, 0);
    let (slowly, calm) = (at(SLOWLY), at(END) - TimeDelta::days(9));
    while let Some(due) = world.next_due().filter(|due| *due < at(END)) {
        let now = world.clock.now();
        let in_small_steps = now >= slowly && now < slowly + TimeDelta::days(1);
        let due = match in_small_steps {
            true => due.min(now + STEP),
            // Not beyond the day of small steps.
            false if now < slowly => due.min(slowly),
            false => due,
        };
        step += 1;
        small += usize::from(in_small_steps);
        if due < calm {
            troubles += trouble(&mut dice, &world, step);
        }
        world.clock.advance_to(due);
        if step % RESTART == 0 && due < calm {
            restarts += 1;
            world.restart_within_a_look().await;
        }
        world.settle().await;
        if in_small_steps {
            world.let_the_socket_speak().await;
        }
        said.hear(world.heard());
    }

    let (wrong, right) = said.compare(&wishes);
    let counts = world.server.counts();
    let network = world.server.shared.network();
    let slow = slowly.timestamp()..(slowly + TimeDelta::days(1)).timestamp();
    let slow = network.heard.iter().filter(|(at, _)| slow.contains(at));
    let slow = slow.count();
    println!(
        "{right} posts said, {} requests in {step} steps, {slow} of them in {small} small ones, {troubles} troubles, \
         {restarts} restarts, {} offences, {counts:?}",
        network.asked("", ""),
        network.limits.offences,
    );
    let first = &wrong[..wrong.len().min(50)];
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), first.join("\n"));
    assert!(right > 5_000, "too little was wanted: {right}");
    assert!(troubles > 500 && restarts > 20, "it was too easy");
    // Six sources, each asked every four days unless the web socket tells that something happened.
    assert!(slow > 60, "the web socket was of no use");
}
