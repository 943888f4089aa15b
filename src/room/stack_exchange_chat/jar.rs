//! The cookies of one account: taken from answers, sent back byte for byte, kept in a file between two starts.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

/// The cookie that says who is logged in; there is never more than one of it for a host.
const ACCOUNT: &str = "acct";
/// The most cookies, and the longest one, in bytes.
const MOST: usize = 100;
const LONGEST: usize = 4096;

/// The cookies of one account.
pub(super) struct Jar {
    kept: Kept,
    file: PathBuf,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// A digest of the account in the config: cookies of another are not used.
    of: String,
    cookies: Vec<Cookie>,
    /// When the password was tried, so that many starts in a row bring no captcha.
    #[serde(default)]
    tries: Vec<DateTime<Utc>>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// It is also for the hosts below its domain.
    below: bool,
    path: String,
    secure: bool,
    /// Without an end it lives until somebody takes it away: a session of the bot is one that never closes its browser.
    until: Option<DateTime<Utc>>,
}

impl Jar {
    /// The jar in this file, which need not be there yet; empty when its cookies are not those of the account that
    /// `account` tells apart from all others.
    pub fn open(file: PathBuf, account: &[&str]) -> Jar {
        let mut digest = Sha256::new();
        for part in account {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        let of = digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let kept = fs::read(&file).ok();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let kept = kept.filter(|kept| kept.of == of);
        Jar {
            kept: kept.unwrap_or(Kept {
                of,
                cookies: Vec::new(),
                tries: Vec::new(),
            }),
            file,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.kept.cookies.is_empty()
    }

    pub fn clear(&mut self) {
        self.kept.cookies.clear();
    }

    /// The password is being tried.
    pub fn tried(&mut self, now: DateTime<Utc>, within: TimeDelta) {
        self.kept.tries.retain(|tried| now - *tried < within);
        self.kept.tries.push(now);
    }

    /// When it may be tried again, where it was tried `most` times or more within this time.
    pub fn spent(
        &self,
        most: usize,
        within: TimeDelta,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let tries = self.kept.tries.iter();
        let late: Vec<_> = tries.filter(|tried| now - **tried < within).collect();
        let first = late.len().checked_sub(most)?;
        Some(*late[first] + within)
    }

    /// Takes cookies as a browser sends them: `acct=…; prov=…`, for the site and the chat.
    pub fn import(&mut self, cookies: &str, site: &Url, chat: &Url) {
        let hosts = [site, chat].map(|url| url.host_str().unwrap_or_default());
        let places = match shared(hosts[0], hosts[1]) {
            Some(domain) => vec![(domain, true)],
            None => hosts.iter().map(|host| (*host, false)).collect(),
        };
        for pair in cookies.split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else {
                continue;
            };
            for (domain, below) in &places {
                self.put(Cookie {
                    name: name.trim().into(),
                    value: value.trim().into(),
                    domain: (*domain).into(),
                    below: *below,
                    path: "/".into(),
                    secure: site.scheme() == "https",
                    until: None,
                });
            }
        }
    }

    /// What is sent to an address: `name=value; …`; none where there is nothing.
    pub fn header(&self, url: &Url, now: DateTime<Utc>) -> Option<String> {
        let fitting = self
            .kept
            .cookies
            .iter()
            .filter(|cookie| cookie.goes_to(url, now));
        let pairs: Vec<String> = fitting
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The account's own cookie is there for an address.
    pub fn has_account(&self, url: &Url, now: DateTime<Utc>) -> bool {
        let mut all = self.kept.cookies.iter();
        all.any(|cookie| cookie.name == ACCOUNT && cookie.goes_to(url, now))
    }

    /// Takes what an answer from `url` sets; says whether anything is different now.
    pub fn take<'a>(
        &mut self,
        url: &Url,
        set: impl Iterator<Item = &'a str>,
        now: DateTime<Utc>,
    ) -> bool {
        let mut changed = false;
        for line in set.filter(|line| line.len() <= LONGEST) {
            let Some(cookie) = Cookie::read(line, url, now) else {
                continue;
            };
            changed |= match cookie.lives(now) {
                true => self.put(cookie),
                false => self.remove(|known| known.is_same(&cookie)),
            };
        }
        changed
    }

    /// Writes the file, which nobody else may read; a file that is there already is replaced as a whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(&self.kept)?;
        let mut fresh = self.file.clone().into_os_string();
        fresh.push(".new");
        let fresh = Path::new(&fresh);
        let mut options = fs::OpenOptions::new();
        // What a crash has left there may be readable for others.
        match fs::remove_file(fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        drop(file);
        fs::rename(fresh, &self.file)
    }

    fn put(&mut self, cookie: Cookie) -> bool {
        let cookies = &mut self.kept.cookies;
        if cookies.contains(&cookie) {
            return false;
        }
        let account = cookie.name == ACCOUNT;
        self.remove(|known| {
            let meets =
                covers(&known.domain, &cookie.domain) || covers(&cookie.domain, &known.domain);
            known.is_same(&cookie) || (account && known.name == ACCOUNT && meets)
        });
        if self.kept.cookies.len() == MOST {
            let oldest = self
                .kept
                .cookies
                .iter()
                .position(|known| known.name != ACCOUNT);
            self.kept.cookies.remove(oldest.unwrap_or(0));
        }
        self.kept.cookies.push(cookie);
        true
    }

    fn remove(&mut self, which: impl Fn(&Cookie) -> bool) -> bool {
        let before = self.kept.cookies.len();
        self.kept.cookies.retain(|cookie| !which(cookie));
        self.kept.cookies.len() < before
    }
}

impl Cookie {
    /// Reads a `Set-Cookie` header; none when this host may not set it.
    fn read(line: &str, url: &Url, now: DateTime<Utc>) -> Option<Cookie> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let host = url.host_str()?;
        let mut cookie = Cookie {
            name: name.trim().into(),
            value: value.trim().into(),
            domain: host.into(),
            below: false,
            path: "/".into(),
            secure: false,
            until: None,
        };
        let mut counted = false;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" => {
                    let domain = value.trim_start_matches('.').to_ascii_lowercase();
                    if domain.is_empty() || domain == host {
                        continue;
                    }
                    // A whole country's hosts share nothing.
                    if !covers(&domain, host) || !domain.contains('.') {
                        return None;
                    }
                    cookie.domain = domain;
                    cookie.below = true;
                }
                "path" if value.starts_with('/') => cookie.path = value.into(),
                "secure" => cookie.secure = true,
                "max-age" => {
                    let seconds: i64 = value.parse().ok()?;
                    let life = TimeDelta::try_seconds(seconds.clamp(-1, 400 * 86_400))?;
                    cookie.until = Some(now + life);
                    counted = true;
                }
                "expires" if !counted => {
                    let date = DateTime::parse_from_rfc2822(&value.replace('-', " "));
                    cookie.until = date.ok().map(|date| date.to_utc());
                }
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some(cookie)
    }

    fn lives(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    fn goes_to(&self, url: &Url, now: DateTime<Utc>) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let its = match self.below {
            true => covers(&self.domain, host),
            false => self.domain == host,
        };
        let below = url
            .path()
            .strip_prefix(self.path.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        its && below && self.lives(now) && (!self.secure || url.scheme() == "https")
    }

    fn is_same(&self, other: &Cookie) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }
}

