//! What the socket says: JSON, and within it JSON again, as a text.

use serde::Deserialize;
use serde_json::Value;

/// The longest name of a site that is taken, in characters.
const NAME: usize = 100;
/// The longest heart-beat that is sent back, in bytes.
const BEAT: usize = 200;

/// What one text of the socket means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chime {
    /// It wants the same text back.
    Heartbeat,
    Active {
        site: String,
        question: u64,
    },
    /// Nothing that matters here.
    Other,
}

#[derive(Deserialize)]
struct Outer {
    action: String,
    #[serde(default)]
    data: Value,
}

/// Reads a text, which may be anything.
pub fn read(text: &str) -> Chime {
    let Ok(outer) = serde_json::from_str::<Outer>(text) else {
        return Chime::Other;
    };
    if outer.action == "hb" {
        return match text.len() <= BEAT {
            true => Chime::Heartbeat,
            false => Chime::Other,
        };
    }
    if !outer.action.ends_with("-questions-active") {
        return Chime::Other;
    }
    let inner = match outer.data {
        Value::String(inner) => serde_json::from_str(&inner).unwrap_or_default(),
        other => other,
    };
    active(&inner).unwrap_or(Chime::Other)
}

fn active(inner: &Value) -> Option<Chime> {
    let site = name(inner, "apiSiteParameter").or_else(|| name(inner, "siteBaseHostAddress"))?;
    Some(Chime::Active {
        site,
        question: number(inner, "id")?,
    })
}

/// A site's name, in small letters.
fn name(inner: &Value, field: &str) -> Option<String> {
    let name = inner.get(field)?.as_str()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    (!name.is_empty() && name.len() <= NAME && name.chars().all(plain))
        .then(|| name.to_ascii_lowercase())
}

/// A whole number, also one that is written as a text.
fn number(inner: &Value, field: &str) -> Option<u64> {
    match inner.get(field)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn said(inner: &Value) -> Chime {
        let outer = json!({"action": "155-questions-active", "data": inner.to_string()});
        read(&outer.to_string())
    }

    #[test]
    fn what_the_socket_says() {
        let whole = json!({
            "siteBaseHostAddress": "beer.stackexchange.com",
            "id": 7,
            "titleEncodedFancy": "Ale &amp; <b>lager</b>",
            "bodySummary": "…",
            "tags": ["ale"],
            "lastActivityDate": 1_700_000_000,
            "url": "https://beer.stackexchange.com/questions/7/ale",
            "ownerUrl": "https://beer.stackexchange.com/users/1",
            "ownerDisplayName": "ann",
            "apiSiteParameter": "beer"
        });
        let active = |site: &str| Chime::Active {
            site: site.into(),
            question: 7,
        };
        assert_eq!(said(&whole), active("beer"));
        // An object within, and numbers as texts.
        let plain = json!({"id": "7", "apiSiteParameter": "Meta.StackOverflow"});
        let outer = json!({"action": "1-questions-active", "data": plain});
        assert_eq!(read(&outer.to_string()), active("meta.stackoverflow"));
        let host = json!({"id": 7, "siteBaseHostAddress": "beer.stackexchange.com"});
        assert_eq!(said(&host), active("beer.stackexchange.com"));
        assert_eq!(read(r#"{"action":"hb","data":"hb"}"#), Chime::Heartbeat);
        assert_eq!(read(r#"{"action":"hb"}"#), Chime::Heartbeat);
    }

    #[test]
    fn rubbish_means_nothing() {
        for inner in [
            json!(null),
            json!({}),
            json!({"id": 7}),
            json!({"apiSiteParameter": "beer"}),
            json!({"id": -7, "apiSiteParameter": "beer"}),
            json!({"id": 7.5, "apiSiteParameter": "beer"}),
            json!({"id": 7, "apiSiteParameter": "beer&site=other"}),
            json!({"id": 7, "apiSiteParameter": "a".repeat(101)}),
            json!({"id": {"id": 7}, "apiSiteParameter": ["beer"]}),
        ] {
            assert_eq!(said(&inner), Chime::Other, "{inner}");
        }
        let long = format!(r#"{{"action":"hb","data":"{}"}}"#, "x".repeat(300));
        let deep = format!(
            r#"{{"action":"155-questions-active","data":{}"#,
            "[".repeat(5000)
        );
        for text in [
            "",
            "hb",
            "{",
            "[]",
            r#"{"action":7}"#,
            r#"{"action":"1-questions-newest-tag-java","data":"{}"}"#,
            r#"{"action":"155-questions-active"}"#,
            r#"{"action":"155-questions-active","data":"{"}"#,
            &long,
            &deep,
        ] {
            assert_eq!(read(text), Chime::Other, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_said_does_harm(text in ".*", inner in ".*", id in any::<i64>(), date in any::<i64>()) {
            read(&text);
            said(&Value::String(inner.clone()));
            let chime = said(&json!({"apiSiteParameter": inner, "id": id, "lastActivityDate": date}));
            if let Chime::Active { site, question } = chime {
                prop_assert!(question == id as u64);
                prop_assert!(!site.is_empty() && site.len() <= NAME);
            }
        }
    }
}
