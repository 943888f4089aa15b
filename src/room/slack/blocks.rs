//! What Slack gets for a text: blocks, and the same in words for notifications and for those who listen.

use serde_json::{Value, json};

use super::choices;
use super::mrkdwn::{self, Known, units};
use crate::model::Text;
use crate::model::text::{Block, Choice, Span};

/// The longest text of a section, and of a line in small letters, a little below Slack's limits.
pub const SECTION: usize = 2_900;
const SMALL: usize = 1_900;

/// A message as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What stands in notifications, and is read to those who cannot see.
    pub text: String,
    /// Nothing where the text says all.
    pub blocks: Vec<Value>,
    /// Its links are unfolded into cards.
    pub unfurl: bool,
}

/// A text as Slack gets it; those who are `known` are called by their id.
pub fn sent(text: &Text, known: Known<'_>) -> Sent {
    let blocks = trimmed(&text.0);
    let unfurl = blocks.iter().any(is_card);
    Sent {
        text: fallback(blocks, known),
        // A card needs nothing around its address.
        blocks: match blocks.iter().all(is_card) {
            true => Vec::new(),
            false => drawn(blocks, known),
        },
        unfurl,
    }
}

/// A line in small letters.
pub fn small(words: &str) -> Value {
    json!({"type": "context", "elements": [mrkdwn_object(words)]})
}

/// One block in markup, as it stands in a section.
pub fn marked(block: &Block, known: Known<'_>) -> String {
    match block {
        Block::Line(spans) => mrkdwn::line("", spans, known),
        Block::Hint(spans) => mrkdwn::line("hint: ", spans, known),
        Block::Entry(spans) => mrkdwn::line("• ", spans, known),
        Block::Pre(lines) if lines.trim().is_empty() => String::new(),
        Block::Pre(lines) => mrkdwn::fence(lines),
        Block::OneBox(url) => match mrkdwn::link(url, "") {
            Some(link) => link,
            None => mrkdwn::line("", &[Span::Words(url.clone())], known),
        },
        Block::Choices(_) => String::new(),
    }
}

/// Without the gaps at both ends.
pub fn trimmed(blocks: &[Block]) -> &[Block] {
    let Some(first) = blocks.iter().position(is_seen) else {
        return &[];
    };
    let last = blocks.iter().rposition(is_seen).unwrap_or(first);
    &blocks[first..=last]
}

/// It shows something.
pub fn is_seen(block: &Block) -> bool {
    match block {
        Block::Choices(choices) => choices.iter().any(choices::is_usable),
        Block::Line(_) | Block::Hint(_) | Block::Entry(_) | Block::Pre(_) | Block::OneBox(_) => {
            !Text(vec![block.clone()]).plain().trim().is_empty()
        }
    }
}

fn is_card(block: &Block) -> bool {
    match block {
        Block::OneBox(url) => mrkdwn::link(url, "").is_some(),
        Block::Line(_) | Block::Hint(_) | Block::Entry(_) | Block::Pre(_) | Block::Choices(_) => {
            false
        }
    }
}

fn fallback(blocks: &[Block], known: Known<'_>) -> String {
    let rows = blocks.iter().filter_map(|block| match block {
        Block::Line(spans) => Some(mrkdwn::plain("", spans, known)),
        Block::Hint(spans) => Some(mrkdwn::plain("hint: ", spans, known)),
        Block::Entry(spans) => Some(mrkdwn::plain("- ", spans, known)),
        Block::Pre(_) | Block::OneBox(_) => {
            Some(mrkdwn::escape(&Text(vec![block.clone()]).plain()))
        }
        Block::Choices(_) => None,
    });
    rows.collect::<Vec<_>>().join("\n").trim().to_string()
}

fn drawn(blocks: &[Block], known: Known<'_>) -> Vec<Value> {
    let mut drawing = Drawing::default();
    for block in blocks {
        match block {
            Block::Choices(choices) => drawing.buttons(choices),
            Block::Hint(_)
            | Block::Line(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::OneBox(_) => {
                let row = marked(block, known);
                drawing.row(kind(block, units(&row)), &row);
            }
        }
    }
    drawing.close();
    drawing.done
}

/// How rows are shown: those of one kind that follow each other stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Section,
    Small,
    Buttons,
}

impl Kind {
    /// The most that stands together.
    pub fn most(self) -> usize {
        match self {
            Kind::Section => SECTION,
            Kind::Small => SMALL,
            Kind::Buttons => 0,
        }
    }
}

/// How a block of this length is shown.
pub fn kind(block: &Block, length: usize) -> Kind {
    match block {
        Block::Hint(_) if length <= SMALL => Kind::Small,
        Block::Hint(_) | Block::Line(_) | Block::Entry(_) | Block::Pre(_) | Block::OneBox(_) => {
            Kind::Section
        }
        Block::Choices(_) => Kind::Buttons,
    }
}

/// The blocks that these buttons and menus become.
pub fn rows(choices: &[Choice]) -> usize {
    choices::draw(choices, &mut 0).len()
}

#[derive(Default)]
struct Drawing {
    done: Vec<Value>,
    kind: Kind,
    open: Vec<String>,
    /// The length of what is open.
    length: usize,
    /// Buttons so far, for their names.
    buttons: usize,
}

impl Drawing {
    fn row(&mut self, kind: Kind, row: &str) {
        let length = units(row);
        if self.kind != kind || self.length + 1 + length > kind.most() {
            self.close();
        }
        self.kind = kind;
        if length > kind.most() {
            return self.plain(row);
        }
        self.length += 1 + length;
        self.open.push(row.into());
    }

