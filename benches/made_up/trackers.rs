//! Trackers in the proportions of a large chat network: words, tags, numbers, patterns in the shapes of a real
//! blacklist of spam; as what they mean, and as the query that people type for it.

use std::fmt;

use super::dice::{Dice, Zipf};
use super::posts::{PEOPLE, SITES};
use super::words::{self, TAGS, Words};
use super::{Mix, SEED};

/// What one tracker wants.
#[derive(Clone, Debug)]
pub struct Tracker {
    pub what: What,
    /// The number of the only site it watches.
    pub site: Option<usize>,
    /// What else must hold.
    pub also: Option<Bound>,
}

#[derive(Clone, Debug)]
pub enum What {
    /// In small letters, next to each other.
    Words(Vec<String>),
    /// A domain, which is two words or more.
    Domain(String),
    Tag(String),
    Number(Bound),
    Pattern(String),
}

/// What a number must be: from here to there, both among them.
#[derive(Clone, Debug)]
pub struct Bound {
    pub fact: &'static str,
    pub from: f64,
    pub to: f64,
}

impl Bound {
    fn from(fact: &'static str, from: f64) -> Bound {
        Bound {
            fact,
            from,
            to: f64::INFINITY,
        }
    }

    fn upto(fact: &'static str, to: f64) -> Bound {
        Bound {
            fact,
            from: f64::NEG_INFINITY,
            to,
        }
    }

    fn range(fact: &'static str, from: f64, wide: f64) -> Bound {
        Bound {
            fact,
            from,
            to: from + wide,
        }
    }
}

/// The query.
impl fmt::Display for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(site) = self.site {
            write!(f, "site:s{site} ")?;
        }
        if let Some(bound) = &self.also {
            write!(f, "{bound} ")?;
        }
        match &self.what {
            What::Words(words) if words.len() == 1 => f.write_str(&words[0]),
            What::Words(words) => write!(f, "\"{}\"", words.join(" ")),
            What::Domain(domain) => f.write_str(domain),
            What::Tag(tag) => write!(f, "tag:{tag}"),
            What::Number(bound) => write!(f, "{bound}"),
            What::Pattern(pattern) => write!(f, "/{}/", pattern.replace('/', "\\/")),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound { fact, from, to } = self;
        if from == to {
            write!(f, "{fact}:{from}")
        } else if to.is_infinite() {
            write!(f, "{fact}:>={from}")
        } else if from.is_infinite() {
            write!(f, "{fact}:<={to}")
        } else {
            write!(f, "{fact}:{from}..{to}")
        }
    }
}

/// Makes trackers, always the same ones.
pub struct Trackers {
    mix: Mix,
    words: Words,
    tags: Zipf,
    sites: Zipf,
    dice: Dice,
}

impl Trackers {
    pub fn new(mix: Mix) -> Trackers {
        Trackers {
            mix,
            words: Words::new(),
            tags: Zipf::of(TAGS),
            sites: Zipf::of(SITES),
            dice: Dice::new(SEED + 2),
        }
    }

    fn tracker(&mut self) -> Tracker {
        let what = match self.dice.share() * 100.0 {
            ..60.0 => self.text(),
            60.0..80.0 => What::Tag(self.tag()),
            80.0..90.0 => What::Number(self.number()),
            _ => What::Pattern(self.pattern()),
        };
        let site = self.dice.percent(50.0);
        let site = site.then(|| self.sites.draw(&mut self.dice) + 1);
        let also = self.dice.percent(30.0).then(|| broad(&mut self.dice));
        Tracker { what, site, also }
    }

    fn text(&mut self) -> What {
        let specific = self.specific();
        let dice = &mut self.dice;
        match dice.share() * 100.0 {
            ..20.0 => What::Words(vec![words::name(dice)]),
            20.0..35.0 => {
                What::Domain(format!("{}.{}", words::name(dice), dice.pick(&words::ENDS)))
            }
            35.0..75.0 => loop {
                let count = dice.between(2, 3);
                let phrase: Vec<_> = (0..count).map(|_| self.words.draw(dice)).collect();
                if phrase.iter().any(|(rank, _)| *rank >= specific) {
                    let phrase = phrase.into_iter().map(|(_, word)| word.to_string());
                    break What::Words(phrase.collect());
                }
            },
            _ => What::Words(vec![self.words.rare(specific, dice).to_string()]),
        }
    }

