//! Lines as the Boson of old took them, `track SITE TYPE SECONDS -f LENGTH -v -150`, as they are written today.

mod flags;
mod term;

use std::time::Duration;

use super::sentence::CONNECTORS;
use super::words::{Line, Word};
use crate::model::text::cut;
use crate::model::{Refusal, Text};
use crate::when::{self, Every};
use crate::{registry, source};
use flags::Flags;

/// An old line.
pub enum Formerly {
    /// It asked how lines are written.
    Help,
    Line(Today),
}

/// What an old line means.
#[derive(Debug, PartialEq, Eq)]
pub struct Today {
    /// The whole line as it is written today.
    pub line: String,
    /// What it asked for that there is no more.
    pub gone: Option<&'static str>,
}

/// How many words a site's name had at the most.
const SITE: usize = 6;

/// Reads a line that begins with `track`; nothing where there is nothing old in it.
///
/// # Errors
/// When an old filter has no value, or a flag asks for what there never was.
pub fn read(line: &Line) -> Result<Option<Formerly>, Refusal> {
    let is_where = |word: &Word| !word.quoted && word.text.eq_ignore_ascii_case("where");
    let end = line.words.iter().position(is_where);
    let (before, asked) = line.words.split_at(end.unwrap_or(line.words.len()));
    // Flags can stand behind a query, too.
    let is_flag = |word: &Word| !word.quoted && word.text.starts_with("--");
    let asked = asked.get(1..).unwrap_or_default();
    let (asked, behind) = asked.split_at(asked.iter().position(is_flag).unwrap_or(asked.len()));
    let words: Vec<Word> = before.iter().skip(1).chain(behind).cloned().collect();
    let mut flags = Flags::read(&words)?;
    if flags.help {
        return Ok(Some(Formerly::Help));
    }
    let order = Order::find(&flags.rest)?;
    if !flags.any && order.is_none() {
        return Ok(None);
    }
    let mut said = vec!["track".to_string()];
    let raw = |word: &&Word| line.text[word.span.clone()].to_string();
    match order {
        None => said.extend(flags.rest.iter().map(raw)),
        Some(Order { kind, site, every }) => {
            let behind = 1 + site + usize::from(every.is_some());
            said.extend([kind.to_string(), "on".into()]);
            said.extend(flags.rest[..site].iter().map(raw));
            // What is written below a post is asked for there and nowhere else.
            if kind == "comments"
                && let Some(post) = flags.takes_post()
            {
                said.extend(["below".into(), post]);
            }
            said.extend(every.map(|every| every.to_string()));
            said.extend(flags.rest[behind..].iter().map(raw));
        }
    }
    said.extend(flags.wishes()?);
    let terms = flags.terms()?;
    let query = match asked {
        [] => None,
        [only] => Some(&line.text[only.span.clone()]),
        [first, .., last] => Some(&line.text[first.span.start..last.span.end]),
    };
    let query = match (terms.as_slice(), query) {
        ([], None) => None,
        ([], Some(query)) => Some(query.to_string()),
        (terms, None) => Some(terms.join(" ")),
        (terms, Some(query)) => Some(format!("{} ({query})", terms.join(" "))),
    };
    if let Some(query) = query {
        said.push(format!("where {query}"));
    }
    Ok(Some(Formerly::Line(Today {
        line: said.join(" "),
        gone: flags.dashboard.then_some(GONE),
    })))
}

const GONE: &str = "There is no dashboard; what is found is kept here: `show` lists it, `why` says why it was reported.";

impl Today {
    /// An answer with the line as it is written today.
    pub fn shown_in(&self, answer: Text) -> Text {
        let answer = match self.gone {
            Some(gone) => answer.and(gone),
            None => answer,
        };
        let line = self.line.replace('`', "'");
        answer.hint(format!("today one writes `{line}`"))
    }

    /// The same for what was refused: its own hint comes first.
    pub fn refused(&self, refusal: Refusal) -> Refusal {
        let line = self.line.replace('`', "'");
        let hint = match &refusal.hint {
            Some(hint) => format!("{hint}; I read the line as `{line}`"),
            None => format!("I read the line as `{line}`"),
        };
        refusal.hint(hint)
    }
}

/// `SITE TYPE SECONDS`, as the first words of a line.
struct Order {
    kind: &'static str,
    /// How many words the site has.
    site: usize,
    every: Option<Every>,
}

