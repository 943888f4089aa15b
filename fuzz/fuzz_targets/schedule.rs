//! Any text about time is read or refused, and what was read can be said and read again.
#![cfg_attr(not(test), no_main)]

use boson::when::{Order, Reading, duration, every, moment, moment_before, say, say_short};
use chrono::DateTime;
use chrono_tz::Tz;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

/// 27 March 2027, noon: the night after, Berlin's clocks go forward.
const NOON: i64 = 1_806_148_800;

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let now = DateTime::from_timestamp(NOON, 0).expect("this century is in range");
    let _ = duration(&text);
    for (zone, order) in [
        (Tz::Europe__Berlin, Order::DayMonth),
        (Tz::America__New_York, Order::MonthDay),
    ] {
        let reading = Reading { now, zone, order };
        for at in [moment(&text, &reading), moment_before(&text, &reading)]
            .into_iter()
            .flatten()
        {
            assert!(!say(at, &reading).is_empty());
            assert!(!say_short(at, &reading).is_empty());
        }
    }
    if let Ok(schedule) = every(&text) {
        assert!(schedule.next(now, Tz::Europe__Berlin) > now);
        assert!(!schedule.shortest().is_zero());
        assert_eq!(schedule.to_string().parse(), Ok(schedule));
    }
}
