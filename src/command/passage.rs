//! What was found in an item, as it is shown: the passages with the words marked.

use crate::model::Passage;
use crate::model::text::Span;

/// What stands behind a predicate and what it does: where it found something, or else why.
pub fn shown(passages: &[Passage], because: &str) -> Vec<Span> {
    if passages.is_empty() {
        return vec![Span::Words(format!(": {because}"))];
    }
    let mut spans = Vec::new();
    for (n, passage) in passages.iter().enumerate() {
        let sign = if n == 0 { "," } else { ";" };
        spans.push(Span::Words(format!("{sign} {}: ", place(passage))));
        spans.extend(passage.spans());
    }
    spans
}

fn place(passage: &Passage) -> String {
    match passage.of.as_str() {
        "title" | "body" => format!("in the {}", passage.of),
        fact => format!("its {fact}"),
    }
}
