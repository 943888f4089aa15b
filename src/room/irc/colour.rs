//! Takes away what makes letters bold and coloured, so that what people typed is left.

/// The same without codes for bold, italics, underline, strike-through, one width, reversed, colours and their end.
pub fn bare(text: &str) -> String {
    if !text.chars().any(is_code) {
        return text.into();
    }
    let mut bare = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // A colour may be followed by that of what lies behind it.
        let (most, is_digit): (usize, fn(&char) -> bool) = match c {
            '\u{3}' => (2, char::is_ascii_digit),
            '\u{4}' => (6, char::is_ascii_hexdigit),
            c if is_code(c) => continue,
            c => {
                bare.push(c);
                continue;
            }
        };
        let digits = |from: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            (0..most)
                .take_while(|_| from.next_if(is_digit).is_some())
                .count()
        };
        if digits(&mut rest) == 0 {
            continue;
        }
        let mut ahead = rest.clone();
        if ahead.next_if_eq(&',').is_some() && digits(&mut ahead) > 0 {
            rest = ahead;
        }
    }
    bare
}

fn is_code(c: char) -> bool {
    matches!(
        c,
        '\u{2}'
            | '\u{3}'
            | '\u{4}'
            | '\u{f}'
            | '\u{11}'
            | '\u{16}'
            | '\u{1d}'
            | '\u{1e}'
            | '\u{1f}'
    )
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn only_the_letters_are_left() {
        for (text, left) in [
            ("plain", "plain"),
            ("\u{2}bold\u{2} \u{1d}it\u{f}", "bold it"),
            ("\u{3}4red\u{3} \u{3}04,12both", "red both"),
            ("\u{3}4,red", ",red"),
            ("\u{3}123", "3"),
            ("\u{3},5", ",5"),
            ("\u{4}ff0000red\u{4}", "red"),
            ("\u{3}", ""),
            ("\u{16}\u{11}a\u{1e}\u{1f}é", "aé"),
        ] {
            assert_eq!(bare(text), left, "{text:?}");
        }
    }
}
