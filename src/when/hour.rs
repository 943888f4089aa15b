//! The time of day: `9:00`, `5pm`, `noon`.

use chrono::NaiveTime;

use super::token::Tokens;

/// A time of day as it was said.
#[derive(Clone, Copy, Debug)]
pub struct Hour {
    pub time: NaiveTime,
    /// It was said as `midnight`: of today that is the end, not the beginning.
    pub midnight: bool,
    /// `am` or `pm` was said, or cannot be missing.
    pub half: bool,
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Morning,
    Afternoon,
    Evening,
    Night,
}

impl Part {
    pub fn named(word: &str) -> Option<Part> {
        Some(match word {
            "morning" | "mornings" => Part::Morning,
            "afternoon" | "afternoons" => Part::Afternoon,
            "evening" | "evenings" => Part::Evening,
            "night" | "nights" => Part::Night,
            _ => return None,
        })
    }

    /// What it means when no time is said.
    pub fn time(self) -> NaiveTime {
        on_the_hour(match self {
            Part::Morning => 9,
            Part::Afternoon => 15,
            Part::Evening => 18,
            Part::Night => 20,
        })
    }

    /// Whether `9` in it is 21:00.
    pub fn is_late(self) -> bool {
        match self {
            Part::Morning => false,
            Part::Afternoon | Part::Evening | Part::Night => true,
        }
    }
}

/// Takes a time of day. `bare` says that a lone number is one, as after `at`.
pub fn hour(tokens: &mut Tokens<'_>, bare: bool) -> Option<Hour> {
    if tokens.word(&["noon", "midday"]) {
        return Some(Hour {
            time: on_the_hour(12),
            midnight: false,
            half: true,
        });
    }
    if tokens.word(&["midnight"]) {
        return Some(Hour {
            time: NaiveTime::MIN,
            midnight: true,
            half: true,
        });
    }
    tokens.attempt(|tokens| clock(tokens, bare))
}

fn clock(tokens: &mut Tokens<'_>, bare: bool) -> Option<Hour> {
    let hour = tokens.number(1, 2)?;
    let (mut minute, mut second, mut nanos) = (0, 0, 0);
    let colon = tokens.sign(':');
    let point = !colon && tokens.sign('.');
    if colon || point {
        minute = tokens.number(2, 2)?;
    }
    if colon && tokens.sign(':') {
        second = tokens.number(2, 2)?;
        if tokens.sign('.') {
            let digits = tokens.digits()?;
            let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
            nanos = nine.parse().ok()?;
        }
    }
    let half = half(tokens);
    let clock = tokens.word(&["oclock"])
        || tokens
            .attempt(|tokens| {
                (tokens.word(&["o"])
                    && (tokens.sign('\'') || tokens.sign('’'))
                    && tokens.word(&["clock"]))
                .then_some(())
            })
            .is_some();
    if !(colon || bare || clock || half.is_some()) {
        return None;
    }
    let hour = match half {
        None => hour,
        Some(late) if (1..=12).contains(&hour) => hour % 12 + if late { 12 } else { 0 },
        Some(_) => return None,
    };
    Some(Hour {
        time: NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?,
        midnight: false,
        half: half.is_some(),
    })
}

/// Takes `am` or `pm`; true for `pm`.
fn half(tokens: &mut Tokens<'_>) -> Option<bool> {
    let whole = |word: &str| match word {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    };
    let letter = |word: &str| match word {
        "a" => Some(false),
        "p" => Some(true),
        _ => None,
    };
    tokens.known(whole).or_else(|| {
        tokens.attempt(|tokens| {
            let late = tokens.known(letter)?;
            (tokens.sign('.') && tokens.word(&["m"])).then_some(())?;
            tokens.sign('.');
            Some(late)
        })
    })
}

fn on_the_hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("a day has this hour")
}
