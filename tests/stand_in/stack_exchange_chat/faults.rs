//! What a stand-in is told to do wrong.

use super::answer::{Answer, HTML};
use super::throttle::sentence;

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A status with what usually goes with it: 302, 404, 409, 500, 502, 503.
    Status(u16),
    /// 409 with so many seconds to wait.
    Throttled(i64),
    /// 409 with a text that nobody knows.
    Conflict,
    /// 200 with a page instead of what was asked for.
    Page,
    /// 403 with the page of Cloudflare.
    Cloudflare,
    /// 200 and half of the answer; then the connection ends.
    Cut,
    /// No answer: the connection ends.
    HangUp,
    /// No answer: the connection breaks with a reset.
    Reset,
    /// No answer, and the connection stays.
    Silence,
}

/// Lets the next requests fail.
#[derive(Clone, Debug)]
pub struct Fault {
    pub how: How,
    /// So many more times.
    pub times: usize,
    /// Only requests whose path has this in it.
    pub path: Option<String>,
    /// Only requests with this method.
    pub method: Option<String>,
    /// The request has its effect, and only the answer is wrong.
    pub after: bool,
    /// So many fitting requests go well before.
    pub skip: usize,
}

impl Fault {
    /// The next request, whatever it is, fails before it has an effect.
    pub fn new(how: How) -> Fault {
        Fault {
            how,
            times: 1,
            path: None,
            method: None,
            after: false,
            skip: 0,
        }
    }

    pub fn times(mut self, times: usize) -> Fault {
        self.times = times;
        self
    }

    pub fn path(mut self, path: &str) -> Fault {
        self.path = Some(path.into());
        self
    }

    pub fn method(mut self, method: &str) -> Fault {
        self.method = Some(method.into());
        self
    }

    /// The request has its effect all the same.
    pub fn after(mut self) -> Fault {
        self.after = true;
        self
    }

    /// So many requests go well first.
    pub fn skip(mut self, skip: usize) -> Fault {
        self.skip = skip;
        self
    }
}

/// What is wrong with web sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// Seconds of the clock that a frame is late.
    pub late: i64,
    /// Each frame comes twice.
    pub twice: bool,
    /// No heartbeats.
    pub still: bool,
    /// Sockets begin with what happens from now on, whatever `l` says.
    pub forgetful: bool,
    /// So many of the next sockets open and never say anything.
    pub mute: usize,
    /// So many of the next sockets begin with `reset`.
    pub reset: usize,
    /// `/ws-auth` refuses so many times.
    pub no_tokens: usize,
    /// So many upgrades are refused.
    pub no_upgrades: usize,
}

/// Everything that goes wrong now.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub requests: Vec<Fault>,
    /// So many of the next log-ins get a captcha.
    pub captchas: usize,
    /// Captchas redirect instead of showing a page.
    pub captcha_moves: bool,
    pub frames: Frames,
}

impl Faults {
    /// The fault of this request, if it has one.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fits = |fault: &&mut Fault| {
            let on = fault.path.as_ref().is_none_or(|part| path.contains(part));
            on && fault.method.as_ref().is_none_or(|its| its == method)
        };
        let fault = self.requests.iter_mut().find(fits)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let taken = fault.clone();
        fault.times = fault.times.saturating_sub(1);
        self.requests.retain(|fault| fault.times > 0);
        Some(taken)
    }
}

impl How {
    /// The wrong answer in place of the right one; none when there is no answer.
    pub fn answer(&self, path: &str, right: Answer) -> Option<Answer> {
        let page = |status: u16, title: &str| {
            let page = format!(
                "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            );
            Some(Answer::new(status, HTML, page))
        };
        match self {
            How::Status(302) => Some(Answer::never_was(path)),
            How::Status(404) => Some(Answer::not_found()),
            How::Status(409) | How::Throttled(1) => Some(Answer::refused(409, sentence(1))),
            How::Throttled(seconds) => Some(Answer::refused(409, sentence(*seconds))),
            How::Conflict => Some(Answer::text(409, "Conflict")),
            How::Status(status @ 502) => page(*status, "502 Bad Gateway"),
            How::Status(status @ 503) => page(*status, "We are currently offline for maintenance"),
            How::Status(status) => page(*status, "Oops! Something Bad Happened!"),
            How::Page => page(200, "Oops! Something Bad Happened!"),
            How::Cloudflare => Some(
                Answer::new(
                    403,
                    HTML,
                    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>\
                     <h1>Checking your browser before accessing the site.</h1>\
                     <div id=\"cf-wrapper\">DDoS protection by Cloudflare</div></body></html>",
                )
                .with("server", "cloudflare")
                .with("cf-mitigated", "challenge"),
            ),
            How::Cut => Some(right),
            How::HangUp | How::Reset | How::Silence => None,
        }
    }
}
