//! Rust code as the rules see it: without comments and texts, and which modules it uses.

use std::collections::BTreeSet;

/// The code with comments, texts and characters blanked; lines stay where they are.
pub fn bare(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '"' => text(rest),
            'r' | 'b' | 'c' if !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                raw(rest)
            }
            '\'' => character(rest),
            _ => 0,
        };
        let taken = if skipped == 0 { c.len_utf8() } else { skipped };
        let (piece, after) = rest.split_at(taken);
        match skipped {
            0 => out.push_str(piece),
            _ => out.extend(piece.chars().map(|c| if c == '\n' { c } else { ' ' })),
        }
        rest = after;
    }
    out
}

/// The length of the comment that begins here; they nest.
fn comment(code: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < code.len() {
        let rest = &code[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    code.len()
}

/// The length of the text that begins with this quotation mark.
fn text(code: &str) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    code.len()
}

/// The length of the text whose prefix (`r#`, `b`, `br`) begins here; 0 when it is a word.
fn raw(code: &str) -> usize {
    let prefix = code.len() - code.trim_start_matches(['r', 'b', 'c']).len();
    let hashes = code[prefix..].len() - code[prefix..].trim_start_matches('#').len();
    let start = prefix + hashes;
    if prefix > 2 || !code[start..].starts_with('"') {
        return 0;
    }
    if !code[..prefix].contains('r') {
        return if hashes == 0 {
            prefix + text(&code[prefix..])
        } else {
            0
        };
    }
    let end = format!("\"{}", "#".repeat(hashes));
    match code[start + 1..].find(&end) {
        Some(at) => start + 1 + at + end.len(),
        None => code.len(),
    }
}

/// The length of the character that begins with this mark; 0 when it is a lifetime.
fn character(code: &str) -> usize {
    let mut chars = code.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            chars.find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// The lines, counted from 1, in which a word or path stands by itself.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let whole = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word)
        .filter(|(at, _)| {
            let ends_open = word.ends_with(|c: char| !c.is_alphanumeric());
            whole(code[..*at].chars().next_back())
                && (ends_open || whole(code[at + word.len()..].chars().next()))
        })
        .map(|(at, _)| line(code, at))
        .collect()
}

/// The top modules that a file uses, with the line: `crate::x`, `crate::{a, b::{c, d}}`, and `super::` that leads
/// out of the file's own top module.
pub fn uses(code: &str, file: &str, modules: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        for name in names(&code[at + "crate::".len()..]) {
            found.push((line(code, at), name));
        }
    }
    // `src/a.rs` and `src/a/mod.rs` are one step below the root, `src/a/b.rs` two.
    let depth = file.trim_end_matches("/mod.rs").matches('/').count();
    let out = "super::".repeat(depth);
    for (at, _) in code.match_indices(&out) {
        let more = code[..at].ends_with("super::") || code[at + out.len()..].starts_with("super::");
        if more {
            continue;
        }
        for name in names(&code[at + out.len()..]) {
            // Within a module of tests it is something else: a name of the file itself.
            if modules.contains(&name) {
                found.push((line(code, at), name));
            }
        }
    }
    found
}

/// The first names of what follows `crate::`: one, or those of a group.
fn names(rest: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start().trim_start_matches("r#");
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return Some(name(rest))
            .filter(|name| !name.is_empty())
            .into_iter()
            .collect();
    };
    let mut depth = 0;
    let mut all = Vec::new();
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                all.push(name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    all.retain(|name| !name.is_empty());
    all
}

fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[test]
fn comments_and_texts_are_no_code() {
    let source = "a // b\n/* c /* d */ e */ f \"g \\\" h\" 'i' '\\'' j::<'k>(r#\"l \" m\"#, b\"n\", b'o', r\"p\") r#use\n";
    let words: Vec<String> = bare(source)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect();
    assert_eq!(words, ["a", "f", "j", "k", "b", "r", "use"]);
    assert_eq!(bare(source).matches('\n').count(), 2);
}

#[test]
fn uses_are_found_wherever_they_hide() {
    let code = "use crate::{a, b::{c, d}, e as f};\nuse crate::g::h;\nfn i() { crate::j::k(); }\nuse super::super::room;\n";
    let found: Vec<(usize, String)> = uses(code, "src/x/y.rs", &BTreeSet::from(["room".into()]));
    let found: Vec<(usize, &str)> = found
        .iter()
        .map(|(line, name)| (*line, name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "a"),
            (1, "b"),
            (1, "e"),
            (2, "g"),
            (3, "j"),
            (4, "room")
        ]
    );
}
