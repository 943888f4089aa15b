//! Logging in: with the cookies of the last time, those of a browser, or e-mail and password.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use url::Url;

use super::door::{Session, save};
use super::wrong::{Wrong, is_human};
use super::{Chat, page};

/// How often a password is tried within [`HOUR`].
const TRIES: usize = 3;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Why nobody is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The chat or its site cannot be asked.
    Unreached(Wrong),
    /// E-mail and password do not fit.
    Password,
    /// The cookies are not good any more, and there is no password.
    Cookies,
    /// A person must show that they are one.
    Human,
    /// The password was tried as often as is good within an hour.
    Spent { until: DateTime<Utc> },
    /// The site let the account in, and the chat does not know it; or the log-in is not what it was.
    Strange(&'static str),
}

impl Failed {
    /// Plain words that stand after "because", with what the operator can do.
    pub fn words(&self, chat: &Chat) -> String {
        let site = host(&chat.settings.login);
        match self {
            Failed::Unreached(wrong) => wrong.words(),
            Failed::Password => format!(
                "{site} does not take the e-mail address and the password; the operator can correct them where `config.toml` says"
            ),
            Failed::Cookies => {
                "the cookies that `config.toml` names are not good any more; the operator can take new ones from a browser".into()
            }
            Failed::Human => format!(
                "{site} wants to see that a person logs in; the operator can give me the cookies of a browser (`cookies` in `config.toml`)"
            ),
            Failed::Spent { .. } => format!(
                "logging in at {site} has failed {TRIES} times within an hour; it is tried again later"
            ),
            Failed::Strange(what) => format!("{site} {what}"),
        }
    }
}

impl From<Wrong> for Failed {
    fn from(wrong: Wrong) -> Failed {
        match wrong {
            Wrong::Human => Failed::Human,
            wrong => Failed::Unreached(wrong),
        }
    }
}

/// Logs the account in. The password is the last way, since each log-in brings a captcha nearer.
///
/// # Errors
/// When no way leads in.
pub(super) async fn login(chat: &Chat) -> Result<(), Failed> {
    let settings = &chat.settings;
    let kept = !chat.door.jar().is_empty();
    if kept && is_in(chat).await? {
        return Ok(());
    }
    if let Some(cookies) = &settings.cookies {
        import(chat, cookies.expose_secret())?;
        if is_in(chat).await? {
            save(&chat.door.jar());
            return Ok(());
        }
    }
    let (Some(email), Some(password)) = (&settings.email, &settings.password) else {
        return Err(Failed::Cookies);
    };
    with_password(chat, email, password.expose_secret()).await?;
    match is_in(chat).await? {
        true => Ok(()),
        false => Err(Failed::Strange(
            "has let the account in, but the chat does not know it",
        )),
    }
}

async fn is_in(chat: &Chat) -> Result<bool, Failed> {
    Ok(matches!(chat.door.verify().await?, Session::In { .. }))
}

/// Puts the cookies of a browser in the place of those that are no longer good.
fn import(chat: &Chat, cookies: &str) -> Result<(), Failed> {
    let (site, chats) = (parse(&chat.settings.login)?, parse(&chat.settings.url)?);
    let mut jar = chat.door.jar();
    jar.clear();
    jar.import(cookies, &site, &chats);
    Ok(())
}

async fn with_password(chat: &Chat, email: &str, password: &str) -> Result<(), Failed> {
    let address = format!("{}/users/login", chat.settings.login);
    let site = parse(&address)?;
    let now = chat.clock.now();
    {
        let mut jar = chat.door.jar();
        // Nothing of an old log-in shall be in the way of a new one.
        jar.clear();
        if let Some(until) = jar.spent(TRIES, HOUR, now) {
            return Err(Failed::Spent { until });
        }
    }
    let form = chat.door.ask(&address, None, None).await?;
    if let Some(wrong) = Wrong::of(&form) {
        return Err(wrong.into());
    }
    let Some(fkey) = page::read(&form.text()).fkey else {
        return Err(match is_human(&form.text()) {
            true => Failed::Human,
            false => Failed::Strange("has no form to log in with"),
        });
    };
    {
        let mut jar = chat.door.jar();
        jar.tried(now, HOUR);
        save(&jar);
    }
    let fields = [
        ("email", email),
        ("password", password),
        ("fkey", fkey.as_str()),
        ("ssrc", "login"),
        ("oauth_version", ""),
        ("oauth_server", ""),
        ("openid_username", ""),
        ("openid_identifier", ""),
    ];
    let reply = chat.door.ask(&address, Some(&fields), None).await?;
    match reply.status {
        300..=399 => {
            let to = reply.header("location").and_then(|to| site.join(to).ok());
            let home = to.is_some_and(|to| to.path() == "/");
            match home && chat.door.jar().has_account(&site, now) {
                true => Ok(()),
                false => Err(Failed::Human),
            }
        }
        200..=299 => {
            let text = reply.text();
            let form = page::read(&text).login_form;
            Err(match is_human(&text) {
                true => Failed::Human,
                false if form => Failed::Password,
                false => Failed::Strange("answers the log-in with a page that nobody knows"),
            })
        }
        _ => Err(Wrong::of(&reply).map_or(
            Failed::Strange("answers the log-in strangely"),
            Failed::from,
        )),
    }
}

fn parse(address: &str) -> Result<Url, Failed> {
    Url::parse(address).map_err(|error| {
        let what = error.to_string();
        Failed::Unreached(Wrong::Unreached { what })
    })
}

/// The host of an address, as people know it.
fn host(address: &str) -> String {
    crate::http::host(address).unwrap_or_else(|_| address.into())
}
