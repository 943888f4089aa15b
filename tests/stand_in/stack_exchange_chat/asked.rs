//! A request and who makes it.

use super::answer::Answer;
use super::logins::opaque;
use super::refused::Refused;
use super::request::Request;
use super::server::{HOSTS, World};

/// A request, read.
pub struct Asked<'a> {
    pub request: &'a Request,
    /// Without the query, as sent.
    pub path: &'a str,
    /// The path cut at slashes; doubled ones and one at the end count for nothing.
    pub parts: Vec<&'a str>,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    /// Which chat.
    pub chat: usize,
    /// Unix seconds.
    pub now: i64,
    /// What cookies get: nothing on an address of this machine, otherwise `.stackexchange.com` or the like.
    pub domain: &'static str,
    pub visitor: Visitor,
}

/// Who makes a request.
pub struct Visitor {
    /// The cookie of the login, whether it is good or not.
    pub acct: Option<String>,
    /// None when nobody is logged in.
    pub email: Option<String>,
    /// In this chat.
    pub user: Option<i64>,
    /// Of this login, or of this stranger, on this host.
    pub fkey: String,
    /// A number that this visitor gets now.
    pub prov: Option<String>,
    /// Whether the chat's own cookie is missing.
    pub unmarked: bool,
}

impl<'a> Asked<'a> {
    pub fn read(request: &'a Request, world: &mut World, hosts: bool) -> Asked<'a> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let host = request.header("host").unwrap_or_default();
        let host = host.split(':').next().unwrap_or(host);
        let (chat, domain) = place(host, hosts);
        let now = world.chats[chat].now();
        let pairs = |bytes| {
            let all = url::form_urlencoded::parse(bytes);
            all.map(|(name, value)| (name.trim().to_string(), value.into_owned()))
                .collect()
        };
        let mut asked = Asked {
            request,
            path,
            parts: path.split('/').filter(|part| !part.is_empty()).collect(),
            query: pairs(query.as_bytes()),
            form: Vec::new(),
            chat,
            now,
            domain,
            visitor: Visitor {
                acct: cookie(request, "acct"),
                email: None,
                user: None,
                fkey: String::new(),
                prov: None,
                // The site itself is no chat.
                unmarked: (domain.is_empty() || host.starts_with("chat."))
                    && cookie(request, mark(chat, domain)).is_none(),
            },
        };
        if asked.typed() {
            asked.form = pairs(&request.body);
        }
        asked.recognise(world);
        asked
    }

    fn recognise(&mut self, world: &mut World) {
        let acct = self.visitor.acct.as_deref().unwrap_or_default();
        let session = world.logins.session(acct, self.domain, self.now);
        let host = HOSTS[self.chat];
        if let Some(session) = session {
            self.visitor.email = Some(session.email.clone());
            self.visitor.fkey = opaque(&format!("fkey {acct} {host}"))[..32].into();
            self.visitor.user = world.user_of(self.chat, &session.email.clone());
            return;
        }
        let known = cookie(self.request, "prov");
        let prov = known.unwrap_or_else(|| {
            let new = uuid(&world.logins.next("prov"));
            self.visitor.prov = Some(new.clone());
            new
        });
        self.visitor.fkey = opaque(&format!("fkey {prov} {host}"))[..32].into();
    }

    /// Whether a form is in the body, or nothing at all.
    pub fn typed(&self) -> bool {
        let kind = self.request.header("content-type");
        let form = kind.is_some_and(|kind| {
            kind.to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded")
        });
        form || self.request.body.is_empty()
    }

