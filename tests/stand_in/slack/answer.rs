//! What Slack answers to a request.

use chrono::{DateTime, Utc};
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

    /// As it goes over the wire; `keep` leaves the connection open.
    pub fn written(&self, now: DateTime<Utc>, keep: bool) -> Vec<u8> {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
        let mut whole = format!(
            "HTTP/1.1 {} {}\r\ndate: {}\r\ncontent-type: {}\r\ncache-control: no-store\r\n{}content-length: {}\r\n{}\r\n",
            self.status,
            reason(self.status),
            now.format("%a, %d %b %Y %H:%M:%S GMT"),
            self.kind,
            headers.collect::<String>(),
            self.body.len(),
            if keep { "" } else { "connection: close\r\n" },
        )
        .into_bytes();
        whole.extend_from_slice(&self.body);
        whole
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "So",
    }
}
