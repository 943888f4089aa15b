//! The way to the chat as the account that is logged in: cookies, the key of its forms, where requests come from.

use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use url::Url;

use super::Settings;
use super::jar::Jar;
use super::page::{self, Me, Page};
use super::wrong::Wrong;
use crate::clock::Clock;
use crate::http::{Body, Call, Http, HttpError, Reply, Socket};

/// How long a look at who is logged in is believed.
const BELIEVED: TimeDelta = TimeDelta::seconds(60);
/// The page that is cheapest and shows who is logged in, with the key of all forms.
const HOME: &str = "/chats/join/favorite";

/// The way to one chat.
pub(super) struct Door {
    http: Http,
    clock: Clock,
    /// Without a slash at the end.
    url: String,
    jar: Mutex<Jar>,
    session: watch::Sender<Session>,
    /// Who was logged in last.
    me: Mutex<Option<Me>>,
    /// When it was last looked who is logged in; held while that is done.
    looked: tokio::sync::Mutex<Option<DateTime<Utc>>>,
}

/// Whether the account is logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Session {
    #[default]
    Out,
    /// With the key that every form sends back.
    In { fkey: String },
}

/// Whether an answer may mean that the account is not logged in any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    None,
    /// It may just as well be true.
    Weak,
    /// It makes no other sense.
    Strong,
}

impl Door {
    pub fn new(settings: &Settings, http: Http, clock: Clock) -> Door {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let file = settings.name.replace(|c| !plain(c), "_") + ".cookies";
        let account = [
            &settings.url,
            &settings.login,
            settings.email.as_deref().unwrap_or_default(),
        ];
        let jar = Jar::open(
            settings.folder.join(file),
            &account.map(|part| part as &str),
        );
        Door {
            http,
            clock,
            url: settings.url.clone(),
            jar: Mutex::new(jar),
            session: watch::Sender::default(),
            me: Mutex::default(),
            looked: tokio::sync::Mutex::default(),
        }
    }

    /// The account; none before it was logged in.
    pub fn me(&self) -> Option<Me> {
        self.known().clone()
    }

    /// The account is called something else now.
    pub fn renamed(&self, name: String) {
        if let Some(me) = &mut *self.known() {
            me.name = name;
        }
    }

    /// The account is logged in, as far as is known.
    pub fn is_in(&self) -> bool {
        *self.session.borrow() != Session::Out
    }

