//! Whether Slack itself has posted something: its signature, and how old it is.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How old what was posted may be, in seconds; and how far ahead Slack's clock.
const WINDOW: u64 = 300;

/// Whether a body was signed with this secret, at a time that is not far from now. `timestamp` and `signature` are what
/// came along as `X-Slack-Request-Timestamp` and `X-Slack-Signature`.
pub fn is_good(
    secret: &str,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> bool {
    let Ok(at) = timestamp.parse::<i64>() else {
        return false;
    };
    let Some(signature) = signature.strip_prefix("v0=").and_then(bytes) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    // It takes the same time wherever the first difference is.
    let signed = mac.verify_slice(&signature).is_ok();
    signed && now.timestamp().abs_diff(at) <= WINDOW
}

/// The bytes that two signs each stand for.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let pairs = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        // It would take `+f` as well.
        let digits = pair.bytes().all(|c| c.is_ascii_hexdigit());
        digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const AT: &str = "1700000000";
    const COMMAND: &[u8] = b"command=%2Fbot&text=track+crates+serde&user_id=U0HUMAN001";
    const SIGNED: &str = "v0=351b555fd1da2bc6018afb55f9697772053b8b7b20720858a30a8549d5bf015f";

    fn now(after: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + after, 0).unwrap()
    }

    #[test]
    fn slacks_own_signatures_are_good() {
        assert!(is_good(SECRET, AT, SIGNED, COMMAND, now(0)));
        let verification = br#"{"type":"url_verification","challenge":"abc"}"#;
        let signed = "v0=0af59a2093209bf5fd729275f78b68ca1fd0f5cde475f4e9b5b24207db57d1bb";
        assert!(is_good(SECRET, AT, signed, verification, now(0)));
    }

    #[test]
    fn only_what_is_fresh_is_good() {
        for (after, good) in [(300, true), (301, false), (-300, true), (-301, false)] {
            assert_eq!(
                is_good(SECRET, AT, SIGNED, COMMAND, now(after)),
                good,
                "{after}"
            );
        }
    }

    #[test]
    fn nothing_else_is_good() {
        let bad = |secret: &str, at: &str, signed: &str, body: &[u8]| {
            assert!(!is_good(secret, at, signed, body, now(0)), "{signed}");
        };
        bad("another", AT, SIGNED, COMMAND);
        bad(SECRET, "1700000001", SIGNED, COMMAND);
        bad(SECRET, "+1700000000", SIGNED, COMMAND);
        bad(SECRET, "", SIGNED, COMMAND);
        bad(SECRET, "soon", SIGNED, COMMAND);
        bad(SECRET, "99999999999999999999", SIGNED, COMMAND);
        bad(SECRET, "-9223372036854775808", SIGNED, COMMAND);
        bad(SECRET, AT, SIGNED, b"command=%2Fbot");
        for signed in ["", "v0=", "v1=00", "v0=zz", &SIGNED[..65], &SIGNED[3..]] {
            bad(SECRET, AT, signed, COMMAND);
        }
        let other = SIGNED.replace("351b", "351c");
        bad(SECRET, AT, &other, COMMAND);
        let odd = SIGNED.replace("351b", "35é");
        bad(SECRET, AT, &odd, COMMAND);
    }
}