impl Order {
    fn find(words: &[&Word]) -> Result<Option<Order>, Refusal> {
        let is_source = |word: &&Word| {
            source::ALL
                .iter()
                .any(|kind| kind.name.eq_ignore_ascii_case(&word.text))
        };
        let first = words.first().filter(|word| is_source(word));
        let found = (1..words.len().min(SITE + 1)).find_map(|at| Some((at, kind(words[at])?)));
        let Some((site, kind)) = found.filter(|_| first.is_none()) else {
            return Ok(None);
        };
        // `track closed questions on beer` is written today.
        let is_plain = |word: &&Word| {
            let mut connectors = CONNECTORS.iter().map(|connector| connector.word);
            word.quoted
                || !word.text.starts_with('-')
                    && !connectors.any(|connector| connector.eq_ignore_ascii_case(&word.text))
        };
        let next = words.get(site + 1).map(|word| word.text.as_str());
        let is_natural = next.is_some_and(|next| next.eq_ignore_ascii_case("on"));
        if is_natural || !words[..site].iter().all(is_plain) {
            return Ok(None);
        }
        let seconds = next.filter(|_| !words[site + 1].quoted);
        let every = match seconds.and_then(|seconds| Some((seconds, term::whole(seconds)?))) {
            None => None,
            Some((typed, seconds)) => {
                let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
                let interval = seconds.map(Duration::from_secs).map(Every::Interval);
                let interval = interval.ok_or_else(|| {
                    Refusal::new(format!("`{}` seconds is no interval.", cut(typed, 20)))
                        .hint("for instance `every 5 minutes`")
                })?;
                // It is said in words, which must be understood again.
                Some(when::every(&interval.to_string()).unwrap_or(interval))
            }
        };
        Ok(Some(Order { kind, site, every }))
    }
}

/// The kind of source that a word names, other than feeds, which the Boson of old did not know.
fn kind(word: &Word) -> Option<&'static str> {
    source::ALL
        .iter()
        .map(|kind| kind.name)
        .filter(|name| !word.quoted && *name != "feed")
        .find(|name| name.eq_ignore_ascii_case(&word.text))
}