/// A host is a domain, or lies below it.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The domain above two different hosts, if it is more than the last label.
fn shared<'a>(one: &'a str, other: &str) -> Option<&'a str> {
    if one == other {
        return None;
    }
    let begins = one.match_indices('.').map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(begins)
        .map(|at| &one[at..])
        .find(|domain| domain.contains('.') && covers(domain, other))
        .filter(|domain| domain.parse::<std::net::IpAddr>().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://meta.stackexchange.com/users/login";
    const CHAT: &str = "https://chat.stackexchange.com/rooms/1";

    fn jar() -> Jar {
        Jar::open(PathBuf::from("/nowhere/at/all"), &["a"])
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn now() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn sent(jar: &Jar, to: &str) -> String {
        jar.header(&url(to), now()).unwrap_or_default()
    }

    fn set(jar: &mut Jar, from: &str, line: &str) -> bool {
        jar.take(&url(from), std::iter::once(line), now())
    }

    #[test]
    fn cookies_go_where_they_belong_byte_for_byte() {
        let mut jar = jar();
        let acct = "acct=t=a%2fb%3d&s=C%2F; domain=.stackexchange.com; path=/; secure; HttpOnly";
        assert!(set(&mut jar, SITE, acct));
        assert!(!set(&mut jar, SITE, acct), "it is the same");
        assert!(set(&mut jar, CHAT, "sechatusr=x; path=/"));
        assert_eq!(sent(&jar, CHAT), "acct=t=a%2fb%3d&s=C%2F; sechatusr=x");
        assert_eq!(sent(&jar, SITE), "acct=t=a%2fb%3d&s=C%2F");
        assert_eq!(
            sent(&jar, "http://chat.stackexchange.com/"),
            "sechatusr=x",
            "it is not secure"
        );
        assert_eq!(sent(&jar, "https://stackoverflow.com/"), "");
        assert_eq!(sent(&jar, "https://evilstackexchange.com/"), "");
        assert!(jar.has_account(&url(SITE), now()));
    }

    #[test]
    fn nobody_sets_what_is_not_his() {
        let mut jar = jar();
        for line in [
            "a=1; domain=stackoverflow.com",
            "a=1; domain=com",
            "a=1; domain=evil.chat.stackexchange.com",
            "=1",
            "nothing",
            "",
        ] {
            assert!(!set(&mut jar, CHAT, line), "{line}");
        }
        assert!(jar.is_empty());
    }

    #[test]
    fn there_is_one_account() {
        let mut jar = jar();
        set(&mut jar, CHAT, "acct=old; path=/");
        set(&mut jar, SITE, "acct=new; domain=stackexchange.com; path=/");
        assert_eq!(sent(&jar, CHAT), "acct=new");
        set(&mut jar, "https://stackoverflow.com/", "acct=other");
        assert_eq!(sent(&jar, CHAT), "acct=new");
    }

    #[test]
    fn cookies_end() {
        let mut jar = jar();
        set(&mut jar, CHAT, "a=1; max-age=60");
        set(&mut jar, CHAT, "b=1; expires=Thu, 01-Jan-2026 00:01:00 GMT");
        set(
            &mut jar,
            CHAT,
            "c=1; expires=Thu, 01 Jan 2026 00:01:00 GMT; max-age=0",
        );
        assert_eq!(sent(&jar, CHAT), "a=1; b=1");
        let later = now() + TimeDelta::seconds(60);
        assert_eq!(jar.header(&url(CHAT), later), None);
        assert!(set(
            &mut jar,
            CHAT,
            "a=; expires=Thu, 01 Jan 1970 00:00:00 GMT"
        ));
        assert_eq!(sent(&jar, CHAT), "b=1");
    }

    #[test]
    fn a_browsers_cookies_are_for_the_site_and_the_chat() {
        let mut jar = jar();
        jar.import(
            "acct=t=1&s=2; prov=3;chatusr = 4 ; x",
            &url(SITE),
            &url(CHAT),
        );
        assert_eq!(sent(&jar, CHAT), "acct=t=1&s=2; prov=3; chatusr=4");
        assert_eq!(sent(&jar, SITE), "acct=t=1&s=2; prov=3; chatusr=4");
        assert_eq!(sent(&jar, "https://stackoverflow.com/"), "");
        let local = url("http://127.0.0.1:9002/");
        jar.import("acct=5", &local, &local);
        assert_eq!(sent(&jar, "http://127.0.0.1:9002/"), "acct=5");
    }

    #[test]
    fn a_domain_is_shared_by_more_than_its_last_label() {
        assert_eq!(
            shared("meta.stackexchange.com", "chat.stackexchange.com"),
            Some("stackexchange.com")
        );
        assert_eq!(
            shared("stackoverflow.com", "chat.stackoverflow.com"),
            Some("stackoverflow.com")
        );
        assert_eq!(shared("a.com", "b.com"), None);
        assert_eq!(shared("127.0.0.1", "127.0.1.1"), None);
    }

    #[test]
    fn the_file_is_of_one_account_and_of_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chat.cookies");
        let mut jar = Jar::open(file.clone(), &["ann", "chat"]);
        set(&mut jar, CHAT, "acct=1");
        jar.tried(now(), TimeDelta::hours(1));
        jar.save().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let again = Jar::open(file.clone(), &["ann", "chat"]);
        assert_eq!(sent(&again, CHAT), "acct=1");
        assert!(again.spent(1, TimeDelta::hours(1), now()).is_some());
        assert!(Jar::open(file.clone(), &["annc", "hat"]).is_empty());
        fs::write(&file, "rubbish").unwrap();
        assert!(Jar::open(file, &["ann", "chat"]).is_empty());
    }
}
