//! Why a page could not be had, in words for people.

use std::time::Duration;

/// Why a page could not be had. The messages are plain words that stand after "because".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("`{shown}` is no web address: {why}")]
    BadUrl { shown: String, why: String },
    #[error(
        "the address carries a name and password, which everybody in the room would see; the operator can put them in `config.toml` under `[http]`"
    )]
    Password,
    #[error("there is no host called {host}")]
    NoSuchHost { host: String },
    #[error("the name {host} cannot be looked up at the moment")]
    NameTrouble { host: String },
    #[error(
        "{host} is a private address; the operator can allow it with `[http] allow_private = true`"
    )]
    Private { host: String },
    #[error("{host} does not answer (nothing complete for {})", words(*.waited))]
    NoAnswer { host: String, waited: Duration },
    #[error("{host} refuses the connection")]
    Refused { host: String },
    #[error("{host} cannot be reached from here")]
    Unreachable { host: String },
    #[error("the connection to {host} broke off")]
    BrokeOff { host: String },
    #[error("{host} cannot be asked over https: {why}")]
    Tls { host: String, why: String },
    #[error("{host} answered {status} ({})", meaning(*.status))]
    Status { host: String, status: u16 },
    /// It said 429 or 503.
    #[error("{host} wants to be asked again in {}", words(*.rest))]
    Later { host: String, rest: Duration },
    /// It was not asked, because it failed several times in a row.
    #[error("{host} failed several times in a row; it is asked again in {}", words(*.rest))]
    Resting { host: String, rest: Duration },
    #[error("the page is larger than {}", size(*.largest))]
    TooLarge { largest: usize },
    #[error("{host} leads from page to page without an end (more than {most} redirects)")]
    TooManyRedirects { host: String, most: usize },
    /// It answered with a redirect to what was sent, and only questions are asked elsewhere again.
    #[error("{host} points elsewhere, and what is sent there is not sent on")]
    NotSentOn { host: String },
    #[error("{host} does not speak as a web socket does")]
    NoSocket { host: String },
    #[error("what {host} sent is damaged and cannot be unpacked")]
    Damaged { host: String },
    #[error("my certificate is of no use: {why}")]
    Identity { why: String },
    #[error("the door to the web cannot be opened: {why}")]
    Setup { why: String },
}

impl HttpError {
    /// How long the host must be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            HttpError::Later { rest, .. } | HttpError::Resting { rest, .. } => Some(*rest),
            HttpError::BadUrl { .. }
            | HttpError::Password
            | HttpError::NoSuchHost { .. }
            | HttpError::NameTrouble { .. }
            | HttpError::Private { .. }
            | HttpError::NoAnswer { .. }
            | HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::BrokeOff { .. }
            | HttpError::Tls { .. }
            | HttpError::Status { .. }
            | HttpError::TooLarge { .. }
            | HttpError::TooManyRedirects { .. }
            | HttpError::NotSentOn { .. }
            | HttpError::NoSocket { .. }
            | HttpError::Damaged { .. }
            | HttpError::Identity { .. }
            | HttpError::Setup { .. } => None,
        }
    }

    /// Whether the whole host is in trouble or wants rest, and not just this page or the question.
    pub fn is_of_host(&self) -> bool {
        match self {
            HttpError::NoSuchHost { .. }
            | HttpError::NameTrouble { .. }
            | HttpError::NoAnswer { .. }
            | HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::BrokeOff { .. }
            | HttpError::Tls { .. }
            | HttpError::Later { .. }
            | HttpError::Resting { .. } => true,
            HttpError::Status { status, .. } => (502..=504).contains(status),
            HttpError::BadUrl { .. }
            | HttpError::Password
            | HttpError::Private { .. }
            | HttpError::TooLarge { .. }
            | HttpError::TooManyRedirects { .. }
            | HttpError::NotSentOn { .. }
            | HttpError::NoSocket { .. }
            | HttpError::Damaged { .. }
            | HttpError::Identity { .. }
            | HttpError::Setup { .. } => false,
        }
    }

    /// What was sent may have reached the host and had its effect, although no whole answer came back.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            HttpError::NoAnswer { .. }
            | HttpError::BrokeOff { .. }
            | HttpError::Status { .. }
            | HttpError::TooLarge { .. }
            | HttpError::TooManyRedirects { .. }
            | HttpError::NotSentOn { .. }
            | HttpError::NoSocket { .. }
            | HttpError::Damaged { .. } => true,
            HttpError::BadUrl { .. }
            | HttpError::Password
            | HttpError::NoSuchHost { .. }
            | HttpError::NameTrouble { .. }
            | HttpError::Private { .. }
            | HttpError::Refused { .. }
            | HttpError::Unreachable { .. }
            | HttpError::Tls { .. }
            | HttpError::Later { .. }
            | HttpError::Resting { .. }
            | HttpError::Identity { .. }
            | HttpError::Setup { .. } => false,
        }
    }

    /// The host says that the page is gone for good.
    pub fn is_gone(&self) -> bool {
        matches!(self, HttpError::Status { status: 410, .. })
    }
}

/// A length of time in words, rounded up: `5 minutes`.
fn words(time: Duration) -> String {
    let millis = time.as_millis();
    let seconds = u64::try_from(millis.div_ceil(1000)).unwrap_or(u64::MAX);
    let (n, unit) = match seconds {
        0 | 1 if millis < 1000 => return format!("{millis} milliseconds"),
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds.div_ceil(60), "minute"),
        7200..=172_799 => (seconds.div_ceil(3600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// What a status means to someone who does not know the numbers.
fn meaning(status: u16) -> &'static str {
    match status {
        401 | 407 => "it wants a name and password",
        402 => "it wants money",
        403 => "it does not let us",
        404 => "not found",
        405 | 406 => "it does not give this page to programs",
        408 => "it waited too long for us",
        410 => "gone for good",
        429 => "too many questions",
        451 => "not available for legal reasons",
        502..=504 => "it is overloaded or being repaired",
        other => match other / 100 {
            3 => "it points elsewhere without saying where",
            4 => "it does not like the question",
            5 => "something is broken there",
            _ => "which is no page",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        for (seconds, shown) in [
            (1, "1 second"),
            (30, "30 seconds"),
            (61, "61 seconds"),
            (300, "5 minutes"),
            (301, "6 minutes"),
            (7200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(words(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(words(Duration::from_millis(300)), "300 milliseconds");
    }

    #[test]
    fn messages_are_plain_words() {
        let error = HttpError::Status {
            host: "example.org".into(),
            status: 404,
        };
        assert_eq!(error.to_string(), "example.org answered 404 (not found)");
        assert_eq!(
            HttpError::TooLarge { largest: 10 << 20 }.to_string(),
            "the page is larger than 10 MiB"
        );
    }
}
