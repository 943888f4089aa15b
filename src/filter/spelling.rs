//! How a value is written such that the query language reads the same value again.

/// As it is where that is safe, otherwise between quotes.
pub(super) fn value(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.starts_with(['<', '>', '=', '!', '≤', '≥', '≠', ':', '/'])
        && !text.ends_with(',')
        && text.chars().all(|c| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '(' | ')' | '"' | '“' | '”' | '„' | '«' | '»' | '\\')
        });
    if plain { text.into() } else { quoted(text) }
}

/// A name in a list.
pub(super) fn name(text: &str) -> String {
    let quote = text.contains(',') || text.starts_with(['\'', '‘', '’', '‚']);
    if quote { quoted(text) } else { value(text) }
}

/// Words for a text filter: bare where nothing in them means anything to a query.
pub(super) fn words(text: &str) -> String {
    let mut letters = text.chars();
    let safe = letters
        .next()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '#' | '@' | '$' | '.'))
        && letters
            .all(|c| c.is_alphanumeric() || matches!(c, '\'' | '+' | '#' | '.' | '_' | '-' | '*'))
        && !["and", "or", "not"].contains(&text.to_lowercase().as_str());
    if safe { text.into() } else { quoted(text) }
}

/// Between slashes.
pub(super) fn regex(pattern: &str) -> String {
    let mut spelled = String::with_capacity(pattern.len() + 2);
    spelled.push('/');
    let mut letters = pattern.chars();
    while let Some(c) = letters.next() {
        match c {
            '/' => spelled.push_str("\\/"),
            '\\' => {
                spelled.push(c);
                spelled.extend(letters.next());
            }
            c => spelled.push(c),
        }
    }
    spelled.push('/');
    spelled
}

/// One line without needless spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len() + 2);
    spelled.push('"');
    for c in text.chars() {
        // Curly quotes end a quoted phrase too.
        if matches!(c, '"' | '\\' | '“' | '”' | '„' | '«' | '»') {
            spelled.push('\\');
        }
        spelled.push(c);
    }
    spelled.push('"');
    spelled
}
