//! Addresses in a text.

use super::answer::escape;

/// Hosts of the network, to which links have no scheme; also all below the first.
const NETWORK: [&str; 11] = [
    "stackexchange.com",
    "stackoverflow.com",
    "meta.stackoverflow.com",
    "chat.stackoverflow.com",
    "superuser.com",
    "serverfault.com",
    "askubuntu.com",
    "mathoverflow.net",
    "stackapps.com",
    "i.stack.imgur.com",
    "i.sstatic.net",
];

/// So many signs of an address are shown.
const SHOWN: usize = 32;

/// An address without its scheme when it leads into the network.
pub fn relative(address: &str) -> String {
    let rest = address
        .strip_prefix("https:")
        .or_else(|| address.strip_prefix("http:"));
    let Some(rest) = rest else {
        return address.into();
    };
    let host = rest.trim_start_matches('/');
    let host = host.split(['/', '?', '#']).next().unwrap_or(host);
    let inside = NETWORK.contains(&host) || host.ends_with(".stackexchange.com");
    if inside { rest.into() } else { address.into() }
}

/// The address at the beginning of a text, without the punctuation behind it.
pub fn address(text: &str) -> Option<&str> {
    let rest = ["https://", "http://", "ftp://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))?;
    if !rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let end = text.find(|sign: char| sign.is_whitespace() || "<>\"`".contains(sign));
    let mut all = &text[..end.unwrap_or(text.len())];
    while let Some(last) = all.chars().next_back() {
        let open = last == ')' && all.matches('(').count() < all.matches(')').count();
        if !open && !".,;:!?'*_]".contains(last) {
            break;
        }
        all = &all[..all.len() - last.len_utf8()];
    }
    Some(all)
}

/// A bare address as a link, and its length.
pub fn bare(text: &str, before: Option<char>) -> Option<(String, usize)> {
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let address = address(text)?;
    let (_, shown) = address.split_once("://")?;
    let shown = match shown.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}&hellip;", escape(&shown[..cut])),
        None => escape(shown.trim_end_matches('/')),
    };
    let html = format!(
        "<a href=\"{}\" rel=\"nofollow noopener noreferrer\">{shown}</a>",
        escape(&relative(address))
    );
    Some((html, address.len()))
}

/// A line of several with its bare addresses as links.
pub fn linked(line: &str) -> String {
    let mut html = String::new();
    let mut at = 0;
    while let Some(sign) = line[at..].chars().next() {
        match bare(&line[at..], line[..at].chars().next_back()) {
            Some((link, length)) => {
                html.push_str(&link);
                at += length;
            }
            None => {
                html.push_str(&escape(&line[at..at + sign.len_utf8()]));
                at += sign.len_utf8();
            }
        }
    }
    html
}

/// `[text](address "title")`: text, address, title, length.
pub fn named(text: &str) -> Option<(&str, &str, Option<&str>, usize)> {
    let middle = text.find("](")?;
    let shown = &text[1..middle];
    let inside = &text[middle + 2..];
    let known = ["https://", "http://", "ftp://", "//"];
    if shown.trim().is_empty() || !known.iter().any(|start| inside.starts_with(start)) {
        return None;
    }
    let (mut depth, mut quoted, mut end) = (0, false, None);
    for (at, sign) in inside.char_indices() {
        match sign {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => {
                end = Some(at);
                break;
            }
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    let end = end?;
    let (address, title) = match inside[..end].split_once(char::is_whitespace) {
        None => (&inside[..end], None),
        Some((address, title)) => {
            let title = title.trim().strip_prefix('"')?.strip_suffix('"')?;
            (address, Some(title))
        }
    };
    Some((shown, address, title, middle + 2 + end + 1))
}
