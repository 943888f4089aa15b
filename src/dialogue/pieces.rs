//! Several answers in one line: `;` and line ends stand between them, but not within quotes.

/// The first answer, and what stands behind it.
pub fn first(line: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        let before = line[..at].chars().next_back();
        match c {
            // A quote opens at the beginning of a word only.
            '"' if quoted => quoted = false,
            '"' if before.is_none_or(|before| before.is_whitespace() || ":=(".contains(before)) => {
                quoted = line[at + 1..].contains('"');
            }
            '\n' if !quoted => return (&line[..at], &line[at + 1..]),
            ';' if !quoted => {
                let behind = &line[at + 1..];
                // `1;2` is one word.
                if behind.is_empty() || behind.starts_with(char::is_whitespace) {
                    return (&line[..at], behind);
                }
            }
            _ => {}
        }
    }
    (line, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_between_semicolons() {
        assert_eq!(first("feed; https://e.org"), ("feed", " https://e.org"));
        assert_eq!(first("\"a; b\"; c"), ("\"a; b\"", " c"));
        assert_eq!(first("below 1;2"), ("below 1;2", ""));
        assert_eq!(first("5\" long; x"), ("5\" long", " x"));
        assert_eq!(first("a\nb"), ("a", "b"));
        assert_eq!(first("last;"), ("last", ""));
    }
}