    /// Nobody cuts so: what is too long is shown as it is sent, without markup that would break.
    fn plain(&mut self, row: &str) {
        let signs: Vec<char> = row.chars().collect();
        for part in signs.chunks(SECTION / 2) {
            let text: String = part.iter().collect();
            if !text.trim().is_empty() {
                self.done
                    .push(json!({"type": "section", "text": plain_object(&text)}));
            }
        }
    }

    fn close(&mut self) {
        let mut rows = std::mem::take(&mut self.open);
        self.length = 0;
        // Code has gaps around it as it is.
        let fences: Vec<bool> = rows.iter().map(|row| row.starts_with("```")).collect();
        let fence = |at: Option<usize>| at.and_then(|at| fences.get(at)) == Some(&true);
        let mut at = 0_usize;
        rows.retain(|row| {
            let gap = row.is_empty() && (fence(at.checked_sub(1)) || fence(Some(at + 1)));
            at += 1;
            !gap
        });
        let text = rows.join("\n");
        let text = text.trim_matches('\n');
        if text.trim().is_empty() {
            return;
        }
        self.done.push(match self.kind {
            Kind::Small => small(text),
            Kind::Section | Kind::Buttons => {
                json!({"type": "section", "text": mrkdwn_object(text)})
            }
        });
    }

    fn buttons(&mut self, choices: &[Choice]) {
        self.close();
        let drawn = choices::draw(choices, &mut self.buttons);
        self.done.extend(drawn);
    }
}

/// `verbatim`: what is no link of ours becomes none.
fn mrkdwn_object(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

pub fn plain_object(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody(_: &str) -> Option<String> {
        None
    }

    fn shown(text: &Text) -> Vec<String> {
        let all = sent(text, &nobody).blocks.into_iter();
        all.map(|block| match block["type"].as_str() {
            Some("section") => block["text"]["text"].as_str().unwrap().to_string(),
            Some("context") => format!("({})", block["elements"][0]["text"].as_str().unwrap()),
            Some("actions") => {
                let all = block["elements"].as_array().unwrap().iter();
                let all = all.map(|button| {
                    let (label, value) = (&button["text"]["text"], &button["value"]);
                    format!("[{} {}]", label.as_str().unwrap(), value.as_str().unwrap())
                });
                all.collect::<String>()
            }
            _ => panic!("{block}"),
        })
        .collect()
    }

    #[test]
    fn a_text_is_sections_small_lines_and_buttons() {
        let text = Text::line("I track `a`:")
            .entry("one & two")
            .and("")
            .pre("x  y\n1  2")
            .choices([("Pause", "pause a"), ("Stop", "stop a")])
            .hint("`stop a` stops it")
            .hint("or `pause a`")
            .and("end");
        assert_eq!(
            shown(&text),
            [
                "I track `a`:\n• one &amp; two\n```\nx  y\n1  2\n```",
                "[Pause pause a][Stop stop a]",
                "(hint: `stop a` stops it\nhint: or `pause a`)",
                "end",
            ]
        );
        let sent = sent(&text, &nobody);
        assert_eq!(
            sent.text,
            "I track `a`:\n- one &amp; two\n\nx  y\n1  2\nhint: `stop a` stops it\nhint: or `pause a`\nend"
        );
        assert!(!sent.unfurl);
    }

    #[test]
    fn buttons_have_names_of_their_own_and_limits() {
        let many = (0..60).map(|n| (format!("Show {n} {}", "x".repeat(90)), format!("show {n}")));
        let long = [("Too long".to_string(), "x".repeat(2_001))];
        let text = Text::line("x").choices(many.chain(long));
        let sent = sent(&text, &nobody);
        let rows: Vec<usize> = sent.blocks[1..]
            .iter()
            .map(|block| block["elements"].as_array().unwrap().len())
            .collect();
        assert_eq!(rows, [25, 25, 10]);
        let all = sent.blocks[1..]
            .iter()
            .flat_map(|block| block["elements"].as_array().unwrap());
        let names: std::collections::BTreeSet<&str> = all
            .map(|button| button["action_id"].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), 60);
        let label = &sent.blocks[1]["elements"][0]["text"]["text"];
        assert_eq!(label.as_str().unwrap().chars().count(), 70);
    }

    #[test]
    fn a_card_is_its_address_and_is_unfolded() {
        let url = "https://e.org/?a=1&b=2";
        let card = sent(&Text(vec![Block::OneBox(url.into())]), &nobody);
        assert_eq!(card.text, "https://e.org/?a=1&amp;b=2");
        assert!(card.blocks.is_empty() && card.unfurl);
        let both = Text(vec![
            Block::Line(vec![Span::Words("new:".into())]),
            Block::OneBox(url.into()),
        ]);
        assert_eq!(shown(&both), ["new:\n<https://e.org/?a=1&amp;b=2>"]);
        assert!(sent(&both, &nobody).unfurl);
        assert!(!sent(&Text(vec![Block::OneBox("x".into())]), &nobody).unfurl);
    }

    #[test]
    fn what_nobody_has_cut_is_shown_all_the_same() {
        let text = Text::line("*a*<b> ".repeat(2_000));
        let all = sent(&text, &nobody).blocks;
        assert!(all.len() > 2);
        for block in &all {
            assert_eq!(block["text"]["type"], "plain_text");
            assert!(units(block["text"]["text"].as_str().unwrap()) <= 3_000);
        }
    }

    #[test]
    fn nothing_to_see_is_nothing() {
        let nothing = sent(&Text::line(" ").and("").pre("\n"), &nobody);
        assert_eq!((nothing.text.as_str(), nothing.blocks.len()), ("", 0));
    }
}