/// Refuses what there never was, with what there was.
fn never(what: &str, typed: &str, names: &[&str]) -> Refusal {
    let shown = cut(typed, 40).replace('`', "'");
    let refusal = Refusal::new(format!("There was never a {what} called `{shown}`."));
    match registry::nearest(typed, names.iter().copied()) {
        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
        None => refusal.hint(match names {
            [only] => format!("there was `{only}`"),
            names => format!("there were {}", registry::list(names.iter().copied())),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::split;
    use super::*;

    fn today(line: &str) -> Today {
        match read(&split(line)) {
            Ok(Some(Formerly::Line(today))) => today,
            Ok(Some(Formerly::Help)) => panic!("{line}: help"),
            Ok(None) => panic!("{line}: nothing old in it"),
            Err(refusal) => panic!("{line}: {refusal}"),
        }
    }

    #[test]
    fn every_documented_line_is_written_as_today() {
        for (line, written) in [
            (
                "track stackoverflow questions 180",
                "track questions on stackoverflow every 3 minutes",
            ),
            (
                "track meta.stackoverflow answers 3600 --name MSO_tracker",
                "track answers on meta.stackoverflow every hour --name MSO_tracker",
            ),
            (
                "track workplace comments 500 -f POST_ID -v 93696",
                "track comments on workplace below 93696 every 8 minutes 20 seconds",
            ),
            (
                "track meta answers 3000 -f USER_ID -v 811",
                "track answers on meta every 50 minutes where user:811",
            ),
            (
                "track meta questions 1000 -f TAG -v featured -r 54445 --host STACK_EXCHANGE",
                "track questions on meta every 16 minutes 40 seconds in chat.stackexchange.com/54445 where tag:featured",
            ),
            (
                "track interpersonal.stackexchange.com tags 21600",
                "track tags on interpersonal.stackexchange.com every 6 hours",
            ),
            (
                "track workplace comments 1500 -f HEAT_DETECTOR -v 5 -p HEAT_DETECTOR -d HIGGS",
                "track comments on workplace every 25 minutes as heat where heat:>=5",
            ),
            (
                "track stackoverflow comments 100 -f REPUTATION LENGTH -v -50 -150",
                "track comments on stackoverflow every 1 minute 40 seconds where reputation:<50 length:<150",
            ),
        ] {
            assert_eq!(today(line).line, written);
        }
        assert!(today("track beer comments 100 -d HIGGS").gone.is_some());
    }

    #[test]
    fn flags_may_stand_anywhere_and_swallow_nothing() {
        for (line, written) in [
            (
                "track -f REPUTATION LENGTH stackoverflow comments 300 -v -50 -150",
                "track comments on stackoverflow every 5 minutes where reputation:<50 length:<150",
            ),
            (
                "track -v -50 -150 stackoverflow comments 300 -f REPUTATION LENGTH",
                "track comments on stackoverflow every 5 minutes where reputation:<50 length:<150",
            ),
            (
                "track -f LENGTH -v -50 SO comments 300",
                "track comments on SO every 5 minutes where length:<50",
            ),
            (
                "track -n mine -p ONE_BOX beer questions 300",
                "track questions on beer every 5 minutes as one-box named mine",
            ),
            (
                "track beer tags 300 --printer=LIST_TAGS --filter=BURNED_TAG",
                "track tags on beer every 5 minutes as tags where is:burned",
            ),
            (
                "track beer questions 300 -f TAG CONTAINS -v a;b;c free%20beer",
                "track questions on beer every 5 minutes where tag:a,b,c body:/free beer/",
            ),
            (
                "track beer questions 300 -f LENGTH -v 0 where -hops --dry-run",
                "track questions on beer every 5 minutes --dry-run where length:>0 (-hops)",
            ),
            (
                "track stack overflow questions 300",
                "track questions on stack overflow every 5 minutes",
            ),
            (
                "track \"Stack Overflow\" questions 300",
                "track questions on \"Stack Overflow\" every 5 minutes",
            ),
            ("track beer questions", "track questions on beer"),
            (
                "track beer questions 300 -r 1 -t STACK_OVERFLOW",
                "track questions on beer every 5 minutes in chat.stackoverflow.com/1",
            ),
            // Without a room the host says nothing.
            (
                "track beer questions 300 -t STACK_OVERFLOW",
                "track questions on beer every 5 minutes",
            ),
            (
                "track feed example.org -f LENGTH -v 5 every day",
                "track feed example.org every day where length:>5",
            ),
            (
                "track questions on beer -f LENGTH -v 5",
                "track questions on beer where length:>5",
            ),
            (
                "track beer comments 300 -f POST_ID LENGTH -v 7 5 as list",
                "track comments on beer below 7 every 5 minutes as list where length:>5",
            ),
        ] {
            assert_eq!(today(line).line, written, "{line}");
        }
        for line in ["track -h", "track beer questions 300 --help"] {
            assert!(matches!(read(&split(line)), Ok(Some(Formerly::Help))));
        }
    }

    #[test]
    fn what_is_written_as_today_is_left_alone() {
        for line in [
            "track",
            "track feed https://example.org/feed named x",
            "track questions on beer every 5 minutes",
            "track closed questions on beer",
            "track feed https://example.org/feed named tags",
            "track https://example.org/feed named tags",
            "track feed x where -f LENGTH",
            "track feed x where beer questions 300",
            "track \"beer\" \"questions\"",
        ] {
            assert!(matches!(read(&split(line)), Ok(None)), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_write() {
        for (line, what) in [
            ("track x -f LENGTH", "`LENGTH` has no value."),
            ("track x -f -v 5", "There is no filter behind `-f`."),
            ("track x -v 5", "There is no filter before `-v`."),
            (
                "track beer comments 300 -f LENGTH REPUTATION -v 5",
                "`REPUTATION` has no value.",
            ),
            (
                "track -f LENGTH REPUTATION -v 5 beer comments 300",
                "`REPUTATION` has no value.",
            ),
            (
                "track beer comments 300 -f LENGTH -v 5 6",
                "There are more values than filters: `6` belongs to none.",
            ),
            (
                "track x -f LENGTH -v many",
                "`many` is no whole number, as `LENGTH` needs.",
            ),
            (
                "track x -f ZEBRA -v x",
                "There was never a filter called `ZEBRA`.",
            ),
            ("track beer questions 0", "`0` seconds is no interval."),
            ("track beer questions -5", "`-5` seconds is no interval."),
            (
                "track beer questions 300 -p PINK",
                "There was never a printer called `PINK`.",
            ),
            (
                "track beer questions 300 -r 5",
                "A room needs its host: `-t STACK_OVERFLOW` or `-t STACK_EXCHANGE`.",
            ),
            (
                "track beer questions 300 -r x -t STACK_OVERFLOW",
                "`x` is no number of a room.",
            ),
            (
                "track beer questions 300 -r 5 -t DISCORD",
                "There was never a host called `DISCORD`.",
            ),
        ] {
            match read(&split(line)) {
                Err(refusal) => {
                    assert_eq!(refusal.what, what, "{line}");
                    assert!(refusal.hint.is_some(), "{line}");
                }
                Ok(_) => panic!("{line}: nothing is wrong"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_a_line_what_it_means_is_written_as_today(
            words in proptest::collection::vec(proptest::sample::select(&[
                "-f", "-v", "-n", "-p", "-r", "-t", "-d", "--filter", "--value=5", "--printer=ONE_BOX", "--host",
                "REPUTATION", "LENGTH", "POST_ID", "TAG", "CONTAINS", "BURNED_TAG", "HEAT_DETECTOR", "ONE_BOX", "HIGGS",
                "STACK_EXCHANGE", "beer", "questions", "comments", "tags", "feed", "300", "-50", "0", "a;b", "x%20y",
                "\"two words\"", "where", "on", "named", "every", "day", "--dry-run", "--", "''", "=",
            ][..]), 0..12)
        ) {
            let line = format!("track {}", words.join(" "));
            // Such a line is refused before.
            proptest::prop_assume!(split(&line).unclosed.is_none());
            if let Ok(Some(Formerly::Line(today))) = read(&split(&line)) {
                let again = read(&split(&today.line));
                proptest::prop_assert!(matches!(again, Ok(None)), "{line}\n{}", today.line);
            }
        }
    }
}
