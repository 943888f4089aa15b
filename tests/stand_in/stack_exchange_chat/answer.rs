//! What the chat answers to a request.

use std::fmt::Write as _;

use serde_json::Value;

/// An answer that is not on the wire yet.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The content type.
    pub kind: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

pub const HTML: &str = "text/html; charset=utf-8";
pub const TEXT: &str = "text/plain; charset=utf-8";
pub const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    pub fn new(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            kind,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub fn html(body: String) -> Answer {
        Answer::new(200, HTML, body)
    }

    pub fn text(status: u16, body: impl Into<String>) -> Answer {
        Answer::new(status, TEXT, body.into())
    }

    /// JSON as the chat writes it, see [`json`].
    pub fn json(value: &Value) -> Answer {
        Answer::new(200, JSON, json(value))
    }

    /// A text for people: `chat: error` lets the site's own script show it.
    pub fn refused(status: u16, body: impl Into<String>) -> Answer {
        Answer::text(status, body).with("chat", "error")
    }

    /// A redirect.
    pub fn found(location: impl Into<String>) -> Answer {
        let location = location.into();
        let href = escape(&location);
        let page =
            format!("<html><body>Object moved to <a href=\"{href}\">here</a>.</body></html>");
        Answer::new(302, HTML, page).with("location", location)
    }

    /// What an id that never was gets.
    pub fn never_was(path: &str) -> Answer {
        Answer::found(format!("/error?aspxerrorpath={path}"))
    }

    pub fn not_found() -> Answer {
        let page = "<!DOCTYPE html><html><head><title>Page not found</title></head>\
                    <body><h2>Page not found</h2></body></html>";
        Answer::new(404, HTML, page)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// JSON without `<`, `>` and `&`, which stand as `\u003c`, `\u003e` and `\u0026`.
pub fn json(value: &Value) -> String {
    // They stand in strings only, where such an escape means the same.
    let mut text = value.to_string();
    for (sign, escape) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        if text.contains(sign) {
            text = text.replace(sign, escape);
        }
    }
    text
}

/// Text as HTML, in the spelling of the chat.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(sign),
        }
    }
    html
}

/// HTML with each sign outside ASCII as a number, as some pages have it.
pub fn numbered(html: &str) -> String {
    let mut all = String::with_capacity(html.len());
    for sign in html.chars() {
        if sign.is_ascii() {
            all.push(sign);
        } else {
            // A String takes everything.
            let _ = write!(all, "&#{};", sign as u32);
        }
    }
    all
}
