//! What a stand-in is told to do wrong.

use super::answer::Answer;
use super::refused::Refused;

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// 429 with so many seconds to wait.
    Later(i64),
    /// A page with this status, as a proxy sends it.
    Status(u16),
    /// 200 with `ok: false` and this code.
    Error(String),
    /// The right answer, so many seconds late.
    Slow(i64),
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
    /// Only this method, as `chat.postMessage`; for what is no method a part of the path.
    pub method: Option<String>,
    /// Only requests about this channel.
    pub channel: Option<String>,
    /// The request has its effect, and only the answer is wrong.
    pub after: bool,
    /// So many fitting requests go well before.
    pub skip: usize,
    /// After that, each of so many: 1 is every request, 3 is every third.
    pub every: usize,
}

impl Fault {
    /// The next request, whatever it is, fails before it has an effect.
    pub fn new(how: How) -> Fault {
        Fault {
            how,
            times: 1,
            method: None,
            channel: None,
            after: false,
            skip: 0,
            every: 1,
        }
    }

    pub fn times(mut self, times: usize) -> Fault {
        self.times = times;
        self
    }

    pub fn method(mut self, method: &str) -> Fault {
        self.method = Some(method.into());
        self
    }

    pub fn channel(mut self, channel: &str) -> Fault {
        self.channel = Some(channel.into());
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

    /// Each of so many fitting requests only.
    pub fn every(mut self, every: usize) -> Fault {
        self.every = every.max(1);
        self.skip = self.skip.max(every.saturating_sub(1));
        self
    }
}

/// What is wrong with deliveries and web sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Seconds of the clock that an event is late.
    pub late: i64,
    /// So many of the next events come again although they were acknowledged.
    pub twice: usize,
    /// So many of the next acknowledgements are lost.
    pub lost_acks: usize,
    /// So many of the next sockets open and never say anything.
    pub mute: usize,
    /// No pings.
    pub still: bool,
    /// So many upgrades are refused.
    pub no_upgrades: usize,
}

/// Everything that goes wrong now.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub requests: Vec<Fault>,
    pub wire: Wire,
}

impl Faults {
    /// The fault of this request, if it has one.
    pub fn take(&mut self, path: &str, channel: Option<&str>) -> Option<Fault> {
        let method = path.strip_prefix("/api/");
        let fits = |fault: &&mut Fault| {
            let on = fault.method.as_deref().is_none_or(|its| match method {
                Some(method) => method == its,
                None => path.contains(its),
            });
            on && (fault.channel.is_none() || fault.channel.as_deref() == channel)
        };
        let mut taken = None;
        for fault in self.requests.iter_mut().filter(fits) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            taken = Some(fault.clone());
            fault.times = fault.times.saturating_sub(1);
            fault.skip = fault.every.saturating_sub(1);
            break;
        }
        self.requests.retain(|fault| fault.times > 0);
        taken
    }
}

impl How {
    /// The wrong answer in place of the right one; none when there is no answer.
    pub fn answer(&self, right: Answer) -> Option<Answer> {
        match self {
            How::Later(seconds) => Some(Answer::later(*seconds)),
            How::Status(status) => Some(Answer::new(
                *status,
                "text/html; charset=utf-8",
                format!("<html><body><h1>{status}</h1></body></html>"),
            )),
            How::Error(code) => Some(Answer::json(&Refused::from(code.as_str()).json())),
            How::Cut | How::Slow(_) => Some(right),
            How::HangUp | How::Reset | How::Silence => None,
        }
    }
}