    /// A field of the form, or of the query.
    pub fn field(&self, name: &str) -> Option<&str> {
        let all = self.form.iter().chain(&self.query);
        let mut found = all.filter(|(its, _)| its.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.field(name)?.trim().parse().ok()
    }

    pub fn yes(&self, name: &str) -> bool {
        self.field(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// Fields whose names begin with `start`, without it, with their numbers.
    pub fn numbered(&self, start: &str) -> Vec<(i64, i64)> {
        let all = self.form.iter().chain(&self.query);
        let all = all.filter_map(|(name, value)| {
            let number = name.strip_prefix(start)?.parse().ok()?;
            Some((number, value.trim().parse().unwrap_or(0)))
        });
        all.collect()
    }

    /// A list such as `1,2,3`.
    pub fn list(&self, name: &str) -> Vec<i64> {
        let all = self.field(name).unwrap_or_default().split(',');
        all.filter_map(|one| one.trim().parse().ok()).collect()
    }

    /// The fields of the form as a log may keep them.
    pub fn log(&self) -> Vec<(String, String)> {
        let all = self.form.iter().cloned();
        all.filter(|(name, _)| name != "password").collect()
    }

    /// Who asks, when the form has the right key.
    ///
    /// # Errors
    /// For strangers and wrong keys.
    pub fn user(&self) -> Result<i64, Refused> {
        self.key()?;
        self.visitor.user.ok_or(Refused::Key)
    }

    /// Whether the form has the key of this visitor, who may be a stranger.
    ///
    /// # Errors
    /// When it has not.
    pub fn key(&self) -> Result<(), Refused> {
        let same = self.field("fkey") == Some(self.visitor.fkey.as_str());
        same.then_some(()).ok_or(Refused::Key)
    }

    /// `Set-Cookie` with the attributes of this host.
    pub fn cookie(&self, name: &str, value: &str, seconds: i64, rest: &str) -> String {
        let place = match self.domain {
            "" => String::new(),
            domain => format!("; domain={domain}; secure"),
        };
        let until = chrono::DateTime::from_timestamp(self.now + seconds, 0);
        let until = until.expect("a date of our days");
        let until = until.format("%a, %d %b %Y %H:%M:%S GMT");
        format!("{name}={value}{place}; path=/; expires={until}{rest}")
    }

    /// Adds the cookies that this visitor gets on any page.
    pub fn marked(&self, mut answer: Answer) -> Answer {
        if let Some(prov) = &self.visitor.prov {
            let cookie = self.cookie("prov", prov, 10 * 365 * 86_400, "; HttpOnly");
            answer = answer.with("set-cookie", cookie);
        }
        let page = self.request.method == "GET" && answer.status == 200;
        if page && self.visitor.user.is_some() && self.visitor.unmarked {
            let acct = self.visitor.acct.as_deref().unwrap_or_default();
            let value = format!("t={}", &opaque(&format!("mark {acct}"))[..32]);
            let until = chrono::DateTime::from_timestamp(self.now + 180 * 86_400, 0);
            let until = until.expect("a date of our days");
            let secure = if self.domain.is_empty() {
                ""
            } else {
                "; secure"
            };
            // It belongs to the chat host alone.
            let until = until.format("%a, %d %b %Y %H:%M:%S GMT");
            let name = mark(self.chat, self.domain);
            let cookie = format!("{name}={value}{secure}; path=/; expires={until}; HttpOnly");
            answer = answer.with("set-cookie", cookie);
        }
        answer
    }
}

/// The chat and the domain of cookies that belong to a host.
fn place(host: &str, hosts: bool) -> (usize, &'static str) {
    let real = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    let (chat, domain) = match host {
        "chat.meta.stackexchange.com" => (2, ".stackexchange.com"),
        _ if real("stackoverflow.com") => (1, ".stackoverflow.com"),
        _ if real("stackexchange.com") => (0, ".stackexchange.com"),
        // An address of this machine.
        _ => (0, ""),
    };
    (if hosts { chat } else { 0 }, domain)
}

/// The name of the cookie that a chat sets itself.
fn mark(chat: usize, domain: &str) -> &'static str {
    match (chat, domain) {
        (0, ".stackexchange.com") => "sechatusr",
        _ => "chatusr",
    }
}

fn cookie(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers.iter();
    let all = headers.filter(|(header, _)| header == "cookie");
    let mut pairs = all.flat_map(|(_, value)| value.split(';'));
    pairs.find_map(|pair| {
        let (its, value) = pair.trim().split_once('=')?;
        (its == name).then(|| value.to_string())
    })
}

fn uuid(hex: &str) -> String {
    let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
    cuts.map(|cut| &hex[cut]).join("-")
}

impl World {
    /// The user of a chat with this e-mail; who is known in another chat is made one here.
    pub fn user_of(&mut self, chat: usize, email: &str) -> Option<i64> {
        if let Some(account) = self.chats[chat].by_email(email) {
            return Some(account.id);
        }
        let mut all = self.chats.iter();
        let other = all.find_map(|chat| chat.by_email(email))?.clone();
        Some(self.chats[chat].account(&other.email, &other.password, &other.name))
    }
}
