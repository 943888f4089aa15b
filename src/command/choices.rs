//! Buttons, for platforms that have them: where a hint names commands, each is one.

use super::{ALL, Grammar, sentence, words};
use crate::model::text::{Block, Choice, Span, cut};
use crate::model::{MessageId, Text};

/// The most buttons of one hint.
const MOST: usize = 5;
/// The longest words on a button, in characters.
const LONGEST: usize = 40;

/// The text with a button behind each hint for every command that stands in it as it can be typed. `of` is the message that
/// it answers: whoever presses `undo` takes back what that did, and nothing else.
pub fn offered(grammar: &mut Grammar, text: Text, of: &MessageId) -> Text {
    let mut offered = Vec::with_capacity(text.0.len() + 1);
    let mut blocks = text.0.into_iter().peekable();
    while let Some(block) = blocks.next() {
        let commands = match (&block, blocks.peek()) {
            // Whoever wrote the hint knows better.
            (Block::Hint(_), Some(Block::Choices(_))) => Vec::new(),
            (Block::Hint(spans), _) => commands(grammar, spans),
            _ => Vec::new(),
        };
        offered.push(block);
        let choices = commands.into_iter().take(MOST);
        let choices =
            choices.map(|command| Choice::button(cut(&capital(&command), LONGEST), command));
        let choices: Vec<Choice> = choices.collect();
        if !choices.is_empty() {
            offered.push(Block::Choices(choices));
        }
    }
    for block in &mut offered {
        if let Block::Choices(choices) = block {
            for choice in choices.iter_mut().filter(|choice| choice.command == "undo") {
                choice.command = format!("undo --of {}", words::quoted(&of.0));
            }
        }
    }
    Text(offered)
}

/// The commands in a hint; what stands there for instance is none.
fn commands(grammar: &mut Grammar, spans: &[Span]) -> Vec<String> {
    let example =
        |span: &Span| matches!(span, Span::Words(words) if words.contains("for instance"));
    if spans.iter().any(example) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    for span in spans {
        if let Span::Code(code) = span
            && !found.contains(code)
            && can_be_typed(grammar, code)
        {
            found.push(code.clone());
        }
    }
    found
}

/// It is a whole command, and not the form of one: `stop NAME`.
fn can_be_typed(grammar: &mut Grammar, code: &str) -> bool {
    let line = words::split(code);
    let Some(first) = line.words.first() else {
        return false;
    };
    let form = |word: &words::Word| {
        let letters = word.text.trim_start_matches('-');
        letters.len() > 1 && letters.chars().all(|c| c.is_ascii_uppercase()) || letters == "…"
    };
    if line.unclosed.is_some() || line.words.iter().any(form) {
        return false;
    }
    let Some(kind) = ALL.iter().find(|kind| kind.name == first.text) else {
        return false;
    };
    let command = grammar.of(kind);
    let argv = sentence::flags(&line, |flag| sentence::Declared::by(command, flag));
    crate::registry::parse(command, argv.into_iter().skip(1).collect()).is_ok()
}

fn capital(command: &str) -> String {
    let mut chars = command.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
