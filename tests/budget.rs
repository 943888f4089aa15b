//! The day's requests of Stack Exchange: pacing, the bell, midnight, and what is said about it.

use std::time::Duration;

use boson::source::stack_exchange::budget::{Budget, Looked, WITH_KEY};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-03-02T{time}Z").parse().unwrap()
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

fn look(every: Duration) -> Looked {
    Looked {
        every,
        rung: false,
        requests: 1,
        items: 0,
    }
}

fn rung(every: Duration) -> Looked {
    Looked {
        rung: true,
        ..look(every)
    }
}

/// A budget with so many streams of one pace, all looked at just now.
fn with(streams: usize, look: Looked, now: DateTime<Utc>) -> Budget {
    let mut budget = Budget::new(WITH_KEY);
    for n in 0..streams {
        budget.looked(&format!("s{n:04}"), look, now);
    }
    budget
}

#[test]
fn what_fits_is_looked_at_as_often_as_is_wanted() {
    let now = at("00:00:00");
    let budget = with(30, look(minutes(5)), now);
    assert_eq!(budget.pace("s0000", now), Some(minutes(5)));
    assert_eq!(budget.pace("unknown", now), None);
    assert_eq!(budget.say(now), "10,000 requests a day, none used yet");
    let mut budget = budget;
    budget.spent(now);
    assert_eq!(
        budget.say(now),
        "9,999 of 10,000 requests left, enough until midnight UTC"
    );
}

#[test]
fn the_slow_ones_are_slowed_first_and_it_is_said() {
    let noon = at("12:00:00");
    let mut budget = with(20, look(minutes(10)), noon);
    budget.looked("slow", look(minutes(360)), noon);
    budget.heard(Some(10_000), 2_340, noon);
    assert_eq!(
        budget.say(noon),
        "2,340 of 10,000 requests left, enough until midnight UTC"
    );
    // 20 × 72 looks and two slow ones until midnight; 500 are kept.
    budget.heard(None, 1_941, noon);
    assert_eq!(
        budget.say(noon),
        "1,941 of 10,000 requests left, not enough until midnight UTC at this pace: slow trackers look less often \
         (every 6 hours now every 12 hours)"
    );
    assert_eq!(budget.pace("slow", noon), Some(minutes(720)));
    assert_eq!(budget.pace("s0000", noon), Some(minutes(10)));
    budget.heard(None, 1_000, noon);
    let said = budget.say(noon);
    assert!(
        said.ends_with(
            "(every 6 hours now every day; 15 of 20 every 10 minutes now up to every 1 hour 20 minutes)"
        ),
        "{said}"
    );
    budget.heard(None, 400, noon);
    assert_eq!(
        budget.say(noon),
        "400 of 10,000 requests left and kept for commands: nothing is looked at until midnight UTC"
    );
    // The new day begins where the waiting was left off: not all at once at midnight.
    assert_eq!(budget.pace("s0000", noon), Some(minutes(730)));
    assert_eq!(
        budget.say(noon + TimeDelta::hours(13)),
        "10,000 of 10,000 requests left, enough until midnight UTC"
    );
}

#[test]
fn what_was_typed_is_said_and_lengths_are_short() {
    let noon = at("12:00:00");
    let mut budget = with(1, rung(minutes(5)), noon);
    for n in 0..3 {
        budget.looked(&format!("t{n}"), look(minutes(5)), noon);
    }
    // The web socket is heard: every half hour is enough for the first.
    budget.bell(true);
    budget.heard(Some(300), 300, noon);
    let said = budget.say(noon);
    assert!(
        said.ends_with("(3 of 4 every 5 minutes now up to every 4 hours)"),
        "{said}"
    );
}

#[test]
fn quiet_streams_wait_before_loud_ones() {
    let mut now = at("00:00:00");
    let mut budget = Budget::new(WITH_KEY);
    for _ in 0..12 {
        for n in 0..50_usize {
            let look = Looked {
                items: if n < 25 { 40 } else { 1 },
                ..look(minutes(5))
            };
            budget.looked(&format!("s{n:02}"), look, now);
        }
        now += TimeDelta::minutes(5);
    }
    budget.heard(None, 9_000, now);
    assert_eq!(budget.pace("s00", now), Some(minutes(5)));
    assert_eq!(budget.pace("s24", now), Some(minutes(5)));
    assert!((25..50).any(|n| budget.pace(&format!("s{n}"), now) == Some(minutes(40))));
}

#[test]
fn a_late_midnight_is_waited_for() {
    let now = at("00:05:00");
    let mut budget = with(3, look(minutes(60)), now);
    budget.heard(None, 0, now);
    assert_eq!(budget.pace("s0000", now), Some(minutes(10)));
    assert_eq!(
        budget.say(now),
        "0 of 10,000 requests left: nothing is looked at until midnight UTC"
    );
}

