//! The loop that asks each tracker, made as well as such a loop can be: the post is read once, what is cheap is
//! asked first, words are looked for by `memchr`, each pattern is a compiled one.
//!
//! It says again what a query means, from the manual and not from the code that it judges.

use std::collections::HashMap;

use boson::model::{Fact, Item};
use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::trackers::{Bound, Tracker, What};

/// All trackers, ready to be asked.
pub struct OneByOne {
    trackers: Vec<Ready>,
    patterns: Vec<Regex>,
}

struct Ready {
    site: Option<Box<str>>,
    also: Option<Bound>,
    what: Asked,
}

enum Asked {
    // Elsewhere, so that the list stays short: site and numbers turn most down.
    Words(Box<Phrase>),
    Tag(Box<str>),
    Number(Bound),
    /// The number of a pattern: equal ones are compiled once.
    Pattern(usize),
}

/// Words that stand next to each other.
struct Phrase {
    words: Box<[Box<str>]>,
    /// The longest of them, which is looked for first.
    longest: usize,
    finder: Finder<'static>,
}

impl OneByOne {
    /// Compiles all there is to compile.
    pub fn new(trackers: &[Tracker]) -> OneByOne {
        let mut numbers = HashMap::new();
        let mut patterns = Vec::new();
        let trackers = trackers.iter().map(|tracker| Ready {
            site: tracker.site.map(|site| format!("s{site}").into()),
            also: tracker.also.clone(),
            what: match &tracker.what {
                What::Words(words) => Asked::Words(Phrase::of(words).into()),
                What::Domain(domain) => {
                    let words: Vec<_> = domain.split('.').map(String::from).collect();
                    Asked::Words(Phrase::of(&words).into())
                }
                What::Tag(tag) => Asked::Tag(tag.as_str().into()),
                What::Number(bound) => Asked::Number(bound.clone()),
                What::Pattern(pattern) => {
                    Asked::Pattern(*numbers.entry(pattern.clone()).or_insert_with(|| {
                        patterns.push(compiled(pattern));
                        patterns.len() - 1
                    }))
                }
            },
        });
        OneByOne {
            trackers: trackers.collect(),
            patterns,
        }
    }

    /// The numbers of the trackers that want the post, ascending.
    pub fn find(&self, item: &Item, found: &mut Vec<u64>) {
        found.clear();
        let post = Post::read(item);
        let wanting = self.trackers.iter().enumerate();
        found.extend(
            wanting
                .filter(|(_, tracker)| self.wants(tracker, &post))
                .map(|(n, _)| n as u64),
        );
    }

    fn wants(&self, tracker: &Ready, post: &Post) -> bool {
        tracker.site.as_deref().is_none_or(|site| site == post.site)
            && tracker.also.as_ref().is_none_or(|bound| post.is_in(bound))
            && match &tracker.what {
                Asked::Number(bound) => post.is_in(bound),
                Asked::Tag(tag) => post.tags.iter().any(|its| **its == **tag),
                Asked::Words(phrase) => phrase.is_in(post),
                Asked::Pattern(n) => {
                    let pattern = &self.patterns[*n];
                    pattern.is_match(&post.title) || pattern.is_match(&post.body)
                }
            }
    }
}

fn compiled(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .multi_line(true)
        .build()
        .expect("made-up patterns are patterns")
}

impl Phrase {
    fn of(words: &[String]) -> Phrase {
        let longest = (0..words.len())
            .max_by_key(|n| words[*n].len())
            .expect("a phrase has words");
        Phrase {
            words: words.iter().map(|word| word.as_str().into()).collect(),
            longest,
            finder: Finder::new(&words[longest]).into_owned(),
        }
    }

    fn is_in(&self, post: &Post) -> bool {
        let places = self.finder.find_iter(post.text.as_bytes());
        for at in places {
            let Ok(n) = post.words.binary_search_by_key(&at, |(from, _)| *from) else {
                continue;
            };
            let Some(first) = n.checked_sub(self.longest) else {
                continue;
            };
            let there = post.words.get(first..first + self.words.len());
            let is_there = there.is_some_and(|there| {
                there.iter().zip(&self.words).all(|((from, to), word)| {
                    let its = &post.text[*from..*to];
                    // `rust's` has the word `rust`.
                    its == &**word || its.strip_suffix("'s") == Some(word)
                })
            });
            if is_there {
                return true;
            }
        }
        false
    }
}

/// A post as all trackers read it.
struct Post<'a> {
    site: &'a str,
    facts: [(&'static str, f64); 4],
    length: f64,
    tags: Vec<String>,
    title: String,
    body: String,
    /// Title and body in small letters.
    text: String,
    /// Where its words are; between those of the title and those of the body an empty one.
    words: Vec<(usize, usize)>,
}

impl<'a> Post<'a> {
    fn read(item: &'a Item) -> Post<'a> {
        let number = |name| match item.facts.get(name) {
            Some(Fact::Number(number)) => (name, *number),
            Some(Fact::Text(digits)) => (name, digits.parse().unwrap_or(f64::NAN)),
            _ => (name, f64::NAN),
        };
        let site = match item.facts.get("site") {
            Some(Fact::Text(site)) => site,
            _ => "",
        };
        let mut text = small(&item.title);
        let mut words = Vec::new();
        words_of(&text, 0, &mut words);
        let middle = text.len();
        words.push((middle, middle));
        text.push('\n');
        text.push_str(&small(&item.body));
        words_of(&text[middle + 1..], middle + 1, &mut words);
        let shown = item.body.trim();
        Post {
            site,
            facts: ["reputation", "score", "views", "user"].map(number),
            length: if shown.is_ascii() {
                shown.len() as f64
            } else {
                shown.graphemes(true).count() as f64
            },
            tags: item.tags.iter().map(|tag| small(tag)).collect(),
            title: composed(&item.title),
            body: composed(&item.body),
            text,
            words,
        }
    }

    fn is_in(&self, bound: &Bound) -> bool {
        let number = match bound.fact {
            "length" => self.length,
            fact => self
                .facts
                .iter()
                .find(|(name, _)| *name == fact)
                .map_or(f64::NAN, |(_, number)| *number),
        };
        bound.from <= number && number <= bound.to
    }
}

fn composed(text: &str) -> String {
    if text.is_ascii() {
        text.to_string()
    } else {
        text.nfc().collect()
    }
}

/// Letters of any case become equal, and ways to write the same letter.
fn small(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed: String = text.nfkc().collect();
    composed
        .replace('’', "'")
        .to_uppercase()
        .to_lowercase()
        .nfkc()
        .collect()
}

/// Words end where Unicode says, and at dots and colons that do not stand between digits.
fn words_of(text: &str, offset: usize, words: &mut Vec<(usize, usize)>) {
    for (at, word) in text.unicode_word_indices() {
        let mut from = 0;
        for (place, sign) in word.match_indices(['.', ':']) {
            let digit = |letter: Option<char>| letter.is_some_and(char::is_numeric);
            let behind = at + place + sign.len();
            if digit(word[..place].chars().next_back()) && digit(text[behind..].chars().next()) {
                continue;
            }
            if from < place {
                words.push((offset + at + from, offset + at + place));
            }
            from = place + sign.len();
        }
        if from < word.len() {
            words.push((offset + at + from, offset + at + word.len()));
        }
    }
}