    /// The least rank of words that say what somebody looks for.
    fn specific(&self) -> usize {
        match self.mix {
            Mix::Mix => 5_000,
            Mix::Narrow => 44_000,
        }
    }

    fn tag(&mut self) -> String {
        let n = match self.mix {
            Mix::Mix => self.tags.draw(&mut self.dice),
            Mix::Narrow => self.dice.between(TAGS / 2, TAGS - 1),
        };
        self.words.tag(n)
    }

    fn number(&mut self) -> Bound {
        let dice = &mut self.dice;
        let wide = match self.mix {
            Mix::Mix => 4.0,
            Mix::Narrow => 0.0,
        };
        match dice.below(5) {
            0 | 1 => Bound::range("user", dice.between(1, PEOPLE) as f64, 0.0),
            2 => Bound::range("length", dice.between(700, 2_200) as f64, wide),
            3 => Bound::range(
                "reputation",
                dice.between(10_000, 1_000_000) as f64,
                wide * 50.0,
            ),
            _ => match self.mix {
                Mix::Mix if dice.percent(50.0) => {
                    Bound::from("score", dice.between(380, 400) as f64)
                }
                Mix::Mix | Mix::Narrow => {
                    Bound::range("views", dice.between(10_000, 1_000_000) as f64, wide * 50.0)
                }
            },
        }
    }

    /// A pattern in one of the shapes that blacklists have.
    pub fn pattern(&mut self) -> String {
        let dice = &mut self.dice;
        let (one, other) = (words::name(dice), words::name(dice));
        let rank = dice.between(1_000, 20_000);
        let word = self.words.rare(rank, dice);
        match dice.share() * 100.0 {
            ..40.0 => match dice.below(4) {
                0 => format!(r"{one}\W*{word}"),
                1 => format!(r"{one}[\W_]*{other}"),
                2 => format!(r"\b{word}\W+{one}\b"),
                _ => format!(r"{one}\W?{word}\W?{other}"),
            },
            40.0..60.0 => match dice.below(3) {
                0 => format!(r"(?:www\.)?{one}\.(?:com|net)"),
                1 => format!(r"\b{one}s?\.(?:com|org|info)\b"),
                _ => format!(r"{one}(?:-?{word})?\.(?:io|co\.uk)"),
            },
            60.0..75.0 => match dice.below(3) {
                0 => format!(r"https?://(?:www\.)?{one}\.com/\w+"),
                1 => format!(r"{one}\.com/{word}"),
                _ => format!(r"//[a-z0-9.-]*{one}\.\w{{2,6}}/"),
            },
            75.0..90.0 => match dice.below(3) {
                0 => format!(r"\b{one}[-_ ]?\d{{3,}}"),
                1 => format!(r"{one}\d+"),
                _ => format!(r"\b{word}\s?\d{{2,4}}\s?{one}"),
            },
            90.0..99.5 => match dice.below(2) {
                0 => format!(r"\b(?:{one}|{other}|{})\b", words::name(dice)),
                _ => format!(r"{one}(?:{word}|{other})"),
            },
            _ => match dice.below(3) {
                0 => format!(r"\b[0-9a-f]{{{}}}\b", dice.between(32, 40)),
                1 => format!(r"\d{{{},}}", dice.between(18, 30)),
                _ => format!(r"(?-i)[A-Z]{{{},}}", dice.between(20, 30)),
            },
        }
    }
}

impl Iterator for Trackers {
    type Item = Tracker;

    /// Never `None`.
    fn next(&mut self) -> Option<Tracker> {
        Some(self.tracker())
    }
}

/// What about half of all posts have.
fn broad(dice: &mut Dice) -> Bound {
    match dice.below(4) {
        0 => Bound::upto("reputation", dice.between(50, 20_000) as f64),
        1 => Bound::from("score", dice.between(0, 10) as f64),
        2 => Bound::from("length", dice.between(800, 1_800) as f64),
        _ => Bound::upto("views", dice.between(100, 50_000) as f64),
    }
}