#[test]
fn with_a_bell_only_a_net_is_cast() {
    let now = at("00:00:00");
    let mut budget = with(50, rung(minutes(5)), now);
    budget.looked("daily", rung(minutes(1440)), now);
    budget.looked("deaf", look(minutes(5)), now);
    budget.bell(true);
    assert_eq!(budget.pace("s0000", now), Some(minutes(30)));
    assert_eq!(budget.pace("daily", now), Some(minutes(1440)));
    assert_eq!(budget.pace("deaf", now), Some(minutes(5)));
    assert_eq!(budget.standing(now).rung, 51);
    budget.bell(false);
    assert_eq!(budget.standing(now).rung, 0);
    assert!(budget.pace("s0049", now) < Some(minutes(10)));
    // Many nets together take a third of all at the most.
    let mut many = with(150, rung(minutes(5)), now);
    many.bell(true);
    let pace = many.pace("s0000", now).unwrap();
    assert!((minutes(60)..minutes(75)).contains(&pace), "{pace:?}");
}

#[test]
fn rings_are_answered_at_once_while_there_is_plenty() {
    let mut now = at("06:00:00");
    let mut budget = with(50, rung(minutes(5)), now);
    budget.bell(true);
    for n in 0..50 {
        budget.looked(&format!("s{n:04}"), rung(minutes(5)), now);
    }
    assert_eq!(budget.answer("s0001", now), Duration::from_secs(1));
    // Rings without end: each waits longer, and no longer than the next look is off.
    let waits: Vec<u64> = (0..2000)
        .map(|n| budget.answer(&format!("s{:04}", n % 50), now).as_secs())
        .collect();
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
    assert_eq!(waits.last(), Some(&1800));
    now += TimeDelta::minutes(40);
    for n in 0..50 {
        budget.looked(&format!("s{n:04}"), rung(minutes(5)), now);
    }
    assert!(budget.answer("s0001", now) < Duration::from_secs(20));
}

#[test]
fn streams_that_nobody_looks_at_take_nothing() {
    let now = at("00:00:00");
    let mut budget = with(100, look(minutes(5)), now);
    budget.forget("s0099");
    assert_eq!(budget.standing(now).streams, 99);
    let later = now + TimeDelta::hours(3);
    budget.looked("s0000", look(minutes(5)), later);
    assert_eq!(budget.standing(later).streams, 1);
}

#[test]
fn it_survives_a_restart_and_damage() {
    let now = at("12:00:00");
    let mut budget = with(3, look(minutes(5)), now);
    budget.heard(Some(10_000), 77, now);
    let stored = serde_json::to_value(&budget).unwrap();
    assert_eq!(serde_json::from_value::<Budget>(stored).unwrap(), budget);
    let damaged = serde_json::json!({"most": 0, "left": 9, "streams": {"a": {
        "every": 0, "cost": -1.0, "rate": -1e308, "rung": true, "looked": "1970-01-01T00:00:00Z", "pace": 0,
    }}});
    let mut budget: Budget = serde_json::from_value(damaged).unwrap();
    budget.heard(None, u64::MAX, now);
    budget.pace("a", now);
    budget.answer("a", now);
    budget.looked("a", look(Duration::ZERO), now);
    budget.say(now);
}

/// Lives through days with random streams; gives the most requests that looks made on a full day.
fn live(streams: &[(u64, u32, bool)], bell: bool, days: i64) -> u64 {
    let start = at("00:00:00");
    let mut budget = Budget::new(WITH_KEY);
    budget.bell(bell);
    let mut due: Vec<(DateTime<Utc>, usize)> = (0..streams.len())
        .map(|n| (start + TimeDelta::seconds(n as i64), n))
        .collect();
    let (mut day, mut used, mut most) = (start.date_naive(), 0_u64, 0);
    while let Some(next) = due.iter().min().copied() {
        let (now, n) = next;
        if now >= start + TimeDelta::days(days) {
            break;
        }
        if now.date_naive() != day {
            (day, most, used) = (now.date_naive(), most.max(used), 0);
        }
        let (every, requests, rung) = streams[n];
        used += u64::from(requests);
        budget.heard(Some(WITH_KEY), WITH_KEY.saturating_sub(used), now);
        let look = Looked {
            every: Duration::from_secs(every),
            rung,
            requests,
            items: 0,
        };
        let pace = budget.looked(&n.to_string(), look, now);
        let at = due.iter().position(|one| *one == next).unwrap();
        due[at].0 = now + TimeDelta::from_std(pace).unwrap();
    }
    most.max(used)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_day_never_needs_more_than_it_has(
        streams in prop::collection::vec((60_u64..100_000, 1_u32..4, any::<bool>()), 1..60),
        bell in any::<bool>(),
    ) {
        let used = live(&streams, bell, 2);
        prop_assert!(used < WITH_KEY - 100, "{used}");
    }

    // Not just after midnight, when nothing left means that the API has not noticed the new day.
    #[test]
    fn what_is_left_makes_nobody_wait_longer(
        left in 0_u64..10_000, more in 0_u64..1000, streams in 1_usize..200, hour in 1_i64..24,
    ) {
        let now = at("00:00:00") + TimeDelta::hours(hour);
        let mut budget = with(streams, look(minutes(5)), now);
        budget.heard(None, left, now);
        let poor = budget.pace("s0000", now);
        budget.heard(None, left + more, now);
        prop_assert!(budget.pace("s0000", now) <= poor);
    }
}
