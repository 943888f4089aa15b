//! Cuts a text into the messages that Slack takes.

use super::blocks::{self, Kind, SECTION, marked, trimmed};
use super::mrkdwn::{APART, CALL, escape, units};
use crate::model::Text;
use crate::model::text::{Block, Span};
use crate::room::split;

/// The longest message after escaping, in characters, a little below what can be edited.
pub const MESSAGE: usize = 3_900;
/// The most blocks of a message; one more says who typed a command.
const BLOCKS: usize = 49;
/// The longest part of a block that has to be cut.
const PART: usize = 2_600;

/// The messages that a text becomes: each keeps to Slack's limits, all together say the same.
pub fn pieces(text: &Text) -> Vec<Text> {
    let seen = trimmed(&text.0);
    if text.plain().trim().is_empty() {
        return Vec::new();
    }
    let mut done: Vec<Text> = Vec::new();
    let mut open: Vec<Block> = Vec::new();
    let mut sum = Sum::default();
    for unit in units_of(seen) {
        let longer = unit.iter().fold(sum, Sum::and);
        if open.is_empty() || longer.fits() {
            open.extend(unit);
            sum = longer;
            continue;
        }
        sum = unit.iter().fold(Sum::default(), Sum::and);
        close(&mut done, std::mem::replace(&mut open, unit));
    }
    close(&mut done, open);
    done
}

/// What blocks take together, as they are sent.
#[derive(Clone, Copy, Default)]
struct Sum {
    plain: usize,
    marked: usize,
    blocks: usize,
    /// What the last of the blocks is, and how long.
    kind: Kind,
    length: usize,
}

impl Sum {
    fn and(mut self, block: &Block) -> Sum {
        let (marked, plain) = lengths(block);
        self.marked += marked + 1;
        self.plain += plain + 1;
        let kind = blocks::kind(block, marked);
        let apart = self.blocks == 0 || kind != self.kind || self.length + 1 + marked > kind.most();
        match block {
            Block::Choices(choices) => self.blocks += blocks::rows(choices),
            Block::Line(_)
            | Block::Hint(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::OneBox(_) => self.blocks += usize::from(apart),
        }
        self.length = marked + if apart { 0 } else { self.length + 1 };
        self.kind = kind;
        self
    }

    fn fits(&self) -> bool {
        self.plain.max(self.marked) <= MESSAGE && self.blocks <= BLOCKS
    }
}

/// The most that a block takes with its markup and without.
fn lengths(block: &Block) -> (usize, usize) {
    let calls = calls(std::slice::from_ref(block)) * CALL;
    let plain = Text(vec![block.clone()]).plain();
    let plain = units(&escape(&plain)) + calls;
    (units(&marked(block, &nobody)) + calls, plain)
}

/// A block stands in one section.
fn is_small(block: &Block) -> bool {
    let (marked, plain) = lengths(block);
    marked <= SECTION && plain <= MESSAGE
}

/// Who is known is not known here, and neither how much longer a line becomes when somebody is called.
fn nobody(_: &str) -> Option<String> {
    None
}

fn calls(all: &[Block]) -> usize {
    let spans = all.iter().flat_map(|block| match block {
        Block::Line(spans) | Block::Hint(spans) | Block::Entry(spans) => spans.as_slice(),
        Block::Pre(_) | Block::OneBox(_) | Block::Choices(_) => &[],
    });
    spans
        .filter(|span| matches!(span, Span::Mention(_)))
        .count()
}

fn close(done: &mut Vec<Text>, blocks: Vec<Block>) {
    let seen = trimmed(&blocks);
    if !seen.is_empty() {
        done.push(Text(seen.to_vec()));
    }
}

/// Small blocks; buttons stand with what they are about.
fn units_of(all: &[Block]) -> Vec<Vec<Block>> {
    let mut units: Vec<Vec<Block>> = Vec::new();
    for block in all {
        match block {
            Block::Choices(_) => match units.last_mut() {
                Some(unit) => unit.push(block.clone()),
                None => units.push(vec![block.clone()]),
            },
            Block::Line(_)
            | Block::Hint(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::OneBox(_) => units.extend(small(block).into_iter().map(|block| vec![block])),
        }
    }
    units
}

/// A block as blocks that each stand in a section.
fn small(block: &Block) -> Vec<Block> {
    if is_small(block) {
        return vec![block.clone()];
    }
    let parts = split::lines(block, PART, most_units).into_iter();
    parts
        .flat_map(|part| match is_small(&part) {
            true => vec![part],
            // There is more markup in it than words.
            false => {
                let words = Text(vec![part]).plain();
                split::lines(&Block::Line(vec![Span::Words(words)]), PART, most_units)
            }
        })
        .filter(blocks::is_seen)
        .collect()
}

/// The most that words can take with all that is put around and between them.
fn most_units(text: &str) -> usize {
    let more: usize = text
        .chars()
        .map(|c| match c {
            '&' => 4,
            '<' | '>' => 3,
            '*' | '_' | '~' | '`' | '|' | '"' | APART => 2,
            _ => 0,
        })
        .sum();
    units(text) + more + text.matches("://").count() * 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::blocks::sent;
    use super::*;

    fn keeps_to_the_limits(text: &Text) -> Result<(), TestCaseError> {
        let known = |_: &str| Some("U0123456789AB".to_string());
        for known in [&nobody as &dyn Fn(&str) -> Option<String>, &known] {
            let sent = sent(text, known);
            prop_assert!(units(&sent.text) <= 4_000, "{}", units(&sent.text));
            prop_assert!(sent.blocks.len() <= BLOCKS);
            prop_assert!(!sent.text.trim().is_empty());
            for block in &sent.blocks {
                let text = match block["type"].as_str() {
                    Some("section") => {
                        // Nothing had to be shown without its markup.
                        prop_assert_eq!(&block["text"]["type"], "mrkdwn");
                        &block["text"]["text"]
                    }
                    Some("context") => &block["elements"][0]["text"],
                    _ => continue,
                };
                let text = text.as_str().unwrap();
                prop_assert!(!text.trim().is_empty() && units(text) <= 3_000);
                prop_assert_eq!(text.matches("```").count() % 2, 0);
                prop_assert!(is_whole(text), "{}", text);
            }
        }
        Ok(())
    }

    /// Every `<` begins a token that ends, every `&` an entity.
    fn is_whole(text: &str) -> bool {
        let mut rest = text;
        while let Some(at) = rest.find(['<', '>', '&']) {
            let known = ["&amp;", "&lt;", "&gt;"];
            rest = match &rest[at..] {
                rest if rest.starts_with('<') => match rest[1..].find(['<', '>']) {
                    Some(end) if rest[1 + end..].starts_with('>') => &rest[end + 2..],
                    _ => return false,
                },
                rest => match known.iter().find_map(|entity| rest.strip_prefix(entity)) {
                    Some(rest) => rest,
                    None => return false,
                },
            };
        }
        true
    }

    fn letters(texts: &[Text]) -> String {
        let all: Vec<String> = texts.iter().map(Text::plain).collect();
        all.concat()
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect()
    }

    fn buttons(texts: &[Text]) -> usize {
        let blocks = texts.iter().flat_map(|text| &text.0);
        blocks
            .filter(|block| matches!(block, Block::Choices(_)))
            .count()
    }

    fn words() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            4 => "[a-zA-Z]{1,12}",
            1 => "[<>&*_~`|@#:]{1,4}",
            1 => "[é漢🎉ß]{1,5}",
            1 => Just("https://e.org/a?b=1&c=2".to_string()),
            1 => Just("```".to_string()),
        ];
        proptest::collection::vec(word, 1..60).prop_map(|words| words.join(" "))
    }

