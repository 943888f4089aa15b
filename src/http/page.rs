//! What is asked of a host, and what it gives.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use super::{HttpError, address, fresh};

/// The longest validator that is kept and sent back, in bytes.
const VALIDATOR: usize = 1000;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    /// Sent as `If-None-Match`.
    pub etag: Option<String>,
    /// Sent as `If-Modified-Since`, as the host wrote it.
    pub last_modified: Option<String>,
    pub accept: &'static str,
    /// Whatever the status is, the answer is a page; see [`Request::whatever_it_says`].
    pub whatever: bool,
    /// The longest time for all of it; the door's own time-out when it is shorter.
    pub within: Option<Duration>,
}

/// What is sent along with a question.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    pub(super) content_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Passwords and cookies travel in these: what is shown of them is their size.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.len();
        write!(f, "Body({}, {bytes} bytes)", self.content_type)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({}, {:?})", self.url, self.body)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

impl Body {
    pub fn json(value: &serde_json::Value) -> Body {
        Body {
            content_type: "application/json",
            bytes: value.to_string().into_bytes(),
        }
    }

    /// The same, and says how its characters are written, for hosts that complain otherwise.
    pub fn json_in_utf8(value: &serde_json::Value) -> Body {
        Body {
            content_type: "application/json; charset=utf-8",
            ..Body::json(value)
        }
    }

    /// The fields of a form, as a browser sends them.
    pub fn form(fields: &[(&str, &str)]) -> Body {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Body {
            content_type: "application/x-www-form-urlencoded",
            bytes: form.into_bytes(),
        }
    }
}

impl Request {
    pub fn new(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            etag: None,
            last_modified: None,
            accept: "*/*",
            whatever: false,
            within: None,
        }
    }

    /// A refusal (400 and above) is a page too, with its status and its body: some hosts say there what is wrong.
    /// "Not now" (429, 503) stays an error, and the host gets its rest.
    pub fn whatever_it_says(mut self) -> Request {
        self.whatever = true;
        self
    }

    /// Gives up sooner than others do.
    pub fn within(mut self, time: Duration) -> Request {
        self.within = Some(time);
        self
    }

    /// Says which types are welcome.
    pub fn accept(mut self, types: &'static str) -> Request {
        self.accept = types;
        self
    }

    /// Asks only for what changed since a page that came with these.
    pub fn unless(mut self, etag: Option<String>, last_modified: Option<String>) -> Request {
        self.etag = etag;
        self.last_modified = last_modified;
        self
    }
}

/// A call of a client that speaks a protocol of its own: the answer comes back as it is, whatever it says. Redirects
/// are not followed, and the host's line is not asked: the client has manners of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    pub url: String,
    /// Sent along; what [`Reply`] keeps is not limited by them.
    pub headers: Vec<(&'static str, String)>,
    /// With a body it is a POST, without one a GET.
    pub body: Option<Body>,
}

impl Call {
    pub fn get(url: impl Into<String>) -> Call {
        Call {
            url: url.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub fn post(url: impl Into<String>, body: Body) -> Call {
        Call {
            body: Some(body),
            ..Call::get(url)
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Call {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a host said to a [`Call`].
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// All of them, names in small letters.
    pub headers: Vec<(String, String)>,
    /// Unpacked.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    /// Every header of this name.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Its body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// A page that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// 200 to 299, or 304: nothing changed, no body. Any other only where the request takes what the host says.
    pub status: u16,
    /// Where it was found in the end.
    pub url: String,
    /// The same, when every redirect on the way there was a permanent one and there was at least one.
    pub moved: Option<String>,
    /// Unpacked.
    pub body: Vec<u8>,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// When the host says it answered, by its own clock.
    pub date: Option<DateTime<Utc>>,
    /// For how long it says it will not change.
    pub fresh: Option<Duration>,
}

/// What one hop gave.
pub(super) struct Answer {
    pub status: u16,
    /// Names in lower case; only those that somebody reads.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where it points, if it is a redirect that says so.
    pub fn redirect(&self) -> Option<&str> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
            .then(|| self.header("location"))
            .flatten()
    }
}

impl Page {
    /// A page from the last answer.
    pub(super) fn from_answer(
        answer: Answer,
        request: &Request,
        url: &Url,
        moved: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Page, HttpError> {
        let said = request.whatever && answer.status >= 400;
        if !said && !matches!(answer.status, 200..=299 | 304) {
            return Err(HttpError::Status {
                host: address::shown(url),
                status: answer.status,
            });
        }
        let short = |name| {
            answer
                .header(name)
                .filter(|value| !value.is_empty() && value.len() <= VALIDATOR)
                .map(String::from)
        };
        Ok(Page {
            status: answer.status,
            url: url.to_string(),
            moved,
            content_type: short("content-type"),
            etag: short("etag"),
            last_modified: short("last-modified"),
            date: answer.header("date").and_then(fresh::date),
            fresh: fresh::fresh(&answer, now),
            body: answer.body,
        })
    }
}
