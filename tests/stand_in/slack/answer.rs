//! What Slack answers to a request.

use serde_json::{Value, json};

/// An answer that is not on the wire yet.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The content type.
    pub kind: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn new(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            kind,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub fn text(status: u16, body: impl Into<String>) -> Answer {
        Answer::new(status, "text/plain; charset=utf-8", body.into())
    }

    pub fn json(value: &Value) -> Answer {
        Answer::new(200, "application/json; charset=utf-8", value.to_string())
    }

    /// Too many requests: whole seconds to wait.
    pub fn later(seconds: i64) -> Answer {
        let mut answer = Answer::json(&json!({"ok": false, "error": "ratelimited"}));
        answer.status = 429;
        answer.with("retry-after", seconds.to_string())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