    fn span() -> impl Strategy<Value = Span> {
        let short = || "[a-z<>&*_`| ]{1,30}";
        prop_oneof![
            6 => words().prop_map(Span::Words),
            1 => words().prop_map(Span::Bold),
            1 => short().prop_map(Span::Marked),
            1 => short().prop_map(Span::Code),
            1 => short().prop_map(Span::Tag),
            1 => (short(), "https://e[.]org/[a-z<>|& ]{0,40}")
                .prop_map(|(words, url)| Span::Link { words, url }),
            1 => Just(Span::Url("http://e.org/x&y".into())),
            1 => short().prop_map(Span::Mention),
        ]
    }

    fn block() -> impl Strategy<Value = Block> {
        let spans = || proptest::collection::vec(span(), 0..12);
        let choice = ("[A-Z][a-z]{1,9}", "[a-z ]{1,40}");
        let choices = proptest::collection::vec(choice, 1..30).prop_map(|all| {
            let all = all.into_iter();
            let all =
                all.map(|(label, command)| crate::model::text::Choice::button(label, command));
            Block::Choices(all.collect())
        });
        prop_oneof![
            3 => spans().prop_map(Block::Line),
            3 => spans().prop_map(Block::Entry),
            1 => spans().prop_map(Block::Hint),
            1 => proptest::collection::vec(words(), 1..40).prop_map(|all| Block::Pre(all.join("\n"))),
            1 => Just(Block::OneBox("https://e.org/card".into())),
            2 => choices,
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn all_pieces_are_taken_and_say_the_same(blocks in proptest::collection::vec(block(), 0..40)) {
            let text = Text(blocks);
            let pieces = pieces(&text);
            for piece in &pieces {
                keeps_to_the_limits(piece)?;
            }
            prop_assert_eq!(letters(&pieces), letters(std::slice::from_ref(&text)));
            if !pieces.is_empty() {
                prop_assert_eq!(buttons(&pieces), buttons(&[text]));
            }
        }
    }

    #[test]
    fn one_long_word_ends_in_dots() {
        for word in ["&".repeat(9_000), "x".repeat(9_000), "_a_".repeat(3_000)] {
            let pieces = pieces(&Text::line(word));
            for piece in &pieces {
                keeps_to_the_limits(piece).unwrap();
            }
            assert!(!pieces.is_empty());
        }
    }

    #[test]
    fn buttons_stay_with_what_they_are_about() {
        let mut text = Text::new();
        for n in 0..60 {
            text = text
                .entry(format!("tracker {n}"))
                .choices([("Show", format!("show {n}"))]);
        }
        let pieces = pieces(&text);
        assert!(pieces.len() > 1);
        for piece in &pieces {
            assert!(matches!(piece.0[0], Block::Entry(_)));
            assert!(matches!(piece.0.last(), Some(Block::Choices(_))));
        }
    }
}