    fn known(&self) -> MutexGuard<'_, Option<Me>> {
        self.me.lock().expect("nothing panics while it holds it")
    }

    /// Tells of every change of who is logged in.
    pub fn session(&self) -> watch::Receiver<Session> {
        self.session.subscribe()
    }

    /// Asks the chat for a page; `path` begins with a slash.
    ///
    /// # Errors
    /// When there is none, or it says that it did not do it.
    pub async fn get(&self, path: &str) -> Result<Reply, Wrong> {
        let url = format!("{}{path}", self.url);
        let reply = self.ask(&url, None, None).await?;
        match Wrong::of(&reply) {
            None => Ok(reply),
            Some(wrong) => Err(wrong),
        }
    }

    /// Sends a form to the chat, with the account's key; where that is refused, once more with the key of now.
    /// `path` begins with a slash.
    ///
    /// # Errors
    /// When no answer comes, or it says that it was not done. Refusals with the status 200 are answers.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, Wrong> {
        let room = path.split('/').find_map(|part| part.parse().ok());
        self.post_from(room.unwrap_or_default(), path, fields).await
    }

    /// The same from the page of a room: edits are refused from elsewhere.
    ///
    /// # Errors
    /// As [`Door::post`].
    pub async fn post_from(
        &self,
        room: u64,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Reply, Wrong> {
        let url = format!("{}{path}", self.url);
        let mut first = true;
        loop {
            let fkey = match &*self.session.borrow() {
                Session::In { fkey } => fkey.clone(),
                Session::Out => return Err(Wrong::LoggedOut),
            };
            let mut form = fields.to_vec();
            form.push(("fkey", &fkey));
            let reply = self.ask(&url, Some(&form), Some(room)).await?;
            let wrong = Wrong::of(&reply);
            // Nobody knows what the chat says to a wrong key, or to somebody who is no longer logged in.
            let doubt = match &wrong {
                None if !is_page(&reply) => return Ok(reply),
                Some(Wrong::Refused { .. } | Wrong::LoggedOut) => Doubt::Strong,
                None | Some(Wrong::Missing | Wrong::Barred { .. }) => Doubt::Weak,
                Some(
                    Wrong::Unreached { .. }
                    | Wrong::Unsure { .. }
                    | Wrong::Broken { .. }
                    | Wrong::Throttled { .. }
                    | Wrong::Closed { .. }
                    | Wrong::TooLong
                    | Wrong::Human,
                ) => Doubt::None,
            };
            let said = match &wrong {
                Some(Wrong::Refused { said, .. }) => said.as_str(),
                Some(_) | None => "log in",
            };
            match self.renewed(&fkey, doubt, said).await {
                // After a page nobody knows whether it was done.
                Ok(true) if first && wrong.is_some() => first = false,
                Err(error) if error == Wrong::LoggedOut || doubt == Doubt::Strong => {
                    return Err(error);
                }
                Ok(_) | Err(_) => return wrong.map_or(Ok(reply), Err),
            }
        }
    }

    /// Looks who is logged in. Afterwards the session is that; where it was another one before, everybody who waits
    /// for a change is told.
    ///
    /// # Errors
    /// When the chat does not say; then the session stays as it was.
    pub async fn verify(&self) -> Result<Session, Wrong> {
        let mut looked = self.looked.lock().await;
        self.look(&mut looked).await
    }

    async fn look(&self, looked: &mut Option<DateTime<Utc>>) -> Result<Session, Wrong> {
        let session = match self.page(HOME).await {
            Err(Wrong::LoggedOut) => Session::Out,
            Err(wrong) => return Err(wrong),
            Ok(page) => match (page.me, page.fkey) {
                (Some(me), Some(fkey)) => {
                    *self.known() = Some(me);
                    Session::In { fkey }
                }
                // Strangers get a key, too.
                (None, Some(_)) => Session::Out,
                (_, None) => {
                    return Err(Wrong::Unsure {
                        what: "the chat answered with a page that is none of its own".into(),
                    });
                }
            },
        };
        *looked = Some(self.clock.now());
        self.session.send_if_modified(|known| {
            let other = *known != session;
            *known = session.clone();
            other
        });
        Ok(session)
    }

    /// A page of the chat, read.
    ///
    /// # Errors
    /// As [`Door::get`].
    pub async fn page(&self, path: &str) -> Result<Page, Wrong> {
        Ok(page::read(&self.get(path).await?.text()))
    }

    /// A form was answered in a way that may be about its key: whether there is another key now.
    /// `said` is what the chat said.
    async fn renewed(&self, old: &str, doubt: Doubt, said: &str) -> Result<bool, Wrong> {
        if doubt == Doubt::None {
            return Ok(false);
        }
        let mut looked = self.looked.lock().await;
        let fkey = |session: &Session| match session {
            Session::In { fkey } => Some(fkey.clone()),
            Session::Out => None,
        };
        match fkey(&self.session.borrow()) {
            None => return Err(Wrong::LoggedOut),
            Some(now) if now != old => return Ok(true),
            Some(_) => {}
        }
        let now = self.clock.now();
        if let Some(looked) = *looked
            && now - looked < BELIEVED
        {
            return match doubt {
                Doubt::None | Doubt::Weak => Ok(false),
                Doubt::Strong => Err(Wrong::Closed {
                    what: said.into(),
                    rest: (looked + BELIEVED - now).to_std().unwrap_or_default(),
                }),
            };
        }
        match fkey(&self.look(&mut looked).await?) {
            None => Err(Wrong::LoggedOut),
            Some(now) => Ok(now != old),
        }
    }

    /// Asks any address with the cookies that belong there, and keeps those that it sets. `room` says from which room's
    /// page a form of the chat comes.
    ///
    /// # Errors
    /// When no whole answer comes.
    pub async fn ask(
        &self,
        url: &str,
        form: Option<&[(&str, &str)]>,
        room: Option<u64>,
    ) -> Result<Reply, Wrong> {
        let parsed = Url::parse(url).map_err(|error| Wrong::Unreached {
            what: error.to_string(),
        })?;
        let mut call = match form {
            None => Call::get(url),
            Some(fields) => {
                let call = Call::post(url, Body::form(fields));
                let call = call.header("Origin", parsed.origin().ascii_serialization());
                match room {
                    Some(0) => call.header("Referer", format!("{}/", self.url)),
                    Some(room) => call.header("Referer", format!("{}/rooms/{room}", self.url)),
                    None => call.header("Referer", url),
                }
            }
        };
        if let Some(cookies) = self.jar().header(&parsed, self.clock.now()) {
            call = call.header("Cookie", cookies);
        }
        let reply = self.http.call(&call).await?;
        let now = self.clock.now();
        let mut jar = self.jar();
        if jar.take(&parsed, reply.headers("set-cookie"), now) {
            save(&jar);
        }
        Ok(reply)
    }

    /// Opens a socket of the chat.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    pub async fn socket(&self, url: &str) -> Result<Socket, HttpError> {
        self.http.socket(url, &[("Origin", &self.url)]).await
    }

    /// The account's cookies.
    pub fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().expect("nothing panics while it holds it")
    }
}

/// A page, where the chat answers forms with a text or with JSON.
fn is_page(reply: &Reply) -> bool {
    reply.text().trim_start().starts_with('<')
}

/// Writes the cookies down. Where that fails, the next start needs the password.
pub(super) fn save(jar: &Jar) {
    if let Err(error) = jar.save() {
        tracing::warn!(%error, "the cookies of a chat cannot be kept");
    }
}
