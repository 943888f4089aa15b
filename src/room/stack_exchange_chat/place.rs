//! Which room or message somebody means by a number or a link.

use url::Url;

/// The number of the room: digits, `HOST/digits`, a link to the room or to its transcript. `chat` is where the chat is,
/// `name` what it is called.
pub(super) fn room(typed: &str, chat: &str, name: &str) -> Option<u64> {
    let typed = typed.trim();
    if let Some(number) = number(typed) {
        return Some(number);
    }
    let chat = Url::parse(chat).ok()?;
    let begins = typed.starts_with("https://") || typed.starts_with("http://");
    let url = match begins {
        true => Url::parse(typed).ok()?,
        false => {
            let (place, rest) = typed.trim_start_matches("//").split_once('/')?;
            if place == name
                && let Some(number) = number(rest)
            {
                return Some(number);
            }
            let url = Url::parse(&format!("{}://{place}/{rest}", chat.scheme())).ok()?;
            let path = url.path().trim_start_matches('/');
            if host(&url)? == host(&chat)?
                && let Some(number) = number(path)
            {
                return Some(number);
            }
            url
        }
    };
    if !is_here(&url, &chat) {
        return None;
    }
    let path = parts(&url);
    match path[..] {
        ["rooms", "info" | "thumbs", room, ..] | ["rooms" | "transcript" | "chats", room, ..] => {
            number(room)
        }
        _ => None,
    }
}

/// The parts of a path.
fn parts(url: &Url) -> Vec<&str> {
    let parts = url.path().split('/');
    parts.filter(|part| !part.is_empty()).collect()
}

/// The number of the message: digits, or a link to it. `chat` is where the chat is.
pub(super) fn message(typed: &str, chat: &str) -> Option<i64> {
    let typed = typed.trim();
    let whole = |text: &str| number(text).and_then(|id| i64::try_from(id).ok());
    if let Some(id) = whole(typed.strip_prefix(':').unwrap_or(typed)) {
        return Some(id);
    }
    let chat = Url::parse(chat).ok()?;
    let url = match typed.contains("://") {
        true => Url::parse(typed).ok()?,
        false => {
            let rest = typed.trim_start_matches("//");
            Url::parse(&format!("{}://{rest}", chat.scheme())).ok()?
        }
    };
    if !is_here(&url, &chat) {
        return None;
    }
    let path = parts(&url);
    let asked = url.query_pairs().find(|(name, _)| name == "m");
    match path[..] {
        ["transcript", "message", id, ..] | ["message" | "messages", id, ..] => whole(id),
        ["transcript" | "rooms", ..] => {
            let asked = asked.and_then(|(_, id)| whole(&id));
            asked.or_else(|| whole(url.fragment()?))
        }
        _ => None,
    }
}

fn host(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.to_string(), url.port_or_known_default()?))
}

fn is_here(url: &Url, chat: &Url) -> bool {
    url.host_str() == chat.host_str() && (host(url) == host(chat) || is_web(url, chat))
}

/// Both are the web's usual places: `http` links to an `https` host are common.
fn is_web(one: &Url, other: &Url) -> bool {
    one.port().is_none() && other.port().is_none()
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| (1..=u64::from(u32::MAX)).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_links() {
        let chat = ("https://chat.stackexchange.com", "chat.stackexchange.com");
        for (typed, expected) in [
            ("54445", Some(54445)),
            (" 1 ", Some(1)),
            ("0", None),
            ("-1", None),
            ("99999999999", None),
            ("chat.stackexchange.com/54445", Some(54445)),
            ("chat.stackoverflow.com/54445", None),
            (
                "https://chat.stackexchange.com/rooms/54445/boson",
                Some(54445),
            ),
            ("http://chat.stackexchange.com/rooms/54445", Some(54445)),
            ("//chat.stackexchange.com/rooms/7", Some(7)),
            ("chat.stackexchange.com/rooms/7/x", Some(7)),
            (
                "https://chat.stackexchange.com/rooms/info/9/x?tab=general",
                Some(9),
            ),
            (
                "https://chat.stackexchange.com/transcript/9/2026/1/2",
                Some(9),
            ),
            (
                "https://chat.stackexchange.com/transcript/message/9#9",
                None,
            ),
            ("https://chat.stackoverflow.com/rooms/7", None),
            ("https://evil.example/chat.stackexchange.com/rooms/7", None),
            ("https://chat.stackexchange.com:99/rooms/7", None),
            ("rooms/7", None),
            ("", None),
            ("#room", None),
        ] {
            assert_eq!(room(typed, chat.0, chat.1), expected, "{typed}");
        }
        let local = ("http://127.0.0.1:9002", "local");
        assert_eq!(room("local/3", local.0, local.1), Some(3));
        assert_eq!(room("127.0.0.1:9002/3", local.0, local.1), Some(3));
        assert_eq!(
            room("http://127.0.0.1:9002/rooms/3", local.0, local.1),
            Some(3)
        );
        assert_eq!(
            room("http://127.0.0.1:9003/rooms/3", local.0, local.1),
            None
        );
    }

    #[test]
    fn messages_and_links() {
        let chat = "https://chat.stackexchange.com";
        for (typed, expected) in [
            ("5001", Some(5001)),
            (":5001", Some(5001)),
            (
                "https://chat.stackexchange.com/transcript/message/5001#5001",
                Some(5001),
            ),
            ("chat.stackexchange.com/transcript/message/5001", Some(5001)),
            (
                "//chat.stackexchange.com/transcript/1?m=5001#5001",
                Some(5001),
            ),
            ("http://chat.stackexchange.com/rooms/1?m=5001", Some(5001)),
            (
                "https://chat.stackexchange.com/transcript/1/2026/1/2#5001",
                Some(5001),
            ),
            ("https://chat.stackexchange.com/transcript/1", None),
            (
                "https://chat.stackoverflow.com/transcript/message/5001#5001",
                None,
            ),
            ("message", None),
            ("", None),
        ] {
            assert_eq!(message(typed, chat), expected, "{typed}");
        }
    }
}
