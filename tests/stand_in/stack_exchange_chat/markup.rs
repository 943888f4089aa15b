//! What a text looks like: single-line markup, several lines, code; as HTML.

use super::answer::escape;
use super::chat::Chat;
use super::links;

/// A text as HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Whole.
    pub full: String,
    /// As events have it: the start of what is long.
    pub shown: String,
}

impl Rendered {
    pub fn whole(html: String) -> Rendered {
        Rendered {
            shown: html.clone(),
            full: html,
        }
    }

    pub fn partial(&self) -> bool {
        self.full != self.shown
    }
}

/// Signs that a backslash makes plain.
const ESCAPED: &str = "\\*_`[]()-";

/// Markers and their elements, the longest first.
const MARKERS: [(&str, &str, &str); 6] = [
    ("***", "<b><i>", "</i></b>"),
    ("---", "<strike>", "</strike>"),
    ("**", "<b>", "</b>"),
    ("__", "<b>", "</b>"),
    ("*", "<i>", "</i>"),
    ("_", "<i>", "</i>"),
];

impl Chat {
    /// A text without its reply prefix.
    pub fn render(&self, text: &str) -> Rendered {
        if let Some(html) = self.onebox(text) {
            return Rendered::whole(html);
        }
        let code = text.lines().all(|line| line.starts_with("    "));
        if code && !text.is_empty() {
            let lines: Vec<&str> = text.lines().map(|line| &line[4..]).collect();
            let text = lines.join("\n");
            return self.long(&text, "pre", escape);
        }
        if text.contains('\n') {
            let text = text.trim_start_matches('\n');
            return self.long(text, "div", |text| {
                let lines: Vec<String> = text.lines().map(links::linked).collect();
                lines.join(" <br> ")
            });
        }
        Rendered::whole(self.inline(text))
    }

    fn long(&self, text: &str, element: &str, html: impl Fn(&str) -> String) -> Rendered {
        let full = format!("<{element} class='full'>{}</{element}>", html(text));
        if text.chars().count() <= self.rules.partial {
            return Rendered::whole(full);
        }
        let start: String = text.chars().take(self.rules.partial).collect();
        let shown = format!("<{element} class='partial'>{}</{element}>", html(&start));
        Rendered { full, shown }
    }

    /// One line with its markup.
    pub fn inline(&self, text: &str) -> String {
        if text.len() >= 3
            && ["-", "="]
                .iter()
                .any(|sign| text.replace(sign, "").is_empty())
        {
            return text.to_string();
        }
        let mut html = String::new();
        let mut at = 0;
        while let Some(sign) = text[at..].chars().next() {
            let (rest, before) = (&text[at..], text[..at].chars().next_back());
            let piece = match sign {
                '\\' => escaped(rest),
                '`' => code(rest),
                '[' => self.bracket(rest),
                '*' | '_' | '-' => self.marked(rest, before),
                _ => links::bare(rest, before),
            };
            match piece {
                Some((piece, length)) => {
                    html.push_str(&piece);
                    at += length;
                }
                None => {
                    match sign {
                        '[' => html.push_str("&#91;"),
                        _ => html.push_str(&escape(&rest[..sign.len_utf8()])),
                    }
                    at += sign.len_utf8();
                }
            }
        }
        html
    }

    /// `[text](address "title")` or `[tag:rust]`.
    fn bracket(&self, text: &str) -> Option<(String, usize)> {
        for (start, path) in [("[tag:", "//"), ("[meta-tag:", "//meta.")] {
            if let Some(rest) = text.strip_prefix(start) {
                let (tag, _) = rest.split_once(']')?;
                let fits = |sign: char| sign.is_alphanumeric() || "-.#+_".contains(sign);
                if tag.is_empty() || !tag.chars().all(fits) {
                    return None;
                }
                let address: String =
                    url::form_urlencoded::byte_serialize(tag.as_bytes()).collect();
                let html = format!(
                    "<a href=\"{path}{}/questions/tagged/{address}\"><span class=\"ob-post-tag\" \
                     style=\"background-color: #E0EAF1; color: #3E6D8E;\">{}</span></a>",
                    self.site(),
                    escape(tag)
                );
                return Some((html, start.len() + tag.len() + 1));
            }
        }
        let (shown, address, title, length) = links::named(text)?;
        let title = title.map(|title| format!(" title=\"{}\"", escape(title)));
        let html = format!(
            "<a href=\"{}\"{} rel=\"nofollow noopener noreferrer\">{}</a>",
            escape(&links::relative(address)),
            title.unwrap_or_default(),
            self.inline(shown)
        );
        Some((html, length))
    }

    /// Text between two markers that hug it.
    fn marked(&self, text: &str, before: Option<char>) -> Option<(String, usize)> {
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        for (marker, open, close) in MARKERS {
            let Some(rest) = text.strip_prefix(marker) else {
                continue;
            };
            let first = marker.chars().next()?;
            if rest.starts_with(|sign: char| sign.is_whitespace() || sign == first) {
                continue;
            }
            let ends = rest.match_indices(marker).find(|(at, _)| {
                let (inside, after) = (&rest[..*at], &rest[at + marker.len()..]);
                let hugs = inside
                    .chars()
                    .next_back()
                    .is_some_and(|sign| !sign.is_whitespace() && sign != '\\');
                let next = after.chars().next();
                hugs && !next.is_some_and(|sign| sign.is_alphanumeric() || sign == first)
            });
            if let Some((at, _)) = ends {
                let html = format!("{open}{}{close}", self.inline(&rest[..at]));
                return Some((html, at + 2 * marker.len()));
            }
        }
        None
    }
}

fn escaped(text: &str) -> Option<(String, usize)> {
    let sign = text[1..].chars().next()?;
    let plain = ESCAPED.contains(sign);
    plain.then(|| (escape(&sign.to_string()), 1 + sign.len_utf8()))
}

fn code(text: &str) -> Option<(String, usize)> {
    let inside = &text[1..text[1..].find('`')? + 1];
    let html = format!("<code>{}</code>", escape(inside));
    (!inside.trim().is_empty()).then(|| (html, inside.len() + 2))
}
