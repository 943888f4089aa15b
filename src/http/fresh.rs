//! How long a page stays as it is, and how long a host wants to be left alone.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::page::Answer;

/// For how long the page says it will not change: `Cache-Control`'s `max-age` less its `Age`, or else `Expires`.
pub(super) fn fresh(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    if let Some(control) = answer.header("cache-control") {
        let mut age_limit = None;
        for directive in control.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" => return None,
                "max-age" => age_limit = whole(value.trim().trim_matches('"')),
                _ => {}
            }
        }
        if let Some(limit) = age_limit {
            let age = answer.header("age").and_then(whole).unwrap_or(0);
            return some(limit.saturating_sub(age));
        }
    }
    let expires = date(answer.header("expires")?)?;
    // The host's own clock may be wrong: its distance from its own date is what it means.
    let from = answer.header("date").and_then(date).unwrap_or(now);
    some(u64::try_from((expires - from).num_seconds()).ok()?)
}

/// How long the host wants to be left alone: `Retry-After` in seconds or as a date.
pub(super) fn retry_after(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    let value = answer.header("retry-after")?;
    if let Some(seconds) = whole(value) {
        return some(seconds);
    }
    some(u64::try_from((date(value)? - now).num_seconds()).ok()?)
}

fn some(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than fit mean "for ever"; callers have their own upper bound.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A date of HTTP in any of its three spellings; the last two are of the last century.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc2822(text) {
        return Some(at.with_timezone(&Utc));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Answer {
        Answer {
            status: 200,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn freshness() {
        let now = date("Thu, 01 Jan 2026 00:00:00 GMT").unwrap();
        for (headers, seconds) in [
            (&[("cache-control", "public, max-age=60")][..], Some(60)),
            (
                &[("cache-control", "Max-Age=\"60\""), ("age", "20")],
                Some(40),
            ),
            (&[("cache-control", "max-age=60"), ("age", "90")], None),
            (&[("cache-control", "no-cache, max-age=60")], None),
            (&[("cache-control", "max-age=-1")], None),
            (
                &[("cache-control", "max-age=99999999999999999999")],
                Some(u64::MAX),
            ),
            (&[("expires", "Thu, 01 Jan 2026 00:10:00 GMT")], Some(600)),
            (
                &[("expires", "Thursday, 01-Jan-26 00:10:00 GMT")],
                Some(600),
            ),
            (&[("expires", "Thu Jan  1 00:10:00 2026")], Some(600)),
            (
                &[
                    ("date", "Mon, 01 Jan 2001 00:00:00 GMT"),
                    ("expires", "Mon, 01 Jan 2001 00:00:05 GMT"),
                ],
                Some(5),
            ),
            (&[("expires", "0")], None),
            (&[("expires", "Wed, 31 Dec 2025 00:00:00 GMT")], None),
        ] {
            assert_eq!(
                fresh(&answer(headers), now),
                seconds.map(Duration::from_secs),
                "{headers:?}"
            );
        }
    }

    #[test]
    fn retry() {
        let now = date("Thu, 01 Jan 2026 00:00:00 GMT").unwrap();
        let after = |value| retry_after(&answer(&[("retry-after", value)]), now);
        assert_eq!(after("300"), Some(Duration::from_secs(300)));
        assert_eq!(
            after("Thu, 01 Jan 2026 00:05:00 GMT"),
            Some(Duration::from_secs(300))
        );
        assert_eq!(after("soon"), None);
        assert_eq!(after("-5"), None);
    }
}
